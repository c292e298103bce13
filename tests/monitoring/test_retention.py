"""PRV-4: reports, alerts and cards are kept for their windows and no longer."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from core.settings import Settings
from monitoring.retention import drop_expired

AS_OF = datetime(2026, 11, 24, tzinfo=UTC)


def write(file: Path, age_days: float) -> Path:
    """A report written so many days before the run."""
    file.mkdir(parents=True)
    (file / "report.json").write_text("{}")
    at = (AS_OF - timedelta(days=age_days)).timestamp()
    os.utime(file, (at, at))
    return file


def test_a_report_older_than_the_window_is_dropped_and_one_inside_it_stays(settings: Settings) -> None:
    days = settings.retention.reports
    old = write(settings.paths.reports / "drift" / "old", days + 0.01)
    inside = write(settings.paths.reports / "drift" / "inside", days - 0.01)
    newest = write(settings.paths.reports / "drift" / "newest", 0)
    assert drop_expired(settings, AS_OF)["reports"] == 1
    assert (old.exists(), inside.exists(), newest.exists()) == (False, True, True)


def test_the_newest_of_a_kind_stays_however_old(settings: Settings) -> None:
    only = write(settings.paths.reports / "bias" / "only", 1000)
    assert drop_expired(settings, AS_OF) == {"reports": 0, "alerts": 0, "cards": 0}
    assert only.exists()


def test_a_superseded_card_is_dropped_after_its_own_window(settings: Settings) -> None:
    days = settings.retention.cards
    old = write(settings.paths.cards / "next-video" / "1", days + 1)
    write(settings.paths.cards / "next-video" / "2", days - 1)
    assert drop_expired(settings, AS_OF)["cards"] == 1
    assert not old.exists()


def test_dropping_twice_drops_once(settings: Settings) -> None:
    write(settings.paths.reports / "drift" / "old", settings.retention.reports + 1)
    write(settings.paths.reports / "drift" / "newest", 0)
    assert drop_expired(settings, AS_OF)["reports"] == 1
    assert drop_expired(settings, AS_OF)["reports"] == 0


def test_an_empty_home_has_nothing_to_drop(settings: Settings) -> None:
    assert drop_expired(settings, AS_OF) == {"reports": 0, "alerts": 0, "cards": 0}
    assert not settings.home.exists()


def test_what_experiments_came_to_is_kept_as_long_as_cards(settings: Settings) -> None:
    """NV-M2: no device's data, and the record of what was decided."""
    for name, days in (("past", settings.retention.reports + 1), ("other", 0)):
        write(settings.paths.reports / "experiments" / name, days)
    write(settings.paths.reports / "experiments" / "ancient", settings.retention.cards + 1)
    assert drop_expired(settings, AS_OF) == {"reports": 0, "alerts": 0, "cards": 1}
    assert {folder.name for folder in (settings.paths.reports / "experiments").iterdir()} == {"past", "other"}
