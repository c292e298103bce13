"""The marts' suite, on exports that break each rule once (NV-T1..T3, NV-U1, PRV-2)."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.contracts import exports
from core.errors import StageError
from core.settings import Settings
from monitoring.quality.marts import check

pytestmark = pytest.mark.slow

AS_OF = datetime(2026, 5, 31, tzinfo=UTC)


def write(lake: Any, marts: Any, settings: Settings, models: dict[str, list[dict[str, Any]]]) -> None:
    """The exports, and a lake that holds the views with consent behind them."""
    marts.write_exports(settings.paths, models)
    views = [
        lake.event(
            number, content_id=f"v{number % 50:03d}", device_key=marts.key(number % 40),
            happened_at=marts.END - timedelta(minutes=36 * number + 1),
        )
        for number in range(1200)
    ]  # fmt: skip
    lake.write_lake(settings.paths, views)


def test_good_marts_pass_and_are_reported_beside_the_door(lake: Any, marts: Any, settings: Settings) -> None:
    write(lake, marts, settings, marts.exports_of())
    folder = settings.paths.report("quality", AS_OF)
    folder.mkdir(parents=True)
    door = {"suites": {"door": {"passed": True, "outcomes": [], "counts": {"events": 1}}}}
    (folder / "report.json").write_text(json.dumps(door))
    report = check(settings, AS_OF)
    assert report.passed
    assert report.warnings == ()
    assert report.counts[exports.FCT_PLAYBACKS] == 1200
    assert set(json.loads((folder / "report.json").read_text())["suites"]) == {"door", "marts"}


BAD = {
    "NV-T2 play": (exports.FCT_PLAYBACKS, {"watched_share": 0.349}, "a play is a playback of at least 35%"),
    "NV-U1 view": (exports.FCT_PLAYBACKS, {"watched_s": 30.0}, "a view has more than 30 seconds"),
    "no device": (exports.FCT_PLAYBACKS, {"device_key": None}, "device_key is never missing"),
    "share above 1": (exports.FCT_PLAYBACKS, {"watched_share": 1.2}, "the share played lies between 0 and 1"),
    "NV-T1 window": (
        exports.FEAT_TRAINING_PLAYS,
        {"played_at": datetime(2026, 4, 30, 23, 59)},
        "a training play lies in the last 30 days",
    ),
    "NV-T1 the future": (
        exports.FEAT_TRAINING_PLAYS,
        {"played_at": datetime(2026, 5, 31)},
        "a training play lies in the last 30 days",
    ),
    "NV-T2 training": (exports.FEAT_TRAINING_PLAYS, {"watched_share": 0.34}, "at least 35% of the video"),
    "NV-T3 training": (exports.FEAT_TRAINING_PLAYS, {"content_id": "v055"}, "of a video played at least 20 times"),
    "PRV-2 consent": (exports.FEAT_TRAINING_PLAYS, {"device_key": "d_" + "f" * 24}, "a view with consent"),
    "NV-T3 count": (exports.FEAT_CONTENT_COUNTS, {"play_count": 19}, "was played at least 20 times"),
    "taste": (exports.FEAT_DEVICE, {"taste_news": 1.4}, "taste_news is a share"),
    "NV-H2 path": (exports.DIM_CONTENT, {"path": None}, "every content has a path"),
}


@pytest.mark.parametrize(("model", "changes", "says"), BAD.values(), ids=BAD.keys())
def test_one_bad_row_stops_what_comes_after(
    lake: Any, marts: Any, settings: Settings, model: str, changes: dict[str, Any], says: str
) -> None:
    models = marts.exports_of()
    models[model][7] |= changes
    write(lake, marts, settings, models)
    with pytest.raises(StageError, match="suite 'marts'") as caught:
        check(settings, AS_OF)
    assert says in settings.paths.report("quality", AS_OF).joinpath("report.html").read_text()
    assert "1 of " in str(caught.value)


def test_a_bad_row_among_more_than_are_sampled_is_found(lake: Any, marts: Any, settings: Settings) -> None:
    few = settings.model_copy(update={"monitoring": settings.monitoring.model_copy(update={"checked_rows": 1000})})
    models = marts.exports_of()
    models[exports.FEAT_TRAINING_PLAYS][1111] |= {"played_at": datetime(2026, 4, 1)}
    write(lake, marts, settings, models)
    with pytest.raises(StageError, match="a training play lies in the last 30 days"):
        check(few, AS_OF)


def test_a_repeated_key_is_shown_with_its_model(lake: Any, marts: Any, settings: Settings) -> None:
    models = marts.exports_of()
    models[exports.FEAT_DEVICE].append(models[exports.FEAT_DEVICE][3])
    write(lake, marts, settings, models)
    with pytest.raises(StageError, match="a key is in its table once only"):
        check(settings, AS_OF)
    stored = json.loads(settings.paths.report("quality", AS_OF).joinpath("report.json").read_text())
    failed = [each for each in stored["suites"]["marts"]["outcomes"] if not each["passed"]]
    assert failed[0]["examples"][0]["model"] == exports.FEAT_DEVICE


def test_features_that_nobody_has_stop_the_build(lake: Any, marts: Any, settings: Settings) -> None:
    models = marts.exports_of()
    for row in models[exports.FEAT_DEVICE]:
        row["watched_s_30d"] = None
    write(lake, marts, settings, models)
    with pytest.raises(StageError, match="watched_s_30d is known for most devices"):
        check(settings, AS_OF)


def test_a_table_that_collapsed_since_the_last_run_stops_the_build(lake: Any, marts: Any, settings: Settings) -> None:
    write(lake, marts, settings, marts.exports_of())
    check(settings, AS_OF - timedelta(minutes=0))
    write(lake, marts, settings, marts.exports_of(500))
    with pytest.raises(StageError, match=r"fct_playbacks did not lose more than 50%"):
        check(settings, AS_OF + timedelta(seconds=30))


def test_stale_data_warn_and_then_stop(lake: Any, marts: Any, settings: Settings) -> None:
    models = marts.exports_of()
    models[exports.RPT_FRESHNESS][0]["newest_at"] = marts.END - timedelta(hours=60)
    write(lake, marts, settings, models)
    assert [each.column for each in check(settings, AS_OF).warnings] == ["events_age_hours"]
    models[exports.RPT_FRESHNESS][0]["newest_at"] = marts.END - timedelta(days=31)
    write(lake, marts, settings, models)
    with pytest.raises(StageError, match="no older than the training window"):
        check(settings, AS_OF)


def test_a_missing_export_is_named(lake: Any, marts: Any, settings: Settings) -> None:
    with pytest.raises(StageError, match="the export dim_content is missing"):
        check(settings, AS_OF)
