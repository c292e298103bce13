"""NV-M2: continuous A/B tests. NV-T6: an experiment is a file that people write."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.algorithms.experiments import (
    Experiment,
    assign,
    load_experiment,
    load_experiments,
    position_of,
    read_experiments,
    running,
)
from core.errors import UserError
from core.settings import Settings

GOOD = """
name: {name}
version: {version}
use_case: next-video
owner: somebody
hypothesis: more of it is better
start: {start}
end: {end}
primary_metric: viewing_volume
{more}
arms:
  - {{name: {first}, share: {control}}}
  - {{name: {second}, share: {similar}, blend: {{sequence: 0.2, similarity: 0.8, taste: 0.0}}}}
"""
KNOWN = ["similar"] + ["control"] * 7
JANUARY = datetime(2026, 1, 1, tzinfo=UTC)


def write(folder: Path, name: str = "blend", **changes: Any) -> Path:
    values = {
        "name": name, "version": 1, "start": "2026-01-01T00:00:00Z", "end": "2026-02-01T00:00:00Z",
        "control": 0.8, "similar": 0.2, "more": "", "first": "control", "second": "similar",
    }  # fmt: skip
    file = folder / f"{name}.yaml"
    file.write_text(GOOD.format(**(values | changes)))
    return file


def blend(tmp_path: Path, **changes: Any) -> Experiment:
    return load_experiment(write(tmp_path, **changes))


def test_nv_m2_a_unit_keeps_its_arm_whatever_the_process_or_the_day(tmp_path: Path) -> None:
    experiment = blend(tmp_path)
    # Written out, so that a change of the hash, which would move everybody to another arm, is noticed.
    assert [experiment.arm_of(f"unit-{number}").name for number in range(8)] == KNOWN
    for day in range(31):
        drawn = assign([experiment], "next-video", "unit-1", JANUARY + timedelta(days=day))
        assert drawn is not None
        assert drawn[1].name == KNOWN[1]


def test_nv_m2_arms_get_their_shares(tmp_path: Path) -> None:
    experiment = blend(tmp_path)
    counts = Counter(experiment.arm_of(f"unit-{number}").name for number in range(20_000))
    assert counts["similar"] / 20_000 == pytest.approx(0.2, abs=0.01)
    assert counts.total() == 20_000


def test_nv_m2_two_experiments_and_two_versions_draw_independently(tmp_path: Path) -> None:
    first, second = blend(tmp_path), blend(tmp_path, version=2)
    both = Counter(
        (first.arm_of(f"unit-{number}").name, second.arm_of(f"unit-{number}").name) for number in range(20_000)
    )
    assert both["similar", "similar"] / 20_000 == pytest.approx(0.2 * 0.2, abs=0.006)


def test_positions_are_even_and_depend_on_where_salt_and_unit_meet() -> None:
    positions = [position_of("salt", str(number)) for number in range(10_000)]
    tenths = Counter(int(position * 10) for position in positions)
    assert set(tenths) == set(range(10))
    assert max(tenths.values()) - min(tenths.values()) < 200
    assert position_of("ab", "c") != position_of("a", "bc")


def test_nv_m2_outside_its_time_or_without_a_unit_nobody_is_in_an_experiment(tmp_path: Path) -> None:
    experiment = blend(tmp_path)
    end = datetime(2026, 2, 1, tzinfo=UTC)
    assert assign([experiment], "next-video", "unit-1", JANUARY) is not None
    assert assign([experiment], "next-video", "unit-1", JANUARY - timedelta(seconds=1)) is None
    assert assign([experiment], "next-video", "unit-1", end) is None
    assert assign([experiment], "next-video", None, JANUARY) is None
    assert assign([experiment], "next-video", "", JANUARY) is None
    assert running([experiment], "households", JANUARY) == ()


def test_nv_t4_an_arm_carries_its_blend_and_the_control_none(tmp_path: Path) -> None:
    control, similar = blend(tmp_path).arms
    assert control.blend is None
    assert similar.blend is not None
    assert similar.blend.similarity == 0.8


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"similar": 0.3}, "shares must sum to 1, not 1.1"),
        ({"end": "2026-01-01T00:00:00Z"}, "end must lie after start"),
        ({"start": "2026-01-01T00:00:00"}, "start: "),
        ({"version": 0}, "version: "),
        ({"control": 0, "similar": 1}, "arms.0.share: "),
        ({"more": "traffic: {from: 0.5, to: 0.2}"}, "traffic: to must be larger than from"),
        ({"more": "eligible: {device_classes: [toaster]}"}, "eligible.device_classes: name one or more of tv"),
        ({"more": "stopped: 2025-12-31T00:00:00Z"}, "stopped must not lie before start"),
        (
            {"more": "ramp: [{at: 2026-01-01T00:00:00Z, share: 0.5}, {at: 2026-01-09T00:00:00Z, share: 0.1}]"},
            "ramp: steps must follow in time and never shrink",
        ),
        ({"more": "ramp: [{at: 2026-01-02T00:00:00Z, share: 0.5}]"}, "the first step must not lie after start"),
        ({"more": "guardrails: [{metric: coverage, limit: 1}, {metric: coverage, limit: 0}]"}, "each metric may stand"),
        ({"more": "colour: blue"}, "colour: there is no such field; see docs/editors.md"),
    ],
)
def test_a_wrong_file_is_named_with_its_field(tmp_path: Path, changes: dict[str, object], message: str) -> None:
    with pytest.raises(UserError, match="experiments: ") as caught:
        blend(tmp_path, **changes)
    assert message in str(caught.value)
    assert "blend.yaml" in str(caught.value)


def test_a_file_that_is_no_yaml_or_has_another_name_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("name: [")
    with pytest.raises(UserError, match="is no YAML"):
        load_experiment(tmp_path / "broken.yaml")
    write(tmp_path, "other").rename(tmp_path / "renamed.yaml")
    with pytest.raises(UserError, match="must be the file's name 'renamed'"):
        load_experiment(tmp_path / "renamed.yaml")


def test_nv_m2_two_experiments_of_one_use_case_never_overlap(tmp_path: Path) -> None:
    write(tmp_path, "first")
    write(tmp_path, "second", start="2026-02-01T00:00:00Z", end="2026-03-01T00:00:00Z")
    assert [each.name for each in load_experiments(tmp_path)] == ["first", "second"]
    write(tmp_path, "third", start="2026-02-20T00:00:00Z", end="2026-04-01T00:00:00Z")
    with pytest.raises(UserError, match="'second' and 'third' overlap"):
        load_experiments(tmp_path)


def test_nv_m2_experiments_of_one_layer_share_its_units_and_never_one_unit(tmp_path: Path) -> None:
    names = {"first": "low_control", "second": "low_similar"}
    write(tmp_path, "lower", more="traffic: {from: 0.0, to: 0.3}", **names)
    write(tmp_path, "upper", more="traffic: {from: 0.3, to: 0.5}")
    both = load_experiments(tmp_path)
    drawn = Counter(
        found[0].name if (found := assign(both, "next-video", f"unit-{number}", JANUARY)) else "none"
        for number in range(20_000)
    )
    assert drawn["lower"] / 20_000 == pytest.approx(0.3, abs=0.01)
    assert drawn["upper"] / 20_000 == pytest.approx(0.2, abs=0.01)
    assert drawn["none"] / 20_000 == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"more": "traffic: {from: 0.2, to: 1.0}"}, "overlap; end one before the other starts, or give each a part"),
        ({"more": "traffic: {from: 0.5, to: 1.0}"}, "both have an arm 'control'"),
        ({"more": "layer: another\ntraffic: {from: 0.5, to: 1.0}"}, "drawn apart (layer 'next_video' and 'another')"),
    ],
)
def test_nv_m2_what_would_share_units_or_names_is_refused_with_a_remedy(
    tmp_path: Path, changes: dict[str, str], message: str
) -> None:
    write(tmp_path, "lower", more="traffic: {from: 0.0, to: 0.5}")
    write(tmp_path, "upper", **changes)
    with pytest.raises(UserError) as caught:
        load_experiments(tmp_path)
    assert message in str(caught.value)
    sound, wrong = read_experiments(tmp_path)
    assert [each.name for each in sound] == ["lower"]
    assert message in wrong[0]


def test_nv_m2_a_ramp_only_adds_units_and_moves_nobody(tmp_path: Path) -> None:
    ramp = "ramp: [{at: 2026-01-01T00:00:00Z, share: 0.1}, {at: 2026-01-08T00:00:00Z, share: 0.6}]"
    experiment = blend(tmp_path, more=ramp)
    units = [f"unit-{number}" for number in range(10_000)]
    first = {unit for unit in units if experiment.takes(unit, JANUARY)}
    later = {unit for unit in units if experiment.takes(unit, JANUARY + timedelta(days=7))}
    assert len(first) / 10_000 == pytest.approx(0.1, abs=0.01)
    assert len(later) / 10_000 == pytest.approx(0.6, abs=0.02)
    assert first < later
    arms = Counter(experiment.arm_of(unit).name for unit in first)
    assert arms["similar"] / len(first) == pytest.approx(0.2, abs=0.04)  # who is in says nothing of the arm


def test_nv_m2_only_the_eligible_take_part(tmp_path: Path) -> None:
    experiment = blend(tmp_path, more="eligible: {device_classes: [tv, tablet], units: device}")
    device = "d_" + "0" * 24
    assert experiment.takes(device, JANUARY, "tv")
    assert not experiment.takes(device, JANUARY, "smartphone")
    assert not experiment.takes("u_" + "0" * 24, JANUARY, "tv")


def test_nv_m2_a_stopped_experiment_takes_nobody_and_makes_room(tmp_path: Path) -> None:
    write(tmp_path, "first", more="stopped: 2026-01-10T00:00:00Z")
    write(tmp_path, "second", start="2026-01-10T00:00:00Z", end="2026-03-01T00:00:00Z")
    first, second = load_experiments(tmp_path)
    assert first.ends_at == datetime(2026, 1, 10, tzinfo=UTC)
    assert not first.is_running(first.ends_at)
    assert running((first, second), "next-video", first.ends_at) == (second,)


def test_the_project_s_own_experiments_are_sound(settings: Settings) -> None:
    names = {each.name for each in load_experiments(settings.config / "experiments")}
    assert "next_video_blend" in names
