"""NV-M2: experiments' files are taken up while the server runs; a broken one is refused and the last good one goes on."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core.errors import UserError
from serving.experiments_source import ExperimentsSource

WITHIN = datetime(2026, 5, 1, 12, tzinfo=UTC)
GOOD = """
name: {name}
version: {version}
use_case: next-video
owner: somebody
hypothesis: more is more
start: 2026-04-01T00:00:00Z
end: {end}
primary_metric: viewing_volume
traffic: {{from: {first}, to: {last}}}
arms:
  - {{name: {name}_control, share: 0.5}}
  - {{name: {name}_new, share: 0.5, blend: {{sequence: 0.2, similarity: 0.8, taste: 0.0}}}}
"""


def write(folder: Path, name: str, **changes: Any) -> Path:
    file = folder / f"{name}.yaml"
    values = {"name": name, "version": 1, "end": "2026-06-01T00:00:00Z", "first": 0.0, "last": 0.5} | changes
    aside = folder / f"{name}.tmp"
    aside.write_text(GOOD.format(**values))
    aside.replace(file)
    return file


def names(source: ExperimentsSource) -> list[tuple[str, int]]:
    source.refresh()
    return [(each.name, each.version) for each in source.experiments]


def test_new_changed_and_removed_files_are_taken_up(tmp_path: Path) -> None:
    source = ExperimentsSource(tmp_path)
    assert names(source) == []
    file = write(tmp_path, "one")
    assert names(source) == [("one", 1)]
    write(tmp_path, "one", version=2)
    assert names(source) == [("one", 2)]
    file.unlink()
    assert names(source) == []


def test_a_broken_file_is_refused_and_its_last_good_reading_goes_on(tmp_path: Path) -> None:
    file = write(tmp_path, "one")
    source = ExperimentsSource(tmp_path)
    file.write_text("name: [")
    assert names(source) == [("one", 1)]
    assert "is no YAML" in source.errors[0]
    write(tmp_path, "one", version=3)
    assert names(source) == [("one", 3)]
    assert source.errors == ()


def test_a_mistake_in_one_file_keeps_nobody_from_stopping_another(tmp_path: Path) -> None:
    one, _ = write(tmp_path, "one"), write(tmp_path, "two", first=0.5, last=1.0)
    source = ExperimentsSource(tmp_path)
    assert {each.name for each in source.running(WITHIN)} == {"one", "two"}
    one.write_text("owner: nobody")
    write(tmp_path, "two", first=0.5, last=1.0, end="2026-04-30T00:00:00Z")
    source.refresh()
    assert {each.name for each in source.running(WITHIN)} == {"one"}


def test_what_would_share_units_is_refused_until_there_is_room(tmp_path: Path) -> None:
    write(tmp_path, "one")
    source = ExperimentsSource(tmp_path)
    write(tmp_path, "two", first=0.4, last=1.0)
    assert names(source) == [("one", 1)]
    assert "overlap" in source.errors[0]
    write(tmp_path, "one", last=0.4)
    assert names(source) == [("one", 1), ("two", 1)]
    assert source.errors == ()


def test_a_broken_file_at_the_start_is_a_clear_message(tmp_path: Path) -> None:
    write(tmp_path, "one", first=0.5, last=0.1)
    with pytest.raises(UserError, match="traffic: to must be larger than from"):
        ExperimentsSource(tmp_path)


def test_a_file_swapped_within_the_same_second_and_size_is_noticed(tmp_path: Path) -> None:
    file = write(tmp_path, "one")
    source = ExperimentsSource(tmp_path)
    before = file.stat()
    write(tmp_path, "one", version=2)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert names(source) == [("one", 2)]


def test_a_running_server_assigns_by_the_changed_file(world: Any, tmp_path: Path) -> None:
    """Through the route: nobody, then everybody in the experiment, then, with a broken file, still everybody."""
    folder = tmp_path / "config" / "experiments"
    folder.mkdir(parents=True)
    rules = world.settings.config / "next_video"
    (tmp_path / "config" / "next_video").symlink_to(rules)
    (tmp_path / "config" / "ad_decision").symlink_to(world.settings.config / "ad_decision")
    world.settings = world.settings.model_copy(update={"config": tmp_path / "config"})
    with world.client() as client:
        source = client.app.state.experiments
        ask = {"current": "film-1", "device_class": "tv", "unit": "somebody"}
        assert client.post("/api/v1/next-video", json=ask).json()["experiment"] is None
        file = write(folder, "one", last=1.0)
        source.refresh()  # the poller does the same every second
        answer = client.post("/api/v1/next-video", json=ask).json()["experiment"]
        assert answer["name"] == "one"
        assert client.get("/api/v1/experiments").json()[0]["traffic"] == {"from": 0.0, "to": 1.0}
        file.write_text("name: [")
        source.refresh()
        assert client.post("/api/v1/next-video", json=ask).json()["experiment"] == answer
