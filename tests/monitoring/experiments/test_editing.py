"""NV-M2: starting and stopping is one command, by people, and leaves the rest of the file alone."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.algorithms.experiments import load_experiment
from core.errors import UserError
from monitoring.experiments.editing import start, stop

TEXT = """# Why we do this.
name: blend
version: 3          # a new one draws anew
use_case: next-video
owner: somebody
hypothesis: more is more
start: 2026-05-01T00:00:00Z   # a Friday
end: 2026-05-29T00:00:00Z
primary_metric: viewing_volume
arms:
  - {name: control, share: 0.5}   # as it is
  - {name: treatment, share: 0.5}
"""
WITHIN = datetime(2026, 5, 10, 8, 30, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "blend.yaml").write_text(TEXT)
    return tmp_path


def test_stop_ends_it_then_and_keeps_every_other_line(folder: Path) -> None:
    stopped = stop(folder, "blend", WITHIN)
    assert stopped.ends_at == WITHIN
    assert not load_experiment(folder / "blend.yaml").is_running(WITHIN)
    lines = (folder / "blend.yaml").read_text().splitlines()
    assert [line for line in lines if line not in TEXT.splitlines()] == ["stopped: 2026-05-10T08:30:00Z"]
    assert len(lines) == len(TEXT.splitlines()) + 1


def test_start_lets_it_run_again_as_a_new_version_for_as_long_as_before(folder: Path) -> None:
    stop(folder, "blend", WITHIN)
    again = start(folder, "blend", WITHIN + timedelta(days=1))
    assert (again.version, again.stopped) == (4, None)
    assert again.end - again.start == timedelta(days=28)
    text = (folder / "blend.yaml").read_text()
    assert "version: 4          # a new one draws anew" in text
    assert "start: 2026-05-11T08:30:00Z   # a Friday" in text
    assert start(folder, "blend", again.end + timedelta(days=1), days=7).version == 5


def test_one_that_never_ran_keeps_its_version(folder: Path) -> None:
    assert start(folder, "blend", datetime(2026, 4, 1, tzinfo=UTC), days=14).version == 3


@pytest.mark.parametrize(
    ("command", "at", "message"),
    [
        (stop, datetime(2026, 4, 1, tzinfo=UTC), "has not begun; delete"),
        (stop, datetime(2026, 6, 1, tzinfo=UTC), "is over since 2026-05-29"),
        (start, WITHIN, "runs already, until 2026-05-29"),
    ],
)
def test_what_makes_no_sense_is_said_and_changes_nothing(
    folder: Path, command: object, at: datetime, message: str
) -> None:
    with pytest.raises(UserError, match=message):
        command(folder, "blend", at)  # type: ignore[operator]
    assert (folder / "blend.yaml").read_text() == TEXT


def test_starting_beside_another_that_takes_all_units_is_refused(folder: Path) -> None:
    other = TEXT.replace("blend", "other").replace("2026-05", "2026-07").replace("2026-05-29", "2026-07-29")
    (folder / "other.yaml").write_text(other)
    with pytest.raises(UserError, match="overlap"):
        start(folder, "blend", datetime(2026, 7, 5, tzinfo=UTC))
    assert (folder / "blend.yaml").read_text() == TEXT


def test_an_unknown_one_is_named_with_those_there_are(folder: Path) -> None:
    with pytest.raises(UserError, match="'nope' is unknown; there is: blend"):
        stop(folder, "nope", WITHIN)


def test_times_in_a_ramp_are_for_people_to_set(folder: Path) -> None:
    ramp = "ramp: [{at: 2026-05-01T00:00:00Z, share: 0.1}]\narms:"
    (folder / "blend.yaml").write_text(TEXT.replace("arms:", ramp))
    with pytest.raises(UserError, match="ramp: its times are written down"):
        start(folder, "blend", datetime(2026, 6, 1, tzinfo=UTC))
