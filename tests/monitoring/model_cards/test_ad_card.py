"""The card of ad decisions: from the objects that run, figures only where something was counted (MC-1, MC-2)."""

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

from core.contracts.lake import CAMPAIGNS
from core.paths import PROJECT_ROOT
from core.settings import Settings, load
from monitoring import caps
from monitoring.model_cards import write
from monitoring.model_cards.store import rendered, versions

NUMBERS = {"HH-6", "HH-7", "HH-8", "HH-9", "HH-10", "HH-11", "AD-11", "PRV-1", "PRV-2", "PRV-3", "PRV-4", "PRV-5"}


def book(settings: Settings, world: ModuleType) -> None:
    """Two campaigns that run, one of them with two targets, and one that has ended."""
    now = world.AS_OF.replace(tzinfo=None)
    targets: list[dict[str, Any]] = [{}, {"categories": ["garden"], "gender": ["female"]}, {"income": ["high"]}]
    rows = [
        {
            "campaign_id": f"c{number}", "starts_at": now - timedelta(days=9), "impressions": 1000,
            "ends_at": now + timedelta(days=5 if number < 2 else -5), "target": json.dumps(target),
        }
        for number, target in enumerate(targets)
    ]  # fmt: skip
    settings.paths.campaigns.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows, schema=CAMPAIGNS), settings.paths.campaigns)


def newest(settings: Settings, name: str) -> str:
    return rendered(settings.paths, "ad-decision", versions(settings.paths, "ad-decision")[-1], name)


def test_there_is_no_card_without_campaigns(settings: Settings, world: ModuleType) -> None:
    assert "ad-decision" not in {card.use_case for card in write(settings, world.AS_OF)}


@pytest.mark.parametrize("language", ["de", "en"])
def test_it_names_every_rule_and_what_is_never_used(settings: Settings, world: ModuleType, language: str) -> None:
    book(settings, world)
    caps.run(settings, world.AS_OF)
    write(settings, world.AS_OF)
    for form in ("html", "md", "json"):
        text = newest(settings, f"card.{language}.{form}")
        assert {number for number in NUMBERS if re.search(rf"{number}(?!\d)", text)} == NUMBERS
        assert "Efraimidis" in text
    assert ("Nie benutzt" if language == "de" else "Never used") in newest(settings, f"card.{language}.md")


def test_figures_are_those_of_the_campaigns_and_of_the_recount(settings: Settings, world: ModuleType) -> None:
    book(settings, world)
    write(settings, world.AS_OF)
    assert "Caps have not been recounted yet" in newest(settings, "card.en.md")
    caps.run(settings, world.AS_OF)
    write(settings, world.AS_OF + timedelta(hours=1))
    blocks = [b for section in json.loads(newest(settings, "card.en.json"))["sections"] for b in section["blocks"]]
    found = {each["key"]: each["value"] for b in blocks if b["kind"] == "figures" for each in b["items"]}
    assert (found["ads.campaigns"], found["ads.booked"], found["ads.own_breaches"]) == (2, 2000, 0)
    assert "not been recounted" not in newest(settings, "card.en.md")


def test_a_changed_rule_changes_the_card(tmp_path: Path, world: ModuleType) -> None:
    config = Path(shutil.copytree(PROJECT_ROOT / "config", tmp_path / "config"))
    settings = load({"MEDIATHEK_HOME": str(tmp_path / "home"), "MEDIATHEK_CONFIG": str(config)})
    book(settings, world)
    write(settings, world.AS_OF)
    file = config / "ad_decision" / "rules.yaml"
    file.write_text(file.read_text().replace("gap_minutes: 5 ", "gap_minutes: 7 "))
    write(settings, world.AS_OF + timedelta(hours=2))
    [change] = json.loads(newest(settings, "changes.en.json"))["rules"]
    assert change["values"] == {"gap": [5, 7]}
