"""The bias report as later readers meet it (NV-M1), and what it refuses."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.errors import StageError
from core.settings import Settings
from monitoring.bias.figures import BiasReport, Figure, Series, latest_report, problems, read_report, require_meaning
from monitoring.bias.page import amount, bias_page
from monitoring.bias.texts import TOPICS, WORDS

AS_OF = datetime(2026, 5, 31, 12, tzinfo=UTC)
BARS = Figure(
    "exposure_genre_ratio", "exposure", "NV-M1", 1.9, 1.6, 2.2, "ratio", "Genre <am stärksten>", "Genre favoured most",
    "„kids“ & Co.", "“kids”", 1.7, "bars", "Genre", "genre", "Verhältnis", "ratio",
    (Series("Anteil", "share", ("kids", "news"), (1.9, 0.1), (1.6, 0.0), (2.2, 0.2)),),
)  # fmt: skip
LINES = Figure(
    "age_recommended_median_days", "recency", "NV-M1", 70.8, 68.3, 74.4, "days", "Alter", "Age", "So alt.", "So old.",
    None, "lines", "Anteil", "share", "Tage", "days", (Series("empfohlen", "recommended", (0.5, 1.0), (70.8, 200.0)),),
)  # fmt: skip
REPORT = BiasReport(AS_OF, "7", "replay", 600, 346, {"NV-H2": 23}, (LINES, BARS))


def test_a_report_is_read_as_it_was_written(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text(REPORT.to_json())
    assert read_report(tmp_path / "report.json") == REPORT


def test_an_empty_figure_is_stored_as_null_and_read_as_no_number(tmp_path: Path) -> None:
    empty = replace(REPORT, figures=(replace(LINES, value=math.nan),))
    (tmp_path / "report.json").write_text(empty.to_json())
    assert '"value": null' in empty.to_json()
    assert math.isnan(read_report(tmp_path / "report.json").figures[0].value)


@pytest.mark.parametrize(
    ("figure", "says"),
    [
        (replace(LINES, value=math.nan), "age_recommended_median_days is empty"),
        (replace(LINES, high=math.inf), "age_recommended_median_days is empty"),
        (
            replace(LINES, value=0.0, low=0.0, high=0.0),
            "age_recommended_median_days is constant (0 in every resampling)",
        ),
    ],
)
def test_nv_m1_a_figure_that_says_nothing_is_an_error_and_no_zero(figure: Figure, says: str, tmp_path: Path) -> None:
    assert problems([BARS, figure]) == [says]
    with pytest.raises(StageError, match="bias: age_recommended_median_days is "):
        require_meaning(replace(REPORT, figures=(BARS, figure)), tmp_path)


def test_no_figure_at_all_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StageError, match="no figure could be computed from 600 requests"):
        require_meaning(replace(REPORT, figures=()), tmp_path)


def test_the_last_report_is_the_newest_readable_one_before_a_time(settings: Settings) -> None:
    paths = settings.paths
    for day in (1, 2, 3):
        folder = paths.report("bias", AS_OF - timedelta(days=day))
        folder.mkdir(parents=True)
        (folder / "report.json").write_text(replace(REPORT, model_version=str(day)).to_json())
    paths.report("bias", AS_OF).mkdir()
    (paths.report("bias", AS_OF) / "report.json").write_text('{"kind": "bias"')
    newest, earlier = latest_report(paths), latest_report(paths, AS_OF - timedelta(days=1))
    assert newest is not None
    assert newest.model_version == "1"
    assert earlier is not None
    assert earlier.model_version == "2"
    assert latest_report(paths, AS_OF - timedelta(days=9)) is None


def test_the_page_reads_in_both_languages_and_fetches_nothing() -> None:
    german, english = bias_page(REPORT, "de"), bias_page(REPORT, "en")
    assert '<html lang="de">' in german
    assert "Was Next-Video bevorzugt" in german
    assert "What Next-Video favours" in english
    assert "70,8\u00a0Tage" in german
    assert "70.8\u00a0days" in english
    assert "1,90\u00a0×" in german
    assert "NV-H2 23" in german
    for page in (german, english):
        assert page.count("<svg") == 2
        assert "<script" not in page
        assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")
        assert "https://" not in page
        assert "<am stärksten>" not in page


@pytest.mark.parametrize(
    ("value", "unit", "language", "text"),
    [
        (0.1234, "share", "de", "12,3\u00a0%"), (0.1234, "share", "en", "12.3\u00a0%"), (1234.5, "plays", "en", "1,234\u00a0plays"),
        (0.951, "index", "de", "0,95"), (None, "days", "en", "–"), (math.nan, "days", "en", "–"),
    ],
)  # fmt: skip
def test_figures_are_written_as_people_write_them(value: float | None, unit: str, language: str, text: str) -> None:
    assert amount(value, unit, language) == text


def test_every_figure_has_words_in_both_languages_and_a_topic() -> None:
    for key, words in WORDS.items():
        assert words.topic in TOPICS, key
        assert all((words.label_de, words.label_en, words.text_de, words.text_en)), key
        assert words.text_de != words.text_en
