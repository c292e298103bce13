"""Yesterday's requests under changed rules: what an editor would change before it goes live (OPS-3)."""

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pyarrow.parquet as pq
from threadpoolctl import threadpool_limits

from core.algorithms.next_video.bundle import Bundle, ClassModel
from core.algorithms.next_video.catalogue import Catalogue
from core.algorithms.next_video.chain import Ranks, decide
from core.algorithms.next_video.numbering.corrections import read_corrections
from core.algorithms.next_video.ranking import genre_codes, taste_scores
from core.algorithms.next_video.request import UnknownVideoError
from core.algorithms.next_video.rule_change import About, RuleChange
from core.algorithms.next_video.rules import Rules, load_rules
from core.contracts.exports import GENRES_WITH_TASTE
from core.contracts.lake import CATALOGUE
from core.errors import UserError
from core.settings import Settings
from serving.next_video.past_requests import PastRequest, past_requests
from serving.next_video.volume_estimate import VolumeEstimate, estimate_volume
from serving.registry import ChampionSource

_CHUNK = 2000


@dataclass(frozen=True)
class Preview:
    """What the changed rules would have done, and what is known of the viewing volume."""

    since: datetime
    until: datetime
    change: RuleChange
    volume: VolumeEstimate | None
    titles: dict[str, str]


@dataclass(frozen=True)
class _World:
    """All that deciding needs; handed to worker processes by forking."""

    rules: tuple[Rules, Rules]
    catalogues: tuple[Catalogue, Catalogue]
    bundle: Bundle | None


def preview(
    settings: Settings, champions: ChampionSource, changed: Rules, until: datetime, limit: int, workers: int = 1
) -> Preview:
    """Answer the requests of the 24 hours before ``until`` under the rules of now and under changed ones.

    Both sides use today's catalogue and champion, so that nothing differs but the rules. Of more than ``limit``
    requests those with the lowest ids are taken, which are drawn at random.

    Raises:
        UserError: there is no catalogue, or no request was recorded in that time.
    """
    if not settings.paths.catalogue.exists():
        raise UserError(f"catalogue: {settings.paths.catalogue} is missing; run `mediathek ingest --source DIR` first")
    since = until - timedelta(days=1)
    past = past_requests(settings.paths, since, until, limit)
    if not past:
        raise UserError(f"requests: none is recorded between {since:%Y-%m-%d %H:%M} and {until:%Y-%m-%d %H:%M} UTC")
    world = _world(settings, champions, changed)
    change = RuleChange()
    with threadpool_limits(1):  # the arrays are small: threads of BLAS would only wait for each other
        for part in _answered(world, past, workers):
            change.merge(part)
    volume = estimate_volume(settings, past, change.unchanged_ids)
    return Preview(since, until, change, volume, _titles(world.catalogues[0], change))


def _world(settings: Settings, champions: ChampionSource, changed: Rules) -> _World:
    table = pq.read_table(settings.paths.catalogue, columns=CATALOGUE.names, partitioning=None)
    corrections = read_corrections(settings.paths.series_corrections)
    rules = (load_rules(settings.config / "next_video" / "rules.yaml"), changed)
    before, after = (Catalogue.from_table(table, each, corrections) for each in rules)
    champion = champions.latest()
    return _World(rules, (before, after), Bundle.load(champion.folder) if champion else None)


_shared: list[tuple[_World, Sequence[PastRequest]]] = []
"""What forked workers inherit: catalogues and bundles are too large to be sent to them."""


def _answered(world: _World, past: Sequence[PastRequest], workers: int) -> Iterator[RuleChange]:
    starts = range(0, len(past), _CHUNK)
    if workers < 2 or len(starts) < 2:
        yield from (_answer_part(world, past[start : start + _CHUNK]) for start in starts)
        return
    _shared.append((world, past))
    try:
        with ProcessPoolExecutor(workers, multiprocessing.get_context("fork")) as pool:
            yield from pool.map(_answer_shared, starts)
    finally:
        _shared.pop()


def _answer_shared(start: int) -> RuleChange:
    world, past = _shared[-1]
    return _answer_part(world, past[start : start + _CHUNK])


def _answer_part(world: _World, past: Sequence[PastRequest]) -> RuleChange:
    result, about, ranks = RuleChange(), About(world.catalogues[0]), Ranks()
    codes: dict[str, Any] = {}
    tails: dict[str, frozenset[str]] = {"": frozenset()}
    for each in (packed.unpacked() for packed in past):
        model = _model(world.bundle, each.request.device_class)
        taste = None
        if each.taste is not None and model is not None:
            if model.name not in codes:
                codes[model.name] = genre_codes(world.catalogues[0].genres_of(model.vocabulary), GENRES_WITH_TASTE)
            taste = taste_scores(each.taste, codes[model.name], GENRES_WITH_TASTE)
        try:
            before, after = (
                decide(
                    catalogue, rules, each.request, model, each.decided_at, each.limits, each.blend, taste, ranks=ranks
                )
                for catalogue, rules in zip(world.catalogues, world.rules, strict=True)
            )
        except UnknownVideoError:  # it has left the catalogue since
            continue
        name = model.name if model is not None else ""
        if model is not None and name not in tails:
            tails[name] = _tail(model, world.rules[1].ranking.long_tail.most_played)
        result.add(each, before, after, about, tails[name])
    return result


def _tail(model: ClassModel, most_played: float) -> frozenset[str]:
    """What the model knows and few have played; both sides are counted by the changed rules' bound."""
    return frozenset(
        content_id
        for content_id, place in zip(model.vocabulary, model.popularity_place, strict=True)
        if place >= most_played
    )


def _model(bundle: Bundle | None, device_class: str) -> ClassModel | None:
    try:
        return bundle.for_class(device_class) if bundle is not None else None
    except KeyError:
        return None


def _titles(catalogue: Catalogue, change: RuleChange) -> dict[str, str]:
    shown = {each for example in change.examples for each in (example.current, *example.before, *example.after)}
    return {each: catalogue.entry(catalogue.row_of[each])["title"] for each in shown}
