"""From exports and a bundle to the bias report, through the chain that serves (NV-M1)."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.algorithms.next_video.bundle import Bundle, write_bundle
from core.algorithms.next_video.untrained import untrained_model
from core.contracts import exports
from core.domain import DEVICE_CLASSES
from core.errors import StageError
from core.settings import Settings
from monitoring import bias
from monitoring.bias import measure
from monitoring.model_cards.champion import ChampionInfo
from monitoring.replay import replay

pytestmark = pytest.mark.slow

AS_OF = datetime(2026, 5, 31, tzinfo=UTC)


@pytest.fixture
def home(lake: Any, marts: Any, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Exports, the catalogue that goes with them, and a champion of random weights over its 50 played videos."""
    models = marts.exports_of()
    models[exports.FCT_CONTENT_DAYS] = [
        {"content_id": f"v{number:03d}", "device_class": "tv", "day": (marts.END - timedelta(days=day)).date(),
         "playback_count": 3, "play_count": 2 + number % 5, "view_count": 2, "watched_s": 900.0}
        for number in range(50) for day in range(1, 30) if day < 5 + number % 90
    ]  # fmt: skip
    marts.write_exports(settings.paths, models)
    catalogue = [
        lake.content(0, **{name: row[name] for name in ("content_id", "title", "path", "genre", "audience", "published_at", "categories")})
        for row in models[exports.DIM_CONTENT]
    ]  # fmt: skip
    lake.write_lake(settings.paths, [lake.event(1)], catalogue)
    model = untrained_model("all", [f"v{number:03d}" for number in range(50)], np.random.default_rng(1))
    write_bundle(tmp_path / "bundle", [model], dict.fromkeys(DEVICE_CLASSES, "all"))
    champion = ChampionInfo("3", "run", tmp_path / "bundle")
    monkeypatch.setattr(measure, "champion", lambda _: champion)
    return settings


def stored(settings: Settings, as_of: datetime) -> dict[str, Any]:
    values: dict[str, Any] = json.loads((settings.paths.report("bias", as_of) / "report.json").read_text())
    return values


def test_a_run_measures_everything_and_writes_data_and_pages(home: Settings) -> None:
    report = bias.run(home, AS_OF)
    assert report.model_version == "3"
    assert report.request_count == 40
    assert {figure.topic for figure in report.figures} == {"recency", "popularity", "exposure", "quality"}
    assert all(figure.low <= figure.value <= figure.high for figure in report.figures)
    assert all(figure.previous is None for figure in report.figures)
    assert {figure["key"] for figure in stored(home, AS_OF)["figures"]} >= {
        "age_recommended_median_days", "never_trainable_share", "plays_ratio_to_history", "gini_impressions",
        "top_percent_share", "coverage_share", "exposure_genre_ratio", "divergence_genre_history", "novelty_bits",
        "diversity", "serendipity",
    }  # fmt: skip
    folder = home.paths.report("bias", AS_OF)
    assert {file.name for file in folder.iterdir()} == {
        "report.json",
        "report.html",
        "report.de.html",
        "report.en.html",
    }


def test_the_next_report_names_the_last_value_and_a_repeated_run_is_the_same(home: Settings) -> None:
    first = bias.run(home, AS_OF)
    text = (home.paths.report("bias", AS_OF) / "report.json").read_text()
    assert bias.run(home, AS_OF) == first
    assert (home.paths.report("bias", AS_OF) / "report.json").read_text() == text
    later = bias.run(home, AS_OF + timedelta(minutes=10))
    assert [figure.previous for figure in later.figures] == [figure.value for figure in first.figures]


def test_the_replay_keeps_the_rules_that_serving_keeps(home: Settings) -> None:
    """NV-C1, NV-R1, NV-R2, NV-P1 on every answer: it is the same chain."""
    answers = replay(home, Bundle.load(measure.champion(home).bundle), AS_OF)  # type: ignore[union-attr]
    assert len(answers) == 40
    genre_of = {f"v{number:03d}": exports.GENRES_WITH_TASTE[number % 8] for number in range(60)}
    for answer in answers:
        assert answer.current == answer.history[-1]
        assert not set(answer.items) & set(answer.history)
        if genre_of[answer.current] == "kids":
            assert {genre_of[item] for item in answer.items} <= {"kids"}
        if genre_of[answer.current] in ("documentary", "report"):
            assert {genre_of[item] for item in answer.items} <= {"documentary", "report"}


def test_a_measure_without_any_spread_is_an_error_and_no_figure_nv_m1(home: Settings, marts: Any) -> None:
    flat = [{"content_id": f"v{number:03d}", "play_count": 24, "is_trainable": True} for number in range(50)]
    marts.write_exports(home.paths, {exports.FEAT_CONTENT_COUNTS: flat})
    report = bias.run(home, AS_OF)
    assert "plays_recommended_mean" in [error.key for error in report.errors]
    assert "plays_recommended_mean" not in [figure["key"] for figure in stored(home, AS_OF)["figures"]]
    page = (home.paths.report("bias", AS_OF) / "report.en.html").read_text()
    assert "Error of measurement" in page


def test_an_excluded_collection_is_never_replayed_nv_c2(home: Settings, lake: Any, marts: Any) -> None:
    excluded = [lake.content(0, content_id=f"v{number:03d}", collection="logo!") for number in range(60)]
    lake.write_lake(home.paths, [lake.event(1)], excluded)
    with pytest.raises(StageError, match="no figure could be computed"):
        bias.run(home, AS_OF)
    assert stored(home, AS_OF)["answered_count"] == 0
    assert stored(home, AS_OF)["hidden"]


def test_without_a_champion_or_an_export_one_line_says_so(home: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    home.paths.export(exports.FCT_CONTENT_DAYS).unlink()
    with pytest.raises(StageError, match="the export fct_content_days is missing"):
        bias.run(home, AS_OF)
    monkeypatch.setattr(measure, "champion", lambda _: None)
    with pytest.raises(StageError, match="there is no champion yet"):
        bias.run(home, AS_OF)
