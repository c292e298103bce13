"""Real devices' last requests, answered again by the champion at one time: the same chain and rules as in serving.

One request a device: the video it played last is the current one, what it played before in the window is the history
sent. Only devices with consent are in the playbacks read here (PRV-2).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow.parquet as pq

from core.algorithms.next_video.bundle import Bundle, ClassModel
from core.algorithms.next_video.catalogue import Catalogue
from core.algorithms.next_video.chain import Limits, decide
from core.algorithms.next_video.numbering.corrections import read_corrections
from core.algorithms.next_video.ranking import genre_codes, taste_scores
from core.algorithms.next_video.request import History, Request, UnknownVideoError, View
from core.algorithms.next_video.rules import Rules, load_rules
from core.contracts import exports
from core.settings import Settings
from core.storage import connect

LIMIT = 10


@dataclass(frozen=True)
class Answer:
    """One replayed request and what came of it."""

    device_class: str
    current: str
    history: tuple[str, ...]
    """What was played before, oldest first."""
    case: str
    reason: str | None
    items: tuple[str, ...]
    """Best first."""


@dataclass(frozen=True)
class _Viewer:
    device_key: str
    device_class: Any
    views: Sequence[View]
    """Oldest first; the last one is the current video."""


def replay(settings: Settings, bundle: Bundle, as_of: datetime) -> list[Answer]:
    """Answer one request for each of at most ``settings.monitoring.replay_requests`` devices, drawn by their key."""
    rules = load_rules(settings.config / "next_video" / "rules.yaml")
    corrections = read_corrections(settings.paths.series_corrections)
    catalogue = Catalogue.from_table(pq.read_table(settings.paths.catalogue), rules, corrections)
    viewers = _viewers(settings, as_of)
    tastes = _Tastes(settings, catalogue, as_of)
    found = (_answer(settings, catalogue, rules, bundle, tastes, viewer, as_of) for viewer in viewers)
    return [answer for answer in found if answer is not None]


def _answer(
    settings: Settings,
    catalogue: Catalogue,
    rules: Rules,
    bundle: Bundle,
    tastes: "_Tastes",
    viewer: _Viewer,
    as_of: datetime,
) -> Answer | None:
    *earlier, last = viewer.views
    model = bundle.for_class(viewer.device_class)
    request = Request(last.content_id, viewer.device_class, LIMIT, History(views=earlier))
    try:
        decision = decide(
            catalogue,
            rules,
            request,
            model,
            as_of,
            Limits.of(settings),
            settings.next_video.blend,
            tastes.scores(viewer.device_key, model),
        )
    except UnknownVideoError:  # played once, but no longer in the catalogue
        return None
    return Answer(
        device_class=viewer.device_class,
        current=last.content_id,
        history=tuple(view.content_id for view in viewer.views),
        case=decision.case,
        reason=decision.reason,
        items=tuple(item.content_id for item in decision.items),
    )


def _viewers(settings: Settings, as_of: datetime) -> list[_Viewer]:
    """Devices with at least one playback in the window; the draw is the same at every run."""
    end = as_of.astimezone(UTC).replace(tzinfo=None)
    with connect(memory_limit_megabytes=1000) as duck:
        rows = duck.execute(
            f"""
            with playbacks as (
                select device_key, device_class, content_id, watched_s, started_at
                from read_parquet('{settings.paths.export(exports.FCT_PLAYBACKS)}')
                where started_at >= $start and started_at < $end and device_key is not null
            ),
            drawn as (
                select device_key from playbacks group by device_key order by hash(device_key), device_key limit $count
            )
            select device_key, last(device_class order by started_at, content_id),
                list(
                    {{'content_id': content_id, 'watched_s': watched_s, 'at': started_at}}
                    order by started_at, content_id
                )
            from playbacks inner join drawn using (device_key)
            group by device_key order by device_key
            """,
            {
                "start": end - timedelta(days=settings.next_video.window_days),
                "end": end,
                "count": settings.monitoring.replay_requests,
            },
        ).fetchall()
    return [
        _Viewer(key, device_class, [View(v["content_id"], v["watched_s"], v["at"].replace(tzinfo=UTC)) for v in views])
        for key, device_class, views in rows
    ]


class _Tastes:
    """What the newest features say about a device's taste by genre, as serving reads it."""

    def __init__(self, settings: Settings, catalogue: Catalogue, as_of: datetime) -> None:
        genres = catalogue.table["genre"].to_pylist()
        self._genre_of = dict(zip(catalogue.ids, genres, strict=True))
        self._codes: dict[str, Any] = {}
        self._taste_of = _newest_tastes(settings, as_of)

    def scores(self, device_key: str, model: ClassModel) -> Any:
        taste = self._taste_of.get(device_key)
        if taste is None:
            return None
        if model.name not in self._codes:
            genres = [self._genre_of.get(content_id) for content_id in model.vocabulary]
            self._codes[model.name] = genre_codes(genres, exports.GENRES_WITH_TASTE)
        return taste_scores(taste, self._codes[model.name], exports.GENRES_WITH_TASTE)


def _newest_tastes(settings: Settings, as_of: datetime) -> Mapping[str, Mapping[str, float]]:
    file = settings.paths.export(exports.FEAT_DEVICE)
    if not file.exists():
        return {}
    columns = ", ".join(f"taste_{genre}" for genre in exports.GENRES_WITH_TASTE)
    with connect(memory_limit_megabytes=500) as duck:
        rows = duck.execute(
            f"""
            select device_key, {columns} from read_parquet('{file}') where event_timestamp <= $as_of
            qualify row_number() over (partition by device_key order by event_timestamp desc) = 1
            """,
            {"as_of": as_of.astimezone(UTC).replace(tzinfo=None)},
        ).fetchall()
    return {key: dict(zip(exports.GENRES_WITH_TASTE, shares, strict=True)) for key, *shares in rows}
