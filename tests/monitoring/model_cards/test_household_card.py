"""The card of households: from the objects that run, with figures only where something was measured (MC-1, MC-2)."""

import json
import re
import shutil
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.contracts.households import ASSIGNMENTS, INFERENCES, LEASES, LINKS
from core.paths import PROJECT_ROOT, Paths
from core.settings import Settings, load
from monitoring.model_cards import write
from monitoring.model_cards.store import rendered, versions

NUMBERS = {"HH-1", "HH-2", "HH-3", "HH-4", "HH-6", "HH-9", "PRV-1", "PRV-2", "PRV-3", "PRV-4", "PRV-5"}
SECTIONS = [
    "goal", "content_rules", "metadata", "algorithm", "history", "context", "development", "tests", "kpis",
    "known_issues", "data_protection",
]  # fmt: skip


def save(file: Path, schema: pa.Schema, rows: list[dict[str, Any]]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), file)


def cluster(paths: Paths, world: ModuleType) -> None:
    """Two households of three devices and one of one, as of the world's time; a fourth has moved out."""
    start = world.AS_OF.replace(tzinfo=None) - timedelta(days=20)
    homes = [("a", "h1"), ("b", "h1"), ("c", "h1"), ("d", "h2"), ("e", "h2"), ("f", "h2"), ("g", "h3")]
    rows = [
        {"device_key": device, "household_id": home, "from_at": start, "confidence": 0.75, "is_separable": home != "h3"}
        for device, home in homes
    ]
    rows.append({**rows[0], "device_key": "x", "household_id": "h4", "until_at": start + timedelta(days=1)})
    save(paths.household_assignments, ASSIGNMENTS, rows)
    save(paths.household_leases, LEASES, [{"kind": kind} for kind in ("home", "home", "home", "mobile")])
    link = {"household_a": "h1", "household_b": "h2", "weight": 0.9, "visit_days": 3, "shared_lift_low": 1.5}
    save(paths.household_links, LINKS, [link])
    said = [("a", "female"), ("b", "not sure"), ("c", "not sure"), ("d", "not sure")]
    answers = [{"device_key": device, "what": "gender", "value": value, "confidence": 0.8} for device, value in said]
    save(paths.household_inferences, INFERENCES, answers)


def evaluated() -> dict[str, Any]:
    bins = [{"confidence": c, "accuracy": c - 0.02, "count": 50} for c in (0.55, 0.75, 0.95)]
    group = {"count": 75, "sure_count": 30, "sure_share": 0.4, "sure_accuracy": 0.8125}
    few = {"count": 75, "sure_count": 3, "sure_share": 0.04, "sure_accuracy": 0.3333}
    gender = {"count": 150, "sure_count": 33, "sure_share": 0.22, "sure_accuracy": 0.7777, "ece": 0.0234, "bins": bins}
    figures = {"pairwise_f1": 0.9613, "link_precision": 0.8765, "link_recall": 0.7123}
    return figures | {"inferences": {"gender": gender | {"groups": {"female": group, "male": few}}}}


def newest(settings: Settings, name: str) -> str:
    return rendered(settings.paths, "households", versions(settings.paths, "households")[-1], name)


def figures(settings: Settings) -> dict[str, Any]:
    card = json.loads(newest(settings, "card.en.json"))
    blocks = [block for section in card["sections"] for block in section["blocks"]]
    return {item["key"]: item["value"] for block in blocks if block["kind"] == "figures" for item in block["items"]}


def test_there_is_no_card_before_the_first_clustering(settings: Settings, world: ModuleType) -> None:
    assert "households" not in {card.use_case for card in write(settings, world.AS_OF)}
    assert versions(settings.paths, "households") == []


@pytest.mark.parametrize("language", ["de", "en"])
def test_it_has_every_section_and_names_every_rule(settings: Settings, world: ModuleType, language: str) -> None:
    cluster(settings.paths, world)
    settings.paths.household_evaluation.write_text(json.dumps(evaluated()))
    write(settings, world.AS_OF)
    card = json.loads(newest(settings, f"card.{language}.json"))
    assert [section["key"] for section in card["sections"]] == SECTIONS
    for form in ("html", "md", "json"):
        text = newest(settings, f"card.{language}.{form}")
        assert {number for number in NUMBERS if re.search(rf"{number}(?!\d)", text)} == NUMBERS
        assert "Newman" in text
    page = newest(settings, f"card.{language}.html")
    assert page.count('<svg class="plot"') == 4  # sizes, kinds, answers, reliability of gender


def test_figures_are_those_of_the_artefacts_and_of_the_evaluation(settings: Settings, world: ModuleType) -> None:
    cluster(settings.paths, world)
    settings.paths.household_evaluation.write_text(json.dumps(evaluated()))
    write(settings, world.AS_OF)
    found = figures(settings)
    assert found["households.households"] == 3
    assert found["households.devices"] == 7
    assert found["households.confidence"] == 0.75
    assert found["households.unseparable"] == 1
    assert (found["households.links"], found["households.strengthened"]) == (1, 1)
    assert found["households.gender"] == 0.25
    assert (found["households.pairwise_f1"], found["households.link_recall"]) == (0.9613, 0.7123)
    assert found["households.gender_sure"] == 0.7777
    text = newest(settings, "card.en.md")
    assert "Measured on synthetic data" in text
    assert "| gender: female | 75 | 40% | 81% |" in text
    assert "| gender: male | 75 | 4% | – |" in text  # three answers say nothing of how often they are right


def test_without_an_evaluation_nothing_is_claimed_of_how_right_it_is(settings: Settings, world: ModuleType) -> None:
    cluster(settings.paths, world)
    settings.paths.household_inferences.unlink()
    write(settings, world.AS_OF)
    assert not any(key.endswith(("_f1", "_precision", "_recall", "_sure")) for key in figures(settings))
    text = newest(settings, "card.en.md")
    assert "no measurement against a known truth yet" in text
    assert "No inferences yet" in text


def test_a_changed_threshold_changes_the_card_and_its_page_of_changes(tmp_path: Path, world: ModuleType) -> None:
    config = Path(shutil.copytree(PROJECT_ROOT / "config", tmp_path / "config"))
    settings = load({"MEDIATHEK_HOME": str(tmp_path / "home"), "MEDIATHEK_CONFIG": str(config)})
    cluster(settings.paths, world)
    assert "households" in {card.use_case for card in write(settings, world.AS_OF)}
    assert write(settings, world.AS_OF + timedelta(hours=1)) == []
    file = config / "households" / "links.yaml"
    file.write_text(file.read_text().replace("min_visit_days: 2", "min_visit_days: 3"))
    write(settings, world.AS_OF + timedelta(hours=2))
    assert "an mindestens 3 verschiedenen Tagen" in newest(settings, "card.de.md")
    [change] = json.loads(newest(settings, "changes.en.json"))["rules"]
    assert change["values"] == {"days": [2, 3]}
    assert len(versions(settings.paths, "households")) == 2
