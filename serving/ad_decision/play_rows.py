"""Plays as rows: the same columns in every store of caps; times are microseconds since 1970."""

from datetime import UTC, datetime, timedelta
from typing import Any

from core.algorithms.ads.plays import Play

COLUMNS = (
    "play_id, spot_id, creative, campaign_id, at, break_id, slot, state, start_by, device, device_class, content_id"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def row_of(play: Play) -> tuple[Any, ...]:
    return (
        play.play_id, play.spot_id, play.creative, play.campaign_id, micros(play.at), play.break_id, play.slot,
        play.state, None if play.start_by is None else micros(play.start_by), play.device, play.device_class,
        play.content_id,
    )  # fmt: skip


def play_of(row: tuple[Any, ...]) -> Play:
    play_id, spot_id, creative, campaign_id, at, break_id, slot, state, start_by, device, device_class, content = row
    begun_by = None if start_by is None else instant(start_by)
    return Play(
        play_id, spot_id, creative, campaign_id, instant(at), break_id, slot, state, begun_by, device, device_class,
        content,
    )  # fmt: skip


def micros(at: datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND


def instant(micros: int) -> datetime:
    return _EPOCH + micros * _MICROSECOND
