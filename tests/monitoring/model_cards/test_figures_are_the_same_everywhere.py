"""JSON, Markdown and HTML carry the same figures, in German and in English, as the inputs have them (MC-1, MC-2)."""

import html
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest

from core.errors import StageError
from core.settings import Settings
from monitoring.bias.figures import FigureError
from monitoring.model_cards import write
from monitoring.model_cards.store import rendered, versions
from monitoring.model_cards.write_cards import write_from

SECTIONS = [
    "goal", "content_rules", "metadata", "algorithm", "history", "context", "development", "tests", "kpis",
    "known_issues", "data_protection",
]  # fmt: skip


@pytest.fixture
def full(settings: Settings, world: ModuleType) -> Settings:
    """Cards over a world in which nothing is missing."""
    world.write_exports(settings.paths)
    world.write_bias(settings.paths, world.bias_report())
    write_from(world.full_inputs(settings))
    return settings


def newest(settings: Settings, name: str, use_case: str = "next-video") -> str:
    return rendered(settings.paths, use_case, versions(settings.paths, use_case)[-1], name)


def shown(node: Any) -> Iterator[str]:
    """Every written figure and text of a JSON card, except what only plots draw."""
    if isinstance(node, dict):
        if node.get("kind") == "plot":
            return
        yield from (node[key] for key in ("shown", "text") if isinstance(node.get(key), str))
        for child in node.values():
            yield from shown(child)
    elif isinstance(node, list):
        for child in node:
            yield from shown(child)


def words_of(page: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", page))


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("use_case", ["next-video", "next-episode"])
def test_every_figure_and_text_of_the_json_stands_in_markdown_and_html(
    full: Settings, language: str, use_case: str
) -> None:
    card = json.loads(newest(full, f"card.{language}.json", use_case))
    page = words_of(newest(full, f"card.{language}.html", use_case))
    markdown = newest(full, f"card.{language}.md", use_case)
    written = list(shown(card["sections"]))
    assert len(written) > 20
    assert [text for text in written if text not in page] == []
    assert [text for text in written if text not in markdown] == []


@pytest.mark.parametrize("use_case", ["next-video", "next-episode"])
@pytest.mark.parametrize("language", ["de", "en"])
def test_the_sections_are_those_of_the_source_and_data_protection_mc_1(
    full: Settings, use_case: str, language: str
) -> None:
    card = json.loads(newest(full, f"card.{language}.json", use_case))
    assert [section["key"] for section in card["sections"]] == SECTIONS
    assert card["made_at"] == "2026-05-31T12:00:00+00:00"
    assert card["version"] == "2026-05-31.1"


@pytest.mark.parametrize(
    ("german", "english"),
    [
        ("12.346\u00a0Stunden", "12,346\u00a0hours"),  # viewing volume: 12,345.6 hours
        ("42,4\u00a0% (41,0–43,7)", "42.4% (41.0–43.7)"),  # coverage 0.4235
        ("6,5\u00a0Tage (5,9–7,2)", "6.5\u00a0days (5.9–7.2)"),
        ("0,152 (0,144–0,161)", "0.152 (0.144–0.161)"),  # NDCG@10 of the combination
        ("432.002 gelernte", "432,002 learned"),  # twice 216,001 parameters
        ("52.345 | 55.655", "52,345 | 55,655"),  # the funnel's fourth step, both device classes together
        ("Von 2 Serien sind zurzeit bei 1 (50\u00a0%)", "Of 2 series, 1 (50%)"),  # NV-K1
        ("Nachrichten (NV-H2) | 48 | 6\u00a0%", "news (NV-H2) | 48 | 6%"),  # 48 of 800 answers
        ("31.\u00a0Mai\u00a02026", "31\u00a0May\u00a02026"),
    ],
)
def test_figures_are_written_as_the_language_writes_them(full: Settings, german: str, english: str) -> None:
    assert german in newest(full, "card.de.md")
    assert english in newest(full, "card.en.md")


def test_the_share_of_next_episodes_is_that_of_the_answers_nv_1(full: Settings) -> None:
    assert "**37,5\u00a0%**" in newest(full, "card.de.md", "next-episode")  # 300 of 800


def test_what_is_missing_is_told_plainly_in_both_languages(settings: Settings, world: ModuleType) -> None:
    write(settings, world.AS_OF)
    german, english = newest(settings, "card.de.md"), newest(settings, "card.en.md")
    for text in ("No trained model is running yet", "No bias report yet", "No drift report yet", "No answers counted"):
        assert f"> {text}" in english
    for text in ("noch kein trainiertes Modell", "Noch kein Bericht über Verzerrungen", "Noch keine Antworten gezählt"):
        assert text in german


def test_a_constant_or_empty_bias_figure_is_an_error_nv_m1(settings: Settings, world: ModuleType) -> None:
    report = world.bias_report(gini_impressions=(0.5, 0.5, 0.5))
    world.write_bias(settings.paths, report)
    with pytest.raises(StageError, match="gini_impressions"):
        write(settings, world.AS_OF)
    assert versions(settings.paths, "next-video") == []


def test_an_error_of_measurement_is_stated_in_both_languages_nv_m1(settings: Settings, world: ModuleType) -> None:
    error = FigureError(
        "coverage_share", "Abdeckung", "Coverage", "ohne jede Streuung (0.2)", "without any spread (0.2)"
    )
    world.write_bias(settings.paths, replace(world.bias_report(), errors=(error,)))
    write(settings, world.AS_OF)
    assert "Fehler der Messung: Abdeckung: ohne jede Streuung (0.2)" in newest(settings, "card.de.md")
    assert "Error of measurement: Coverage: without any spread (0.2)" in newest(settings, "card.en.md")


def test_a_model_trained_with_other_settings_says_so_nv_t1(settings: Settings, world: ModuleType) -> None:
    inputs = world.full_inputs(settings)
    inputs.manifest["settings"]["next_video"]["window_days"] = 21
    write_from(inputs)
    assert "still trained with other settings (21\u00a0days, 35%, 20 times)" in newest(settings, "card.en.md")


def test_a_manifest_without_figures_of_the_model_is_an_error(settings: Settings, world: ModuleType) -> None:
    inputs = world.full_inputs(settings)
    del inputs.manifest["models"]["tv"]["parameters"]
    with pytest.raises(StageError, match="parameters"):
        write_from(inputs)


def test_data_of_a_simulation_are_called_synthetic(settings: Settings, world: ModuleType) -> None:
    inputs = world.full_inputs(settings)
    write_from(replace(inputs, data_origin="synthetic"))
    assert "Künstliche Daten" in newest(settings, "card.de.html")
    assert "Synthetic data" in newest(settings, "card.en.md")


def test_plots_have_a_title_and_a_description_for_those_who_cannot_see_them(full: Settings) -> None:
    page = newest(full, "card.en.html")
    plots = re.findall(r"<svg.*?</svg>", page, flags=re.DOTALL)
    assert len(plots) == 7  # three of the bias report; intervals; two learning curves; the price of controls
    for plot in plots:
        names = re.search(r'role="img" aria-labelledby="(\S+) (\S+)"', plot)
        assert names is not None
        assert re.search(rf'<title id="{names[1]}">[^<]+</title><desc id="{names[2]}">[^<]+</desc>', plot)
    assert len(re.findall(r' id="([^"]+)"', page)) == len(set(re.findall(r' id="([^"]+)"', page)))


def test_a_page_needs_nothing_from_elsewhere(full: Settings) -> None:
    page = newest(full, "card.de.html")
    assert not re.search(r"<script|<link|src=|url\(\s*['\"]?http|@import", page)
