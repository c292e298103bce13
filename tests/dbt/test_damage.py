"""The DuckDB file is disposable: damaged, truncated or half-built, the lake gives it back (anchors: keeping data)."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from core import warehouse
from core.errors import StageError
from core.settings import Settings, child_environment
from core.warehouse import Builder
from core.warehouse.lock import exclusive
from tests.dbt.conftest import NOON, Lake, all_exports, at, play, video

pytestmark = pytest.mark.slow
Home = Callable[[str], Settings]


def _fill(lake: Lake) -> None:
    lake.set_catalogue(video("v1"), video("v2"))
    for hour in range(6):
        lake.add_events(1, *play(f"p{hour}", at(f"2026-05-30 1{hour}:00"), content_id=f"v{hour % 3}"))


def test_a_truncated_database_is_told_in_one_line_and_built_anew(
    small_lake: Lake, caplog: pytest.LogCaptureFixture
) -> None:
    _fill(small_lake)
    file = small_lake.settings.paths.warehouse
    warehouse.build(small_lake.settings, NOON)
    before = all_exports(small_lake.settings)
    os.truncate(file, file.stat().st_size // 2)
    caplog.set_level("INFO", logger="mediathek")

    small_lake.add_events(2, *play("one_more", at("2026-05-30 20:00")))
    report = warehouse.build(small_lake.settings, NOON)

    assert report.mode == "full"
    (line,) = [record.message for record in caplog.records if "is damaged (" in record.message]
    assert "\n" not in line
    after = all_exports(small_lake.settings)
    assert len(after["fct_playbacks"]) == len(before["fct_playbacks"]) + 1


def test_a_database_overwritten_with_noise_is_rebuilt_by_one_command(small_lake: Lake) -> None:
    _fill(small_lake)
    settings = small_lake.settings
    warehouse.build(settings, NOON)
    before = all_exports(settings)
    settings.paths.warehouse.write_bytes(b"\0" * 5000)

    done = subprocess.run(
        [sys.executable, "-m", "mediathek", "rebuild", "--as-of", "2026-05-31T12:00:00Z", "--json"],
        env=child_environment(settings), capture_output=True, text=True,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert '"mode": "full"' in done.stdout
    assert all_exports(settings) == before


@pytest.mark.parametrize("delay_seconds", [1.2, 2.2, 3.2])
def test_a_build_killed_at_any_moment_and_run_again_gives_the_same_tables(
    small_lake: Lake, another_home: Home, delay_seconds: float
) -> None:
    _fill(small_lake)
    settings = small_lake.settings
    warehouse.build(settings, NOON)
    small_lake.add_events(2, *play("late", at("2026-05-30 10:20")))
    command = [sys.executable, "-m", "mediathek", "build", "--as-of", "2026-05-31T13:00:00Z"]
    build = subprocess.Popen(
        command, env=child_environment(settings), stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    time.sleep(delay_seconds)
    build.send_signal(signal.SIGKILL)
    build.wait()

    as_of = NOON.replace(hour=13)
    warehouse.build(settings, as_of)

    undisturbed = another_home("undisturbed")
    small_lake.copy_to(undisturbed)
    warehouse.build(undisturbed, as_of)
    assert all_exports(settings) == all_exports(undisturbed)
    assert [file.name for file in settings.paths.exports.iterdir() if file.name.endswith(".tmp")] == []


def test_a_dbt_process_that_is_killed_is_one_readable_line(small_lake: Lake) -> None:
    _fill(small_lake)
    with Builder(small_lake.settings) as builder:
        builder.wait_until_loaded()
        os.kill(builder.process_id, signal.SIGKILL)
        with pytest.raises(StageError, match=r"^warehouse: dbt's process ended with signal 9"):
            warehouse.build(small_lake.settings, NOON, builder=builder)
    assert warehouse.build(small_lake.settings, NOON).mode == "full"


def test_a_second_build_at_once_is_told_who_is_building(settings: Settings) -> None:
    told = pytest.raises(StageError, match=rf"another build is running \(process {os.getpid()}\)")
    with exclusive(settings.paths), told, exclusive(settings.paths, wait_seconds=0.2):
        pytest.fail("two builds at once")


def test_a_failing_node_is_named_and_the_exports_stay_as_they_were(small_lake: Lake) -> None:
    _fill(small_lake)
    settings = small_lake.settings
    warehouse.build(settings, NOON)
    before = all_exports(settings)
    small_lake.set_catalogue(video("v1"), video("v1", title="twice"))

    with pytest.raises(StageError, match=r"content_id") as failure:
        warehouse.build(settings, NOON)

    assert "\n" not in str(failure.value)
    assert all_exports(settings) == before
    small_lake.set_catalogue(video("v1"), video("v2"))
    assert warehouse.build(settings, NOON).reason == "the last build did not end"
    assert all_exports(settings) == before


def test_lake_file_that_is_no_parquet_is_named(small_lake: Lake) -> None:
    _fill(small_lake)
    folder = small_lake.settings.paths.events / "hour=2026-05-30T10"
    (folder / "000000000009.parquet").write_bytes(b"half a file")
    with pytest.raises(StageError, match=r"000000000009\.parquet"):
        warehouse.build(small_lake.settings, NOON)


def test_documentation_is_one_page_that_loads_nothing_from_a_network(small_lake: Lake) -> None:
    """OPS-1: dbt docs are built and linked; no CDN."""
    warehouse.build(small_lake.settings, NOON)
    page: Path = warehouse.docs(small_lake.settings)
    text = page.read_text()
    assert "One row per play that training may use" in text
    for loading in (
        'src="http',
        "src='http",
        'src="//',
        'rel="stylesheet" href="http',
        "@import url(http",
        "url(//",
        "url(http",
    ):
        assert loading not in text, loading
