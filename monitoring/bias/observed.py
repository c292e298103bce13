"""What the measures look at: the offer, what everybody watched, and what was recommended to whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

import numpy as np
import numpy.typing as npt

from core.contracts import exports
from core.settings import Settings
from core.storage import connect
from monitoring.replay import Answer

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
NONE = "-"


@dataclass(frozen=True)
class Content:
    """All videos of the catalogue, one position each."""

    ids: tuple[str, ...]
    genre: tuple[str, ...]
    collection: tuple[str, ...]
    labels: tuple[frozenset[str], ...]
    """Genre and categories together: what a video is about."""
    age_days: Floats
    """Since publication, at the time of the report."""
    is_offered: Flags
    """Playable and available at the time of the report (NV-C1): the stock."""
    is_trainable: Flags
    """NV-T3"""
    play_count: Floats
    """Plays in the window, everybody's (NV-T3 counts them so)."""
    watched_age_days: Floats
    """Ages at the day of watching, one entry per content and day of the window."""
    watched_count: Floats
    """Plays behind each of them."""

    @cached_property
    def position(self) -> dict[str, int]:
        return {content_id: place for place, content_id in enumerate(self.ids)}


@dataclass(frozen=True)
class Observed:
    """Recommendations as positions in ``content``; ``items`` and ``histories`` go together, one a request."""

    content: Content
    items: tuple[Rows, ...]
    """Best first; only regular answers."""
    histories: tuple[Rows, ...]
    """What was played before; empty where nobody knows."""

    @cached_property
    def flat(self) -> Rows:
        """All impressions, request after request."""
        return np.concatenate(self.items) if self.items else np.empty(0, dtype=np.int64)

    @cached_property
    def request_of(self) -> Rows:
        """The request of each impression."""
        return np.repeat(np.arange(len(self.items)), [len(each) for each in self.items])

    @cached_property
    def shown(self) -> Floats:
        """(requests, videos) how often each video was shown in each request."""
        matrix = np.zeros((len(self.items), len(self.content.ids)))
        np.add.at(matrix, (self.request_of, self.flat), 1.0)
        return matrix


def observe(content: Content, answers: Sequence[Answer]) -> Observed:
    """Keep the regular answers; ids that the catalogue export does not know are left out."""
    regular = [answer for answer in answers if answer.case == "regular"]
    return Observed(
        content,
        tuple(_positions(content, answer.items) for answer in regular),
        tuple(_positions(content, answer.history) for answer in regular),
    )


def _positions(content: Content, ids: Sequence[str]) -> Rows:
    return np.array([content.position[each] for each in ids if each in content.position], dtype=np.int64)


def read_content(settings: Settings, as_of: datetime) -> Content:
    """Read the catalogue, its plays and their ages from the exports."""
    end = as_of.astimezone(UTC).replace(tzinfo=None)
    start = end - timedelta(days=settings.next_video.window_days)
    paths = settings.paths
    with connect(memory_limit_megabytes=1000) as duck:
        for model in (exports.DIM_CONTENT, exports.FEAT_CONTENT_COUNTS, exports.FCT_CONTENT_DAYS):
            duck.execute(f"create view {model} as from read_parquet('{paths.export(model)}')")
        videos = duck.execute(
            f"""
            select content_id, coalesce(genre, '{NONE}') as genre, coalesce(collection, '{NONE}') as collection,
                categories, coalesce(date_diff('minute', published_at, $end) / 1440.0, 'nan'::double) as age_days,
                coalesce(is_playable and published_at <= $end and coalesce(available_from <= $end, true)
                    and coalesce(available_until > $end, true), false) as is_offered,
                coalesce(is_trainable, false) as is_trainable, coalesce(play_count, 0)::double as play_count
            from {exports.DIM_CONTENT} left join {exports.FEAT_CONTENT_COUNTS} using (content_id)
            where kind = 'video' order by content_id
            """,
            {"end": end},
        ).fetchall()
        days = duck.execute(
            f"""
            select
                greatest(0, date_diff('minute', published_at, day::timestamp + interval 12 hour) / 1440.0) as age_days,
                sum(days.play_count)::double as play_count
            from {exports.FCT_CONTENT_DAYS} as days inner join {exports.DIM_CONTENT} using (content_id)
            where kind = 'video' and published_at is not null and day >= $start::date and day < $end
            group by content_id, published_at, day having sum(days.play_count) > 0 order by all
            """,
            {"start": start, "end": end},
        ).fetchall()
    columns = list(zip(*videos, strict=True)) if videos else [()] * 8
    return Content(
        ids=tuple(columns[0]),
        genre=tuple(columns[1]),
        collection=tuple(columns[2]),
        labels=tuple(frozenset([genre, *(labels or ())]) for genre, labels in zip(columns[1], columns[3], strict=True)),
        age_days=np.array(columns[4], dtype=np.float64),
        is_offered=np.array(columns[5], dtype=bool),
        is_trainable=np.array(columns[6], dtype=bool),
        play_count=np.array(columns[7], dtype=np.float64),
        watched_age_days=np.array([row[0] for row in days], dtype=np.float64),
        watched_count=np.array([row[1] for row in days], dtype=np.float64),
    )
