"""A card cannot say what the system does not do: change a rule or a threshold, and the card changes (MC-2)."""

import json
import re
import shutil
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from core.algorithms.next_video.rules import NUMBERS
from core.paths import PROJECT_ROOT
from core.settings import Settings, load
from monitoring.model_cards import write
from monitoring.model_cards.store import rendered, versions

IN_SCOPE = {
    "next-video": {
        *NUMBERS, "NV-X1", "NV-X2", "NV-T1", "NV-T2", "NV-T3", "NV-T4", "NV-T5", "NV-T6", "NV-M1", "NV-M2", "NV-K1",
        "NV-K2", "PRV-1", "PRV-2", "PRV-4",
    },
    "next-episode": {"NV-1", "NV-C1", "NV-C2", "NV-X1", "NV-X2", "NV-K1", "PRV-1", "PRV-2", "PRV-4"},
}  # fmt: skip


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A copy of the project's configuration that a test may change."""
    return Path(shutil.copytree(PROJECT_ROOT / "config", tmp_path / "config"))


def loaded(tmp_path: Path, config: Path) -> Settings:
    return load({"MEDIATHEK_HOME": str(tmp_path / "home"), "MEDIATHEK_CONFIG": str(config)})


def changed(file: Path, pattern: str, text: str) -> None:
    content = file.read_text()
    assert re.search(pattern, content), pattern
    file.write_text(re.sub(pattern, text, content, count=1))


def newest(settings: Settings, name: str, use_case: str = "next-video") -> str:
    return rendered(settings.paths, use_case, versions(settings.paths, use_case)[-1], name)


def changes(settings: Settings, language: str = "en", use_case: str = "next-video") -> dict[str, Any]:
    return json.loads(newest(settings, f"changes.{language}.json", use_case))


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("use_case", IN_SCOPE)
@pytest.mark.parametrize("form", ["html", "md", "json"])
def test_every_rule_number_in_scope_stands_on_the_card(
    settings: Settings, world: ModuleType, use_case: str, language: str, form: str
) -> None:
    write(settings, world.AS_OF)
    text = newest(settings, f"card.{language}.{form}", use_case)
    missing = {number for number in IN_SCOPE[use_case] if not re.search(rf"{number}(?!\d)", text)}
    assert not missing


def test_a_changed_collection_of_nv_c2_changes_card_and_page_of_changes(
    tmp_path: Path, config: Path, world: ModuleType
) -> None:
    write(loaded(tmp_path, config), world.AS_OF)
    changed(config / "next_video" / "rules.yaml", r"\[ZDFinternational, ", "[Archive, ZDFinternational, ")
    settings = loaded(tmp_path, config)
    assert {card.use_case for card in write(settings, world.AS_OF)} == {"next-video", "next-episode"}
    assert "Archive, ZDFinternational, The European Collection und logo!" in newest(settings, "card.de.md")
    [change] = changes(settings)["rules"]
    assert change["key"] == "rule.NV-C2"
    assert change["values"] == {
        "collections": [
            ["ZDFinternational", "The European Collection", "logo!"],
            ["Archive", "ZDFinternational", "The European Collection", "logo!"],
        ]
    }
    assert "Archive" in newest(settings, "changes.de.html")
    assert changes(settings)["numbers"] == []


def test_what_a_rule_works_with_stands_on_the_card_even_where_its_text_does_not_name_it_nv_r1(
    tmp_path: Path, config: Path, world: ModuleType
) -> None:
    changed(config / "next_video" / "rules.yaml", r"audiences: \[kids\]", "audiences: [kids, toddlers]")
    settings = loaded(tmp_path, config)
    write(settings, world.AS_OF)
    assert "folgen nur Kindervideos. Gilt für: Kinder und toddlers." in newest(settings, "card.de.md")
    assert "leads only to children's videos. Applies to: kids and toddlers." in newest(settings, "card.en.md")


