"""NV-T1: 30 days of plays, a set per device class, none of a later time."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from core.errors import StageError
from core.settings import Settings
from training.datasets.interactions import training_plays


def play(content_id: str, at: datetime, device_class: str = "tv") -> dict[str, Any]:
    return {
        "device_key": "d_" + "0" * 24,
        "device_class": device_class,
        "content_id": content_id,
        "played_at": at.replace(tzinfo=None),
        "watched_share": 0.5,
    }


def test_nv_t1_the_window_is_thirty_days_before_the_time_of_the_run(
    settings: Settings, as_of: datetime, write_plays: Any
) -> None:
    """The export may be newer than the run (a backfill): later plays are not seen."""
    write_plays(
        [
            play("too-old", as_of - timedelta(days=30, microseconds=1)),
            play("at-the-edge", as_of - timedelta(days=30)),
            play("just-before", as_of - timedelta(microseconds=1)),
            play("of-the-future", as_of),
        ]
    )
    data = training_plays(settings.paths, as_of, settings.next_video.window_days)
    assert data.items == ("at-the-edge", "just-before")


def test_nv_t1_each_device_class_has_its_own_plays(settings: Settings, as_of: datetime, write_plays: Any) -> None:
    write_plays([play("film", as_of - timedelta(days=1)), play("clip", as_of - timedelta(days=1), "smartphone")])
    assert training_plays(settings.paths, as_of, 30, "tv").items == ("film",)
    assert training_plays(settings.paths, as_of, 30).items == ("clip", "film")
    assert len(training_plays(settings.paths, as_of, 30, "desktop")) == 0


def test_a_missing_export_says_what_to_do(settings: Settings, as_of: datetime) -> None:
    with pytest.raises(StageError, match="run the build first"):
        training_plays(settings.paths, as_of, 30)


def test_plays_of_a_class_keep_their_videos_under_the_codes_of_all_classes(
    settings: Settings, as_of: datetime, write_plays: Any
) -> None:
    at = as_of - timedelta(days=1)
    write_plays([play("film", at), play("ad", at), play("clip", at, "smartphone"), play("zoo", at, "smartphone")])
    everybody = training_plays(settings.paths, as_of, 30)
    tv = training_plays(settings.paths, as_of, 30, "tv")
    borrowed = tv.among(everybody.items)
    assert borrowed.items == ("ad", "clip", "film", "zoo")
    assert sorted(borrowed.items[code] for code in borrowed.item) == ["ad", "film"]
    assert borrowed.item_counts.tolist() == [1, 0, 1, 0]
