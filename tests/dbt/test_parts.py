"""Exports that grow with the log are daily parts: a build writes the days that have changed and no others."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from core import warehouse
from core.contracts import exports
from core.settings import Settings
from tests.dbt.conftest import NOON, Lake, all_exports, at, play, rows_of

pytestmark = pytest.mark.slow
Home = Callable[[str], Settings]


def _parts(settings: Settings, model: str) -> dict[str, int]:
    """The day of each part, and the file behind it."""
    return {part.name[:10]: part.stat().st_ino for part in settings.paths.export(model).iterdir()}


def _changed(before: dict[str, int], after: dict[str, int]) -> set[str]:
    return {day for day, file in after.items() if before.get(day) != file}


def _fill(lake: Lake) -> None:
    for day in range(20, 31):
        lake.add_events(1, *play(f"p{day}", at(f"2026-05-{day} 10:00"), device_key=f"d{day}"))


def test_only_the_days_that_late_events_reach_are_written_again(small_lake: Lake, another_home: Home) -> None:
    settings = small_lake.settings
    _fill(small_lake)
    warehouse.build(settings, NOON)
    before = {model: _parts(settings, model) for model in exports.PARTED_BY}

    small_lake.add_events(2, *play("late", at("2026-05-25 23:00"), device_key="d25"))
    later = NOON + timedelta(hours=1)
    assert warehouse.build(settings, later).mode == "incremental"

    after = {model: _parts(settings, model) for model in exports.PARTED_BY}
    for model in (exports.FCT_PLAYBACKS, exports.FCT_SESSIONS, exports.FCT_CONTENT_DAYS):
        assert _changed(before[model], after[model]) == {"2026-05-25"}, model
    assert _changed(before[exports.FEAT_DEVICE], after[exports.FEAT_DEVICE]) == {"2026-05-26"}
    anew = another_home("anew")
    small_lake.copy_to(anew)
    assert warehouse.build(anew, later).mode == "full"
    assert all_exports(settings) == all_exports(anew)


def test_an_export_of_which_nothing_has_changed_is_not_written_again(small_lake: Lake) -> None:
    """The window has moved on and nothing has come in: the same folder, not one that looks the same."""
    settings = small_lake.settings
    _fill(small_lake)
    warehouse.build(settings, NOON)
    before = {model: settings.paths.export(model).resolve() for model in exports.PARTED_BY}
    small_lake.add_events(2, *play("nobody", at("2026-05-25 23:00"), has_personalisation_consent=False))

    warehouse.build(settings, NOON + timedelta(hours=1))

    after = {model: settings.paths.export(model).resolve() for model in exports.PARTED_BY}
    assert {model for model in before if before[model] != after[model]} == {exports.FCT_CONTENT_DAYS}


def test_a_reader_that_has_begun_finds_the_parts_of_the_last_build_and_erasure_leaves_none(small_lake: Lake) -> None:
    """PRV-3, PRV-4: a full build, as retention and erasure lead to, takes the old parts away at once."""
    settings = small_lake.settings
    _fill(small_lake)
    warehouse.build(settings, NOON)
    begun = sorted(settings.paths.export(exports.FCT_PLAYBACKS).resolve().iterdir())

    small_lake.add_events(2, *play("late", at("2026-05-25 23:00")))
    warehouse.build(settings, NOON + timedelta(hours=1))
    assert all(part.exists() for part in begun)

    for file in (settings.paths.events / "hour=2026-05-20T10").iterdir():
        file.unlink()
    assert warehouse.build(settings, NOON + timedelta(hours=1)).mode == "full"
    assert not any(part.exists() for part in begun if part.name.startswith("2026-05-20"))
    everywhere = (settings.paths.exports / "parts" / exports.FCT_PLAYBACKS).rglob("2026-05-20*")
    assert list(everywhere) == []
    assert rows_of(settings, exports.FCT_PLAYBACKS, "from rows where device_key = 'd20'") == []


def test_what_a_killed_export_left_is_swept_and_a_lost_part_is_written_again(small_lake: Lake) -> None:
    settings = small_lake.settings
    _fill(small_lake)
    warehouse.build(settings, NOON)
    good = all_exports(settings)
    parts = settings.paths.exports / "parts" / exports.FCT_PLAYBACKS
    half = parts / "000002"
    (half / "aside" / "part_day=2026-05-20").mkdir(parents=True)
    (half / "2026-05-21-1-0-0.parquet").write_bytes(b"half")
    link: Path = settings.paths.exports / f".{exports.FCT_PLAYBACKS}.parquet.link.tmp"
    link.symlink_to("parts")
    next(settings.paths.export(exports.FCT_PLAYBACKS).glob("2026-05-22*")).unlink()

    warehouse.build(settings, NOON, full_refresh=True)

    assert all_exports(settings) == good
    assert [folder.name for folder in parts.iterdir()] == ["000002"]
    assert not link.is_symlink()
