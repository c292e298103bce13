"""Past answers: found by their id, computed again bit for bit, explained in plain words (PRV-4 says how long)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import pyarrow.parquet as pq

from core.algorithms.next_video.bundle import Bundle, BundleError, ClassModel
from core.algorithms.next_video.catalogue import Catalogue
from core.algorithms.next_video.chain import Limits, decide
from core.algorithms.next_video.decision import Decision
from core.algorithms.next_video.history import used_history
from core.algorithms.next_video.numbering.corrections import read_corrections
from core.algorithms.next_video.ranking import genre_codes, taste_scores
from core.algorithms.next_video.recorded import recorded
from core.algorithms.next_video.request import Request
from core.algorithms.next_video.rules import load_rules
from core.algorithms.next_video.why import Why, why
from core.contracts.exports import GENRES_WITH_TASTE
from core.contracts.lake import CATALOGUE
from core.paths import Paths
from core.settings import Settings
from core.storage import connect
from serving.next_video import snapshots
from serving.registry import ChampionSource


class CannotReplayError(Exception):
    """The answer is known but cannot be computed again; one readable line says why."""


@dataclass(frozen=True)
class Replayed:
    """A past answer and the same once more."""

    record: dict[str, Any]
    decision: Decision
    why: list[Why]
    titles: dict[str, str]

    @property
    def is_identical(self) -> bool:
        """Case, reason, items, sources and scores, to the last bit."""
        again = self.decision
        return (
            self.record["case"] == again.case
            and self.record["reason"] == again.reason
            and list(self.record["items"]) == [item.content_id for item in again.items]
            and list(self.record["sources"]) == [item.source for item in again.items]
            and list(self.record["scores"]) == [item.score for item in again.items]
        )


def find(paths: Paths, decision_id: str) -> dict[str, Any] | None:
    """Look a decision up, first in the log of the last hours, then in the lake; None where it is not (any more)."""
    return _in_log(paths.decision_log, decision_id) or _in_lake(paths.decisions, decision_id)


def replay(settings: Settings, models: "PastModels", record: dict[str, Any]) -> Replayed:
    """Compute a past answer again from its record, its model version and its snapshot.

    Raises:
        CannotReplayError: what it was made from is not kept any more, or was not noted.
    """
    past = recorded(record)
    if past is None or past.basis is None:
        raise CannotReplayError("the record does not tell what the answer was made from")
    folder = settings.paths.snapshots / past.basis
    if not folder.is_dir():
        raise CannotReplayError(f"snapshot {past.basis} of catalogue and rules is not kept any more")
    rules = load_rules(folder / snapshots.RULES)
    table = pq.read_table(folder / snapshots.CATALOGUE, columns=CATALOGUE.names, partitioning=None)
    catalogue = Catalogue.from_table(table, rules, read_corrections(folder / snapshots.CORRECTIONS))
    model = models.of(record.get("model_version"), past.request.device_class)
    taste = None
    if past.taste is not None and model is not None:
        codes = genre_codes(catalogue.genres_of(model.vocabulary), GENRES_WITH_TASTE)
        taste = taste_scores(past.taste, codes, GENRES_WITH_TASTE)
    decision = decide(catalogue, rules, past.request, model, past.decided_at, past.limits, past.blend, taste)
    reasons = reasons_for(catalogue, model, past.request, decision, past.decided_at, past.limits)
    return Replayed(record, decision, reasons, _titles(catalogue, reasons, decision))


def reasons_for(
    catalogue: Catalogue,
    model: ClassModel | None,
    request: Request,
    decision: Decision,
    decided_at: datetime,
    limits: Limits,
) -> list[Why]:
    """What spoke for each item of an answer."""
    history = used_history(catalogue, request.history, decided_at, limits.view_min_seconds, limits.max_history)
    return why(catalogue, model, request.current, history, decision)


class PastModels:
    """Bundles of any version that is still kept; the last few stay in memory."""

    def __init__(self, champions: ChampionSource, kept: int = 2) -> None:
        self._champions = champions
        self._kept = kept
        self._bundles: dict[str, Bundle] = {}

    def of(self, version: str | None, device_class: str) -> ClassModel | None:
        """The model that answered; None where none was asked.

        Raises:
            CannotReplayError: the version is not kept any more, or does not load.
        """
        if version is None:
            return None
        if version not in self._bundles:
            champion = self._champions.version(version)
            if champion is None:
                raise CannotReplayError(f"model version {version} is not kept any more")
            while len(self._bundles) >= self._kept:
                self._bundles.pop(next(iter(self._bundles)))
            try:
                self._bundles[version] = Bundle.load(champion.folder)
            except BundleError as error:
                raise CannotReplayError(f"model version {version} does not load: {error}") from None
        try:
            return self._bundles[version].for_class(device_class)
        except KeyError:
            return None


def _titles(catalogue: Catalogue, reasons: list[Why], decision: Decision) -> dict[str, str]:
    wanted = {item.content_id for item in decision.items} | {each for why_ in reasons for each in why_.content_ids}
    return {each: catalogue.entry(catalogue.row_of[each])["title"] for each in wanted if each in catalogue.row_of}


def _in_log(folder: Path, decision_id: str) -> dict[str, Any] | None:
    for line in _lines_with(folder, decision_id.encode()):
        try:
            record: dict[str, Any] = orjson.loads(line)
        except orjson.JSONDecodeError:  # a line that is being written
            continue
        if record.get("decision_id") == decision_id:
            return record
    return None


def _lines_with(folder: Path, wanted: bytes) -> Iterator[bytes]:
    for file in sorted(folder.glob("hour=*/*.jsonl"), reverse=True):
        content = file.read_bytes()
        at = content.find(wanted)
        if at >= 0:
            yield content[content.rfind(b"\n", 0, at) + 1 :].split(b"\n", 1)[0]


def _in_lake(folder: Path, decision_id: str) -> dict[str, Any] | None:
    files = [str(file) for file in folder.glob("hour=*/*.parquet")]
    if not files:
        return None
    with connect() as connection:
        connection.read_parquet(files, union_by_name=True).create_view("decisions")
        query = "select * from decisions where decision_id = $wanted"
        found = connection.execute(query, {"wanted": decision_id}).to_arrow_table().to_pylist()
    return found[0] if found else None