def test_a_rule_that_is_switched_off_is_not_claimed_any_more_nv_r3(
    tmp_path: Path, config: Path, world: ModuleType
) -> None:
    write(loaded(tmp_path, config), world.AS_OF)
    changed(config / "next_video" / "rules.yaml", r"(NV-R3:\n    enabled: )true", r"\1false")
    settings = loaded(tmp_path, config)
    write(settings, world.AS_OF)
    card = newest(settings, "card.en.md")
    assert "never leads to its own series" not in card
    assert "**NV-R3 Not the same series.** This rule is switched off at present." in card
    [change] = changes(settings)["rules"]
    assert change["old"].endswith("never leads to its own series.")
    assert change["new"] == "This rule is switched off at present."


@pytest.mark.parametrize(
    ("pattern", "text", "german", "english", "key"),
    [
        (r"window_days = 30", "window_days = 14", "aus 14 Tagen Nutzung", "uses 14 days of viewing", "training.window"),
        (r"min_watched_share = 0.35", "min_watched_share = 0.425", "zu 42,5\u00a0%", "least 42.5%", "training.share"),
        (r"min_plays = 20", "min_plays = 1500", "mindestens 1.500-mal", "at least 1,500 times", "training.plays"),
        (r"retrain_hours = 4", "retrain_hours = 6", "alle 6\u00a0Stunden", "every 6\u00a0hours", "development.cycle"),
        (r"view_min_seconds = 30", "view_min_seconds = 45", "mehr als 45 Sek", "more than 45 sec", "rule.NV-U1"),
        (r"sequence = 0.86", "sequence = 0.55", "Gewicht 55\u00a0%", "weight 55%", "algorithm.combined"),
        (r"events = 90", "events = 7", "Sichtungen nach 7 Tagen", "views after 7 days", "privacy.retention"),
    ],
    ids=["NV-T1", "NV-T2", "NV-T3", "NV-T5", "NV-U1", "NV-T4", "PRV-4"],
)  # fmt: skip
def test_a_changed_threshold_is_stated_in_both_languages(
    tmp_path: Path, config: Path, world: ModuleType, pattern: str, text: str, german: str, english: str, key: str
) -> None:
    write(loaded(tmp_path, config), world.AS_OF)
    changed(config / "settings.toml", pattern, text)
    settings = loaded(tmp_path, config)
    write(settings, world.AS_OF)
    plain = {language: newest(settings, f"card.{language}.md").replace("\u00a0", " ") for language in ("de", "en")}
    assert german.replace("\u00a0", " ") in plain["de"]
    assert english.replace("\u00a0", " ") in plain["en"]
    assert key in {change["key"] for change in changes(settings)["rules"]}
    assert changes(settings)["numbers"] == []


def test_a_running_experiment_is_stated_with_its_shares_nv_m2(tmp_path: Path, config: Path, world: ModuleType) -> None:
    file = config / "experiments" / "next_video_blend.yaml"
    write(loaded(tmp_path, config), world.AS_OF)
    assert "next_video_blend" in newest(loaded(tmp_path, config), "card.en.md")
    changed(file, r"end: 2027-12-31", "end: 2026-05-01")
    settings = loaded(tmp_path, config)
    write(settings, world.AS_OF)
    assert "next_video_blend" not in newest(settings, "card.en.md")
    assert "No A/B test is running at present." in newest(settings, "card.en.md")
    assert "Zurzeit läuft kein A/B-Test." in newest(settings, "card.de.md")


def test_a_broken_experiment_keeps_no_card_from_being_written_and_is_said(
    tmp_path: Path, config: Path, world: ModuleType
) -> None:
    """NV-M2: serving goes on with the last good version, so the card must not say that nothing runs and stop there."""
    (config / "experiments" / "broken.yaml").write_text("name: [")
    settings = loaded(tmp_path, config)
    write(settings, world.AS_OF)
    assert "The file of an A/B test cannot be read" in newest(settings, "card.en.md")
    assert "next_video_blend" in newest(settings, "card.en.md")
    assert "lässt sich nicht lesen" in newest(settings, "card.de.md")
