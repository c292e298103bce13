"""NV-M2, OPS-3: the experiments page tells what runs, what is decided and what is not, in both languages."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from core.settings import Settings
from core.storage import write_text
from serving.web import experiments
from serving.web.experiment_chart import Course, chart

NOW = datetime(2026, 5, 10, 12, tzinfo=UTC)
YAML = """
name: {name}
version: {version}
use_case: next-video
owner: somebody
hypothesis: more <b>alike</b> is better
hypothesis_de: mehr Ähnliches ist besser
start: {start}
end: {end}
primary_metric: viewing_volume
arms:
  - {{name: {name}_control, share: 0.5}}
  - {{name: {name}_new, share: 0.5}}
"""
GUARDRAILS = {"hidden_share": "holds", "p99_ms": "broken", "coverage": "open", "kids_rule": "unknown"}


def readout(name: str, **changes: Any) -> dict[str, Any]:
    """What monitoring writes, as far as the page reads it."""
    looks = [datetime(2026, 5, day, tzinfo=UTC).isoformat() for day in range(2, 11)]
    fade = [None, *(0.3 / (day + 1) for day in range(8))]
    band = {
        "change": [None, *([0.02] * 8)], "low": [None, *(0.02 - each for each in fade[1:] if each)],
        "high": [None, *(0.02 + each for each in fade[1:] if each)], "bound_low": [None] * 9, "bound_high": [None] * 9,
    }  # fmt: skip
    interval = {"value": 0.02, "low": -0.01, "high": 0.05}
    contrast = {
        "arm": f"{name}_new", "control": f"{name}_control", "status": "undecided", "decided_at": None,
        "at_decision": None, "relative": interval, "p_value": 0.4, "relative_single_look": interval,
        "seconds_per_unit": {"value": 120.0, "low": -60.0, "high": 300.0}, "variance_removed": 0.62,
        "followed_per_recommendation": {"value": 12.0, "low": 3.0, "high": 21.0}, "band": band,
        "classes": [
            {"device_class": "tv", "unit_count": 812, "relative": interval, "p_adjusted": 0.7, "is_shown": False}
        ],
    }  # fmt: skip
    return {
        "name": name, "version": 1, "as_of": NOW.isoformat(), "status": "running", "verdict_de": "Noch offen, sagt wer.",
        "verdict_en": "Still open, they say.", "notes_de": ["Ein Hinweis."], "notes_en": ["A note."],
        "attribution_hours": 24, "contrasts": [contrast], "mixed_unit_count": 0, "looks": looks,
        "sample_ratio": {"expected": [50.0, 50.0], "observed": [52, 48], "p_value": 0.69}, "checks": {"broken": []},
        "units_by_look": [[number, number] for number in range(9)],
        "arms": [
            {"arm": arm, "unit_count": 50, "recommendation_count": 400, "seconds_per_unit": 5400.0, "low": 5000.0,
             "high": 5800.0} for arm in (f"{name}_control", f"{name}_new")
        ],
        "guardrails": [
            {"metric": metric, "arm": f"{name}_new", "value": None if status == "unknown" else 0.01, "low": None,
             "high": None, "limit": 0.01, "status": status} for metric, status in GUARDRAILS.items()
        ],
    } | changes  # fmt: skip


@pytest.fixture
def configured(settings: Settings, tmp_path: Path) -> Settings:
    """A running, a planned and a past experiment."""
    for name, first, days in (("running_now", -5, 28), ("coming", 30, 14), ("gone", -60, 14)):
        start = NOW + timedelta(days=first)
        values = {"start": start.isoformat(), "end": (start + timedelta(days=days)).isoformat(), "version": 1}
        write_text(tmp_path / "config" / "experiments" / f"{name}.yaml", YAML.format(name=name, **values))
    return settings.model_copy(update={"config": tmp_path / "config"})


@pytest.fixture
def page(configured: Settings) -> Iterator[TestClient]:
    app = FastAPI()
    app.include_router(experiments.router(configured, lambda: NOW))
    with TestClient(app) as client:
        yield client


def put(settings: Settings, name: str, **changes: Any) -> None:
    text = json.dumps(readout(name, **changes))
    write_text(settings.paths.reports / "experiments" / name / "readout.json", text)


def shown(page: TestClient, language: str = "en") -> str:
    reply = page.get("/experiments", params={"language": language})
    assert reply.status_code == 200
    return reply.text


def test_running_comes_before_planned_and_past_and_names_never_are_markup(page: TestClient) -> None:
    text = shown(page)
    places = [text.index(f'id="{name}"') for name in ("running_now", "coming", "gone")]
    assert places == sorted(places)
    assert "more &lt;b&gt;alike" in text
    assert "mehr Ähnliches" in shown(page, "de")


def test_a_read_out_is_told_in_words_figures_a_chart_and_a_table_of_every_look(
    page: TestClient, configured: Settings
) -> None:
    put(configured, "running_now")
    english, german = shown(page), shown(page, "de")
    assert "Still open, they say." in english
    assert "A note." in english
    assert "Noch offen, sagt wer." in german
    assert 'role="img"' in english
    assert "+2.0 %" in english
    assert "+2,0 %" in german
    assert "1.5 h" in english
    assert "band that holds at any look" in english
    assert "The month before explains 62 %" in english
    assert english.count("<tr>") >= 9 + len(GUARDRAILS) + 2


def test_every_state_of_a_guardrail_has_a_word_and_the_split_its_chip(page: TestClient, configured: Settings) -> None:
    put(configured, "running_now")
    text = shown(page)
    for words in ("holds", "broken", "open", "no data", "split is right"):
        assert f">{words}</span>" in text
    put(configured, "running_now", status="blocked", checks={"broken": ["sample_ratio"]})
    blocked = shown(page)
    assert ">split is broken</span>" in blocked
    assert 'role="img"' not in blocked  # no figure counts, so none is drawn


@pytest.mark.parametrize("status", ["planned", "too_few", "running", "better", "worse", "no_difference", "blocked"])
def test_every_status_has_its_words_in_both_languages(page: TestClient, configured: Settings, status: str) -> None:
    put(configured, "running_now", status=status)
    assert shown(page) != shown(page, "de")


def test_a_read_out_of_another_version_or_a_damaged_one_is_none(page: TestClient, configured: Settings) -> None:
    put(configured, "running_now", version=7)
    assert "No read-out yet." in shown(page)
    write_text(configured.paths.reports / "experiments" / "running_now" / "readout.json", '{"name": "runn')
    assert "No read-out yet." in shown(page)


def test_what_earlier_versions_came_to_is_kept(page: TestClient, configured: Settings) -> None:
    file = configured.config / "experiments" / "gone.yaml"
    file.write_text(file.read_text().replace("version: 1", "version: 3"))
    text = json.dumps(readout("gone", verdict_en="It brought more."))
    write_text(configured.paths.reports / "experiments" / "gone" / "v1.json", text)
    assert "It brought more." in shown(page)


def test_a_refused_file_is_said_and_the_others_stay(page: TestClient, configured: Settings) -> None:
    (configured.config / "experiments" / "broken.yaml").write_text("name: [")
    text = shown(page)
    assert "A file is refused" in text
    assert "broken.yaml is no YAML" in text
    assert 'id="running_now"' in text


def test_a_chart_without_anything_to_say_is_empty_and_one_with_a_single_look_is_drawn() -> None:
    times = [NOW, NOW + timedelta(days=1)]
    nothing = [None, None]
    assert chart(Course(times, nothing, nothing, nothing, nothing, nothing), "en", "title", None) == ""
    one = Course(times, [None, 0.1], [None, -0.5], [None, 3.0], nothing, nothing)
    drawn = chart(one, "de", "Titel <&>", NOW + timedelta(days=1))
    assert drawn.count("<circle") == 1
    assert "Titel &lt;&amp;&gt;" in drawn
    assert "entschieden" in drawn
    assert "nan" not in drawn
