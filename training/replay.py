"""Replays requests through the whole chain, as serving would answer them, and checks every answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from core.algorithms.next_video.bundle import Bundle
from core.algorithms.next_video.catalogue import Catalogue
from core.algorithms.next_video.chain import Limits, decide
from core.algorithms.next_video.numbering.corrections import read_corrections
from core.algorithms.next_video.request import Click, History, Request, View
from core.algorithms.next_video.rules import load_rules
from core.domain import DEVICE_CLASSES
from core.errors import StageError
from core.settings import Settings
from training.datasets.interactions import Interactions, training_plays
from training.rule_checks import RuleChecks

_SEED = 7
_HISTORY_LENGTH = 30
_REPORTED = 20


@dataclass(frozen=True)
class ReplayResult:
    """How many answers were checked, and what they broke."""

    request_count: int
    breaks: Sequence[str]


def replay(settings: Settings, bundle: Bundle, as_of: datetime) -> ReplayResult:
    """Answer requests about videos of every kind, with histories of real devices, and check them at ``as_of``.

    Raises:
        StageError: there is no catalogue.
    """
    if not settings.paths.catalogue.exists():
        raise StageError(f"gates: {settings.paths.catalogue} is missing; run ingestion first")
    table = pq.read_table(settings.paths.catalogue)
    rules = load_rules(settings.config / "next_video" / "rules.yaml")
    catalogue = Catalogue.from_table(table, rules, read_corrections(settings.paths.series_corrections))
    limits = Limits.of(settings)
    checks = RuleChecks(
        numbered_rows(table, catalogue),
        rules,
        as_of.astimezone(UTC).replace(tzinfo=None),
        settings.next_video.view_min_seconds,
    )
    plays = training_plays(settings.paths, as_of, settings.next_video.window_days)
    requests = _requests(table.to_pylist(), plays, settings.gates.replay_requests, as_of)
    breaks: list[str] = []
    for request in requests:
        model = bundle.for_class(request.device_class)
        decision = decide(catalogue, rules, request, model, as_of, limits, settings.next_video.blend)
        breaks.extend(checks.broken(request, decision))
    return ReplayResult(len(requests), breaks[:_REPORTED] if len(breaks) > _REPORTED else breaks)


def numbered_rows(table: pa.Table, catalogue: Catalogue) -> list[dict[str, Any]]:
    """Catalogue entries with the numbers that the resolver gives: NV-1 and NV-R4 are held to these (NV-K1)."""
    rows: list[dict[str, Any]] = table.to_pylist()
    for row, known in catalogue.numbers.resolved.items():
        rows[row] |= {"season": known.season, "episode": known.episode}
    return rows


def _requests(rows: Sequence[Any], plays: Interactions, count: int, as_of: datetime) -> list[Request]:
    """Currents spread over genres and serial and single videos, histories in turn: views, clicks, bookmarks, none."""
    rng = np.random.default_rng(_SEED)
    videos = [row for row in rows if row["kind"] == "video"]
    if not videos:
        raise StageError("gates: the catalogue holds no video")
    kinds: dict[tuple[Any, ...], list[Any]] = {}
    for row in videos:
        kinds.setdefault((row["genre"], row["audience"], row["series_id"] is None), []).append(row)
    groups = [kinds[key] for key in sorted(kinds, key=str)]
    requests = []
    for number in range(count):
        group = groups[number % len(groups)]
        current = group[int(rng.integers(len(group)))]
        device_class = DEVICE_CLASSES[number % len(DEVICE_CLASSES)]
        limit = 10 if number % 3 else 100
        requests.append(
            Request(current["content_id"], device_class, limit, _history(number, rng, plays, videos, as_of))
        )
    return requests


def _history(
    number: int, rng: np.random.Generator, plays: Interactions, videos: Sequence[Any], as_of: datetime
) -> History:
    kind = (number // len(DEVICE_CLASSES)) % 4
    if kind == 3 or (kind != 2 and len(plays) == 0):
        return History()
    if kind == 2:
        series = sorted({row["series_id"] for row in videos if row["series_id"] is not None})
        return History(bookmarks=[series[int(rng.integers(len(series)))]] if series else [])
    user = int(plays.user[int(rng.integers(len(plays)))])
    items = plays.item[plays.starts[user] : plays.starts[user + 1]][-_HISTORY_LENGTH:]
    entries = [
        (plays.items[int(item)], as_of - timedelta(hours=len(items) - place)) for place, item in enumerate(items)
    ]
    if kind == 1:
        return History(clicks=[Click(content_id, at) for content_id, at in entries])
    return History(views=[View(content_id, float(rng.integers(1, 3000)), at) for content_id, at in entries])
