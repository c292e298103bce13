"""The suite at the door, on really bad data (LOG-4, PRV-1, PRV-2)."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.errors import StageError
from core.settings import Settings
from monitoring.quality.door import check

pytestmark = pytest.mark.slow

AS_OF = datetime(2026, 5, 1, 18, tzinfo=UTC)


def good(lake: Any, count: int = 200) -> list[dict[str, Any]]:
    return [lake.event(number) for number in range(count)]


def test_a_good_lake_passes_and_is_reported(lake: Any, settings: Settings) -> None:
    lake.write_lake(settings.paths, good(lake), quarantine=[lake.quarantined(1)])
    report = check(settings, AS_OF)
    assert report.passed
    assert report.warnings == ()
    assert report.counts == {"events": 200, "catalogue": 20, "quarantine": 1}
    stored = json.loads(settings.paths.report("quality", AS_OF).joinpath("report.json").read_text())
    assert stored["passed"] is True
    assert len(stored["suites"]["door"]["outcomes"]) == len(report.outcomes) > 20
    assert "All suites passed" in report.report.read_text()


BAD = {
    "null consent (PRV-2)": ({"has_personalisation_consent": None}, "consent is yes or no"),
    "key without consent (PRV-2)": ({"has_personalisation_consent": False}, "without any consent no device"),
    "raw MAC (PRV-1)": ({"device_key": "aa:bb:cc:dd:ee:ff"}, "nothing that looks like a MAC"),
    "raw address (PRV-1)": ({"address_key": "84.17.3.9"}, "nothing that looks like a MAC"),
    "unknown device class": ({"device_class": "toaster"}, "the device class is a known one"),
    "unknown event": ({"event": "sneeze"}, "the event is a known one"),
    "future": ({"happened_at": datetime(2026, 5, 2, 12)}, "no event is from the future"),
    "wrong hour": ({"_hour": "2026-04-30T00"}, "partition of its hour"),
    "negative seconds": ({"watched_s": -5.0}, "a playback plays between"),
    "absurd seconds": ({"watched_s": 1e9}, "a playback plays between"),
    "no playback": ({"playback_id": None}, "every view names its playback"),
}


@pytest.mark.parametrize(("changes", "says"), BAD.values(), ids=BAD.keys())
def test_three_bad_rows_stop_the_build_with_a_readable_line(
    lake: Any, settings: Settings, changes: dict[str, Any], says: str
) -> None:
    rows = good(lake)
    for number in (3, 50, 120):
        rows[number] |= changes
    lake.write_lake(settings.paths, rows)
    with pytest.raises(StageError) as caught:
        check(settings, AS_OF)
    line = str(caught.value)
    assert says in line
    assert re.search(r": [13] of \d+ rows fail", line)
    page = settings.paths.report("quality", AS_OF) / "report.html"
    assert str(page) in line
    assert says in page.read_text()
    assert "\n" not in line


def test_prv_1_the_report_of_a_raw_address_does_not_repeat_it(lake: Any, settings: Settings) -> None:
    rows = good(lake)
    rows[9] |= {"device_key": "aa:bb:cc:dd:ee:ff", "address_key": "84.17.3.9"}
    lake.write_lake(
        settings.paths, rows, quarantine=[lake.quarantined(1, raw='{"mac": "aa:bb:cc:dd:ee:ff", "ip": "84.17.3.9"}')]
    )
    with pytest.raises(StageError):
        check(settings, AS_OF)
    folder = settings.paths.report("quality", AS_OF)
    written = (folder / "report.json").read_text() + (folder / "report.html").read_text()
    assert "MAC and address are masked" in written
    assert "aa:bb:cc:dd:ee:ff" not in written
    assert "84.17.3.9" not in written


def test_a_repeated_event_id_is_found_across_hours_and_shown(lake: Any, settings: Settings) -> None:
    rows = good(lake)
    rows[150] |= {"event_id": "e3"}
    lake.write_lake(settings.paths, rows)
    with pytest.raises(StageError, match="an event id is in the lake once only: 1 of 1 rows fail"):
        check(settings, AS_OF)
    stored = json.loads(settings.paths.report("quality", AS_OF).joinpath("report.json").read_text())
    failed = [each for each in stored["suites"]["door"]["outcomes"] if not each["passed"]]
    assert [each["examples"][0]["event_id"] for each in failed] == ["e3"]


def test_a_report_shows_at_most_ten_examples(lake: Any, settings: Settings) -> None:
    rows = [row | {"device_class": "toaster"} for row in good(lake)]
    lake.write_lake(settings.paths, rows)
    with pytest.raises(StageError, match="200 of 200 rows fail"):
        check(settings, AS_OF)
    stored = json.loads(settings.paths.report("quality", AS_OF).joinpath("report.json").read_text())
    failed = next(each for each in stored["suites"]["door"]["outcomes"] if not each["passed"])
    assert len(failed["examples"]) == 10
    assert failed["examples"][0]["event_id"].startswith("e")


def test_one_absurd_row_among_more_than_are_sampled_is_found(lake: Any, settings: Settings) -> None:
    few = settings.model_copy(update={"monitoring": settings.monitoring.model_copy(update={"checked_rows": 1000})})
    rows = [lake.event(number, happened_at=lake.START + timedelta(seconds=number)) for number in range(8000)]
    rows[4321] |= {"watched_s": 1e9}
    lake.write_lake(settings.paths, rows)
    with pytest.raises(StageError, match="a playback plays between"):
        check(few, AS_OF)
    rows[4321] |= {"watched_s": 600.0}
    lake.write_lake(settings.paths, rows)
    report = check(few, AS_OF)
    checked = next(each.checked_count for each in report.outcomes if each.table == "events")
    assert checked < 7000
    assert report.counts["events"] == 8000


def test_log_4_too_many_quarantined_lines_stop_the_build(lake: Any, settings: Settings) -> None:
    lake.write_lake(settings.paths, good(lake), quarantine=[lake.quarantined(number) for number in range(100)])
    with pytest.raises(StageError, match=r"at most 20% of the events are quarantined .*observed|at most 20%"):
        check(settings, AS_OF)


def test_some_quarantined_lines_are_a_warning_only(lake: Any, settings: Settings) -> None:
    lake.write_lake(settings.paths, good(lake), quarantine=[lake.quarantined(number) for number in range(20)])
    report = check(settings, AS_OF)
    assert [each.column for each in report.warnings] == ["quarantined_share"]
    assert "Warning" in report.report.read_text()


def test_a_catalogue_that_lost_half_since_the_last_run_stops_the_build(lake: Any, settings: Settings) -> None:
    lake.write_lake(settings.paths, good(lake), [lake.content(number) for number in range(300)])
    check(settings, AS_OF)
    lake.write_lake(settings.paths, good(lake), [lake.content(number) for number in range(140)])
    with pytest.raises(StageError, match="did not lose more than 50% of its entries"):
        check(settings, AS_OF + timedelta(hours=1))
    # The failed run is no measure for the next one: still compared with the last that passed.
    with pytest.raises(StageError, match="did not lose more than 50% of its entries"):
        check(settings, AS_OF + timedelta(hours=2))


def test_a_repeated_run_overwrites_its_own_report_only(lake: Any, settings: Settings) -> None:
    lake.write_lake(settings.paths, good(lake))
    check(settings, AS_OF)
    check(settings, AS_OF)
    assert [folder.name for folder in (settings.paths.reports / "quality").iterdir()] == ["2026-05-01T180000Z"]


def test_an_empty_lake_or_catalogue_is_named(lake: Any, settings: Settings) -> None:
    with pytest.raises(StageError, match="the lake holds no events"):
        check(settings, AS_OF)
    lake.write_lake(settings.paths, good(lake), catalogue=[])
    with pytest.raises(StageError, match="the catalogue is not empty"):
        check(settings, AS_OF)


def test_a_backfill_finds_events_younger_than_its_day(lake: Any, settings: Settings) -> None:
    lake.write_lake(settings.paths, good(lake))
    check(settings, AS_OF)
    assert check(settings, AS_OF - timedelta(days=3)).passed
