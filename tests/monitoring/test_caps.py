"""HH-11: what dbt recounts of caps becomes a report in two languages, and an alert where we broke one."""

import json
from datetime import UTC, datetime

import pytest

from core.contracts import exports
from core.settings import Settings
from core.storage import connect
from monitoring import alerts, caps

NOON = datetime(2026, 5, 31, 12, tzinfo=UTC)
AT = "timestamp '2026-05-30 08:00:00' as happened_at"


def exported(settings: Settings, model: str, query: str) -> None:
    file = settings.paths.export(model)
    file.parent.mkdir(parents=True, exist_ok=True)
    with connect() as connection:
        connection.execute(f"copy ({query}) to '{file}' (format parquet)")


def breach(settings: Settings, is_decided_here: bool) -> None:
    row = f"'gap' as cap, 'secret household' as subject, 'film' as shown, {AT}, 1 as play_count"
    exported(settings, exports.RPT_AD_BREACHES, f"select {row}, {is_decided_here} as is_decided_here")


@pytest.mark.parametrize("is_ours", [True, False])
def test_only_a_breach_by_our_own_decisions_is_an_alert(settings: Settings, is_ours: bool) -> None:
    breach(settings, is_ours)
    report = caps.run(settings, NOON)
    assert (report.own_breaches, report.other_breaches) == ((1, 0) if is_ours else (0, 1))
    assert [alert.kind for alert in alerts.read_all(settings.paths)] == (["caps"] if is_ours else [])


def test_a_difference_from_the_counters_is_an_alert_until_a_run_finds_none(settings: Settings) -> None:
    exported(
        settings,
        exports.RPT_AD_DIFFERENCES,
        f"select 'b' as break_id, 's' as spot_id, {AT}, 'not counted' as difference",
    )
    assert caps.run(settings, NOON).has_alert
    settings.paths.export(exports.RPT_AD_DIFFERENCES).unlink()
    assert not caps.run(settings, NOON).has_alert
    assert alerts.read_all(settings.paths) == []


def test_the_report_is_in_both_languages_and_names_no_household(settings: Settings) -> None:
    breach(settings, True)
    caps.run(settings, NOON)
    folder = settings.paths.report("caps", NOON)
    german, english = ((folder / f"report.{language}.html").read_text() for language in ("de", "en"))
    assert "1 Verstöße durch eigene Entscheidungen" in german
    assert "again too soon" in english
    whole = german + english + json.dumps(json.loads((folder / "report.json").read_text()))
    assert "secret household" not in whole
