"""NV-M2: who is a unit, what counts for it, and the guardrails, from a small lake of events and decisions."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.algorithms.experiments import Experiment
from core.contracts import exports
from core.contracts.lake import DECISIONS
from core.settings import Settings
from monitoring.experiments.guardrails import guardrail_figures
from monitoring.experiments.units import Units, read_units

pytestmark = pytest.mark.slow  # tea-tasting takes a while to import
START = datetime(2026, 5, 1)
END = datetime(2026, 5, 29, tzinfo=UTC)
NOON = datetime(2026, 5, 2, 12)


def experiment(**changes: Any) -> Experiment:
    arms = [{"name": "control", "share": 0.5}, {"name": "treatment", "share": 0.5}]
    return Experiment.model_validate(
        {
            "name": "blend", "version": 1, "use_case": "next-video", "owner": "me", "hypothesis": "more",
            "start": "2026-05-01T00:00:00Z", "end": "2026-05-29T00:00:00Z", "primary_metric": "viewing_volume",
            "arms": arms,
        } | changes
    )  # fmt: skip


def decision(number: int, unit: str, arm: str, **changes: Any) -> dict[str, Any]:
    values: dict[str, Any] = dict.fromkeys(DECISIONS.names) | {
        "decision_id": f"{number:032x}", "decided_at": NOON, "route": "next-video", "case": "regular",
        "current": "v001", "device_class": "tv", "unit_key": unit, "experiment": "blend", "arm": arm,
        "items": ["v002"], "latency_ms": 2.0, "batch_id": 1,
    }  # fmt: skip
    return values | changes


def write_decisions(settings: Settings, rows: list[dict[str, Any]]) -> None:
    folder = settings.paths.decisions / "hour=2026-05-02T12"
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows, schema=DECISIONS), folder / "1.parquet")


def arm_and_unit(number: int, marts: Any) -> tuple[str, str]:
    unit = marts.key(number)
    return experiment().arm_of(unit).name, unit


def view(lake: Any, marts: Any, number: int, **changes: Any) -> dict[str, Any]:
    """A report of a device with consent, so that its decisions may be followed up."""
    values = {"happened_at": NOON, "device_key": marts.key(number), "playback_id": f"p{number}"} | changes
    row: dict[str, Any] = lake.event(number, **values)
    return row


def read(settings: Settings, each: Experiment | None = None) -> Units:
    return read_units(settings, each or experiment(), END)


def test_a_decision_makes_a_unit_where_the_log_knows_its_consent(lake: Any, marts: Any, settings: Settings) -> None:
    """PRV-2: what serving decided for a device without consent is followed up for nobody."""
    drawn = [arm_and_unit(number, marts) for number in range(3)]
    write_decisions(settings, [decision(place, unit, arm) for place, (arm, unit) in enumerate(drawn)])
    seen = [view(lake, marts, 0), view(lake, marts, 1), view(lake, marts, 2, has_personalisation_consent=False)]
    lake.write_lake(settings.paths, seen)
    played = [
        marts.playback(number, device_key=marts.key(number), watched_s=100.0, started_at=NOON + timedelta(hours=1))
        for number in range(3)
    ]
    marts.write_exports(settings.paths, {exports.FCT_PLAYBACKS: played})
    units = read(settings)
    assert units.count == 2
    assert units.played_s.tolist() == [100.0, 100.0]
    assert units.misassigned_count == 0


def test_a_unit_in_another_arm_than_the_file_gives_it_is_counted(lake: Any, marts: Any, settings: Settings) -> None:
    arm, unit = arm_and_unit(0, marts)
    other = {"control": "treatment", "treatment": "control"}[arm]
    write_decisions(settings, [decision(0, unit, other)])
    lake.write_lake(settings.paths, [view(lake, marts, 0)])
    marts.write_exports(settings.paths, {exports.FCT_PLAYBACKS: [marts.playback(0, device_key=unit)]})
    assert read(settings).misassigned_count == 1


def test_viewing_volume_counts_within_the_stated_hours_and_whatever_was_played(
    lake: Any, marts: Any, settings: Settings
) -> None:
    shown = [
        view(lake, marts, 0, event="recommendation", use_case="next-video", arm="control", items=["v1"]),
        view(lake, marts, 900, event="recommendation", use_case="next-video", arm="control", items=["v7"],
             device_key=marts.key(0), happened_at=NOON + timedelta(days=3)),
    ]  # fmt: skip
    lake.write_lake(settings.paths, shown)
    times = {
        "before": (-timedelta(days=2), "v9", 1.0),
        "shown": (timedelta(hours=1), "v1", 10.0),
        "other": (timedelta(hours=2), "v9", 100.0),
        "too late": (timedelta(hours=30), "v1", 1000.0),
        "second": (timedelta(days=3, hours=1), "v7", 10_000.0),
    }
    played = [
        marts.playback(place, device_key=marts.key(0), content_id=content, watched_s=seconds, started_at=NOON + after)
        for place, (after, content, seconds) in enumerate(times.values())
    ]
    marts.write_exports(settings.paths, {exports.FCT_PLAYBACKS: played})
    units = read(settings)
    assert sorted(units.played_s) == [10.0, 100.0, 10_000.0]
    assert units.overall_s.tolist() == [11_110.0]
    assert units.followed_s.tolist() == [10_010.0]
    assert units.shown_count.tolist() == [2.0]
    assert units.pace.tolist() == [pytest.approx(1 / 30)]
    assert sorted(read(settings, experiment(attribution_hours=48)).played_s) == [10.0, 100.0, 1000.0, 10_000.0]


def test_an_experiment_by_login_follows_it_over_its_devices(lake: Any, marts: Any, settings: Settings) -> None:
    login = "u_" + "0" * 24
    arm = experiment().arm_of(login).name
    write_decisions(settings, [decision(0, login, arm)])
    seen = [view(lake, marts, 0, user_key=login), view(lake, marts, 1, user_key=login), view(lake, marts, 2)]
    lake.write_lake(settings.paths, seen)
    played = [
        marts.playback(number, device_key=marts.key(number), playback_id=f"p{number}", watched_s=10.0**number,
                       started_at=NOON + timedelta(hours=1))
        for number in range(3)
    ]  # fmt: skip
    marts.write_exports(settings.paths, {exports.FCT_PLAYBACKS: played})
    units = read(settings)
    assert units.count == 1
    assert sorted(units.played_s) == [1.0, 10.0]


def guarded(settings: Settings, lake: Any, marts: Any, rows: list[dict[str, Any]], **changes: Any) -> dict[str, Any]:
    write_decisions(settings, rows)
    lake.write_lake(settings.paths, [view(lake, marts, 0)])
    content = [marts.content(number, is_kids=number % 10 == 0) for number in range(60)]
    marts.write_exports(settings.paths, {exports.FCT_PLAYBACKS: [marts.playback(0)], exports.DIM_CONTENT: content})
    each = experiment(**changes)
    found = guardrail_figures(settings, each, read_units(settings, each, END), END)
    return {figure.metric: figure for figure in found}


def answers(marts: Any, count: int, hidden: dict[str, float], spread: dict[str, int]) -> list[dict[str, Any]]:
    """Ten answers a unit; ``hidden`` shares and how many different videos are shown, by arm."""
    rng = np.random.default_rng(7)
    rows = []
    for number in range(count):
        arm, unit = arm_and_unit(number // 10, marts)
        is_hidden = rng.random() < hidden[arm]
        items = [] if is_hidden else [f"v{1 + rng.integers(spread[arm]):03d}"]
        rows.append(
            decision(number, unit, arm, case="hidden" if is_hidden else "regular", items=items,
                     latency_ms=float(rng.gamma(2, 1)))
        )  # fmt: skip
    return rows


def test_guardrails_hold_where_nothing_got_worse(lake: Any, marts: Any, settings: Settings) -> None:
    same = answers(marts, 20_000, {"control": 0.1, "treatment": 0.1}, {"control": 50, "treatment": 50})
    loose = [{"metric": "hidden_share", "limit": 0.05}, {"metric": "p99_ms", "limit": 50},
             {"metric": "coverage", "limit": 0.05}, {"metric": "kids_rule", "limit": 0}]  # fmt: skip
    found = guarded(settings, lake, marts, same, guardrails=loose)
    assert {name: figure.status for name, figure in found.items()} == {
        "hidden_share": "holds", "p99_ms": "holds", "coverage": "holds", "kids_rule": "unknown",
    }  # fmt: skip
    assert found["p99_ms"].low < found["p99_ms"].value < found["p99_ms"].high < 10


def test_guardrails_break_where_it_is_beyond_chance(lake: Any, marts: Any, settings: Settings) -> None:
    worse = answers(marts, 20_000, {"control": 0.1, "treatment": 0.3}, {"control": 50, "treatment": 20})
    unit = next(unit for arm, unit in (arm_and_unit(number, marts) for number in range(9)) if arm == "treatment")
    slow = [decision(90_000 + number, unit, "treatment", latency_ms=500.0) for number in range(1000)]
    kids = [decision(99_999, unit, "treatment", current="v010", items=["v020", "v021"])]
    found = guarded(settings, lake, marts, [*worse, *slow, *kids])
    assert {name: figure.status for name, figure in found.items()} == {
        "hidden_share": "broken", "p99_ms": "broken", "coverage": "broken", "kids_rule": "broken",
        "overall_volume": "unknown",
    }  # fmt: skip
    assert found["hidden_share"].low > 0.01
    assert found["kids_rule"].value == 1
    assert found["coverage"].value == pytest.approx(-0.5, abs=0.05)


def test_without_decisions_guardrails_are_unknown_and_not_green(
    lake: Any, marts: Any, settings: Settings, tmp_path: Path
) -> None:
    lake.write_lake(settings.paths, [view(lake, marts, 0)])
    marts.write_exports(settings.paths, {exports.FCT_PLAYBACKS: [marts.playback(0)]})
    found = guardrail_figures(settings, experiment(), read(settings), END)
    assert {figure.status for figure in found} == {"unknown"}
