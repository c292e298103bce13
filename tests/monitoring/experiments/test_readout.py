"""Read-outs (NV-M2): viewing volume a device, the sample-ratio check, and words that claim no more than is known."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.contracts import exports
from core.errors import UserError
from core.settings import Settings
from monitoring.experiments import run
from monitoring.experiments.comparison import sample_ratio
from monitoring.experiments.readout import Readout, find, path, read_out

pytestmark = pytest.mark.slow  # tea-tasting and statsmodels take a while to import
END = datetime(2026, 6, 1, tzinfo=UTC)
YAML = """
name: blend
version: 2
use_case: next-video
owner: somebody
hypothesis: more is more
start: 2026-05-01T00:00:00Z
end: 2026-06-01T00:00:00Z
primary_metric: viewing_volume
arms:
  - {name: control, share: 0.5}
  - {name: treatment, share: 0.5}
"""


@pytest.fixture
def tested(settings: Settings, tmp_path: Path) -> Settings:
    """Settings whose configuration holds one experiment."""
    folder = tmp_path / "config" / "experiments"
    folder.mkdir(parents=True)
    (folder / "blend.yaml").write_text(YAML)
    return settings.model_copy(update={"config": tmp_path / "config"})


def write(
    lake: Any, marts: Any, settings: Settings, control: list[float], treatment: list[float], **extra: Any
) -> None:
    """One device a value: it sees a recommendation of its arm at noon, then plays so many seconds."""
    start = datetime(2026, 5, 2, 12)
    devices = [("control", seconds) for seconds in control] + [("treatment", seconds) for seconds in treatment]
    shown = [
        lake.event(number, event="recommendation", use_case="next-video", arm=arm, items=["v1"], happened_at=start,
                   device_key=marts.key(number), watched_s=None, playback_id=None)
        for number, (arm, _) in enumerate(devices)
    ]  # fmt: skip
    played = [
        marts.playback(number, device_key=marts.key(number), watched_s=seconds, started_at=start + timedelta(hours=1))
        for number, (_, seconds) in enumerate(devices)
    ]
    lake.write_lake(settings.paths, shown + extra.get("shown", []))
    marts.write_exports(settings.paths, {exports.FCT_PLAYBACKS: played + extra.get("played", [])})


def readout(settings: Settings, as_of: datetime = END) -> Readout:
    return read_out(settings, find(settings, "blend"), as_of)


def spread(centre: float, count: int) -> list[float]:
    return [centre + 10 * (number % 11 - 5) for number in range(count)]


def test_nv_m2_more_viewing_volume_is_found_and_said_in_both_languages(lake: Any, marts: Any, tested: Settings) -> None:
    write(lake, marts, tested, spread(1000, 110), spread(1100, 110))
    found = readout(tested)
    assert found.status == "better"
    assert found.contrasts[0].seconds_per_unit.value == pytest.approx(100)
    assert found.contrasts[0].relative.value == pytest.approx(0.1)
    assert "mehr Sehvolumen" in found.verdict_de
    assert "+10,0 %" in found.verdict_de
    assert "more viewing volume" in found.verdict_en
    stored = json.loads(path(tested, "blend").read_text())
    assert [arm["unit_count"] for arm in stored["arms"]] == [110, 110]
    assert stored["arms"][0]["low"] < 1000 < stored["arms"][0]["high"]


def test_less_and_no_difference_are_told_apart(lake: Any, marts: Any, tested: Settings) -> None:
    write(lake, marts, tested, spread(1100, 110), spread(1000, 110))
    assert readout(tested).status == "worse"
    write(lake, marts, tested, spread(1000, 110), spread(1001, 110))
    assert readout(tested).status == "no_difference"


def test_before_its_end_a_test_without_a_clear_difference_has_figures_and_no_verdict(
    lake: Any, marts: Any, tested: Settings
) -> None:
    write(lake, marts, tested, spread(1000, 110), spread(1005, 110))
    found = readout(tested, END - timedelta(days=2))
    assert found.status == "running"
    assert "ohne Entscheidung" in found.verdict_de
    assert "no decision yet" in found.verdict_en
    assert "Ausschließen lassen sich nur Wirkungen über" in found.verdict_de
    assert "can be ruled out, no smaller ones" in found.verdict_en


def test_a_difference_beyond_the_bound_is_a_verdict_before_the_end_and_stays_one(
    lake: Any, marts: Any, tested: Settings
) -> None:
    write(lake, marts, tested, spread(1000, 110), spread(1100, 110))
    early = readout(tested, END - timedelta(days=15))
    assert early.status == "better"
    assert "tends to be overestimated" in early.verdict_en
    assert "Beenden kann den Test nur ein Mensch" in early.verdict_de
    late = readout(tested, END - timedelta(days=1))
    assert late.contrasts[0].decided_at == early.contrasts[0].decided_at
    assert late.contrasts[0].at_decision == early.contrasts[0].at_decision


def test_a_test_that_has_not_begun_says_what_it_could_find(lake: Any, marts: Any, tested: Settings) -> None:
    """NV-M2: the minimum detectable effect, from what was shown and played in the month before."""
    before = timedelta(days=20)
    shown = [
        lake.event(1000 + number, event="recommendation", use_case="next-video", items=["v1"],
                   happened_at=datetime(2026, 5, 2, 12) - before, device_key=marts.key(number), playback_id=None)
        for number in range(200)
    ]  # fmt: skip
    played = [
        marts.playback(1000 + number, device_key=marts.key(number), watched_s=1000 + 10 * (number % 11 - 5),
                       started_at=datetime(2026, 5, 2, 13) - before)
        for number in range(200)
    ]  # fmt: skip
    write(lake, marts, tested, [], [], shown=shown, played=played)
    found = readout(tested, datetime(2026, 4, 30, tzinfo=UTC))
    assert found.status == "planned"
    assert "beginnt am 01.05.2026" in found.verdict_de
    assert sum(found.plan.units) == 200
    assert found.plan.minimum_detectable_effect is not None
    # by hand: (1.96 + 0.84) * sd 31.6 / 1000 * sqrt(4 / 200), and some per cent more for the looks on the way
    assert found.plan.minimum_detectable_effect == pytest.approx(2.8 * 0.0316 * (4 / 200) ** 0.5, rel=0.1)
    assert "Plan: with" in found.notes_en[-1]


def test_a_broken_sample_ratio_blocks_the_verdict_however_large_the_difference(
    lake: Any, marts: Any, tested: Settings
) -> None:
    write(lake, marts, tested, spread(1000, 200), spread(5000, 100))
    found = readout(tested)
    assert found.status == "blocked"
    assert found.sample_ratio.p_value is not None
    assert found.sample_ratio.p_value < 0.001
    assert "200 / 100" in found.verdict_de
    assert "150 / 150" in found.verdict_en


def test_few_devices_are_no_verdict_and_no_data_no_crash(lake: Any, marts: Any, tested: Settings) -> None:
    write(lake, marts, tested, spread(1000, 29), spread(5000, 29))
    assert readout(tested).status == "too_few"
    for file in tested.paths.events.glob("*/*.parquet"):
        file.unlink()
    assert readout(tested).status == "too_few"


def test_what_was_played_before_the_first_recommendation_or_after_the_end_does_not_count(
    lake: Any, marts: Any, tested: Settings
) -> None:
    before = marts.playback(900, device_key=marts.key(0), watched_s=9e5, started_at=datetime(2026, 5, 2, 11, 59))
    after = marts.playback(901, device_key=marts.key(0), watched_s=9e5, started_at=datetime(2026, 6, 1))
    write(lake, marts, tested, spread(1000, 33), spread(1000, 33), played=[before, after])
    assert readout(tested, END + timedelta(days=5)).arms[0].seconds_per_unit == pytest.approx(1000)


def test_a_device_that_saw_both_arms_is_left_out_and_counted(lake: Any, marts: Any, tested: Settings) -> None:
    both = lake.event(
        999, event="recommendation", use_case="next-video", arm="treatment", items=["v1"],
        happened_at=datetime(2026, 5, 3), device_key=marts.key(0), watched_s=None, playback_id=None,
    )  # fmt: skip
    write(lake, marts, tested, spread(1000, 33), spread(1000, 33), shown=[both])
    found = readout(tested)
    assert found.mixed_unit_count == 1
    assert [arm.unit_count for arm in found.arms] == [32, 33]


def test_prv_2_a_device_without_consent_is_no_unit_but_its_recommendation_counts(
    lake: Any, marts: Any, tested: Settings
) -> None:
    silent = lake.event(
        999, event="recommendation", use_case="next-video", arm="control", items=["v1"],
        happened_at=datetime(2026, 5, 3), device_key=marts.key(500), has_personalisation_consent=False,
        has_advertising_consent=True, watched_s=None, playback_id=None,
    )  # fmt: skip
    write(lake, marts, tested, spread(1000, 33), spread(1000, 33), shown=[silent])
    found = readout(tested)
    assert found.arms[0].unit_count == 33
    assert found.arms[0].recommendation_count == 34


def test_nv_t6_a_read_out_changes_no_experiment(lake: Any, marts: Any, tested: Settings) -> None:
    write(lake, marts, tested, spread(1000, 110), spread(2000, 110))
    file = tested.config / "experiments" / "blend.yaml"
    before = file.read_text()
    assert [each.name for each in run(tested, END)] == ["blend"]
    assert file.read_text() == before


def test_one_that_people_stopped_has_the_band_and_no_more_units(lake: Any, marts: Any, tested: Settings) -> None:
    """What was planned stays the plan: an early stop spends no more error than was due by then."""
    file = tested.config / "experiments" / "blend.yaml"
    file.write_text(
        YAML.replace("end: 2026-06-01T00:00:00Z", "end: 2026-06-01T00:00:00Z\nstopped: 2026-05-08T00:00:00Z")
    )
    late = lake.event(
        999, event="recommendation", use_case="next-video", arm="treatment", items=["v1"],
        happened_at=datetime(2026, 5, 9), device_key=marts.key(900), watched_s=None, playback_id=None,
    )  # fmt: skip
    write(lake, marts, tested, spread(1000, 110), spread(1005, 110), shown=[late])
    found = readout(tested)
    assert found.status == "no_difference"
    assert found.ends_at == datetime(2026, 5, 8, tzinfo=UTC)
    assert [arm.unit_count for arm in found.arms] == [110, 110]
    assert found.contrasts[0].relative.low is not None
    assert f"{100 * found.contrasts[0].relative.low:.1f}".lstrip("-") in found.verdict_en


def test_with_three_arms_each_is_compared_and_the_error_is_shared(lake: Any, marts: Any, tested: Settings) -> None:
    three = YAML.replace("share: 0.5}", "share: 0.25}", 1).replace("share: 0.5}", "share: 0.25}")
    (tested.config / "experiments" / "blend.yaml").write_text(three + "  - {name: third, share: 0.5}\n")
    third = [
        lake.event(2000 + number, event="recommendation", use_case="next-video", arm="third", items=["v1"],
                   happened_at=datetime(2026, 5, 2, 12), device_key=marts.key(2000 + number), playback_id=None)
        for number in range(220)
    ]  # fmt: skip
    played = [
        marts.playback(2000 + number, device_key=marts.key(2000 + number), watched_s=seconds,
                       started_at=datetime(2026, 5, 2, 13))
        for number, seconds in enumerate(spread(1100, 220))
    ]  # fmt: skip
    write(lake, marts, tested, spread(1000, 110), spread(1000, 110), shown=third, played=played)
    found = readout(tested)
    assert [contrast.status for contrast in found.contrasts] == ["undecided", "better"]
    assert found.status == "no_difference"
    assert "“third”, too, brings more" in " ".join(found.notes_en)
    assert [each.observed for each in [found.sample_ratio]] == [(110, 110, 220)]


def test_a_long_experiment_is_decided_at_few_looks_and_shown_every_day(lake: Any, marts: Any, tested: Settings) -> None:
    file = tested.config / "experiments" / "blend.yaml"
    file.write_text(
        YAML.replace("start: 2026-05-01", "start: 2026-01-01").replace("end: 2026-06-01", "end: 2027-12-31")
    )
    write(lake, marts, tested, spread(1000, 110), spread(1005, 110))
    found = readout(tested, datetime(2026, 5, 10, 6, tzinfo=UTC))
    days = [look.date() for look in found.looks if look > datetime(2026, 5, 2, tzinfo=UTC)]
    assert len(days) == 9  # eight midnights and the moment itself
    bounds = found.contrasts[0].band["bound_low"]
    assert bounds[-1] is None
    assert found.contrasts[0].band["low"][-1] is not None


def test_a_verdict_outlives_the_logs_that_it_rests_on(lake: Any, marts: Any, tested: Settings) -> None:
    """PRV-4 deletes events after 90 days; what was decided stays, and so does what an earlier version came to."""
    write(lake, marts, tested, spread(1000, 110), spread(1100, 110))
    assert run(tested, END + timedelta(days=1))[0].status == "better"  # late events may still come
    assert run(tested, END + timedelta(days=4))[0].status == "better"
    for file in tested.paths.events.glob("*/*.parquet"):
        file.unlink()
    assert run(tested, END + timedelta(days=100)) == []
    assert json.loads(path(tested, "blend").read_text())["status"] == "better"
    again = (
        YAML.replace("version: 2", "version: 3").replace("2026-06-01", "2026-12-01").replace("2026-05-01", "2026-11-01")
    )
    (tested.config / "experiments" / "blend.yaml").write_text(again)
    assert run(tested, datetime(2026, 11, 2, tzinfo=UTC))[0].status == "too_few"
    assert json.loads(path(tested, "blend").with_name("v2.json").read_text())["status"] == "better"


def test_a_broken_file_stops_no_other_s_read_out(lake: Any, marts: Any, tested: Settings) -> None:
    write(lake, marts, tested, spread(1000, 33), spread(1000, 33))
    (tested.config / "experiments" / "broken.yaml").write_text("name: [")
    assert [each.name for each in run(tested, END)] == ["blend"]
    with pytest.raises(UserError, match=r"broken.yaml is no YAML"):
        find(tested, "broken")


def test_an_unknown_experiment_is_named_with_those_there_are(tested: Settings) -> None:
    with pytest.raises(UserError, match="'nope' is unknown; there is: blend"):
        find(tested, "nope")


def test_the_sample_ratio_check_accepts_what_chance_does_and_refuses_what_it_does_not() -> None:
    assert not sample_ratio([5070, 4930], [0.5, 0.5]).is_broken
    assert sample_ratio([5300, 4700], [0.5, 0.5]).is_broken
    assert not sample_ratio([8010, 1990], [0.8, 0.2]).is_broken
    assert not sample_ratio([0, 0], [0.5, 0.5]).is_broken
