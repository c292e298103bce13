"""The rules as data: complete, in two languages, read by the code itself (MC-2)."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from core.algorithms.next_video.rules import NUMBERS, Rules, load_rules
from core.errors import UserError
from core.paths import PROJECT_ROOT

FILE = PROJECT_ROOT / "config" / "next_video" / "rules.yaml"


def changed(tmp_path: Path, number: str, **fields: Any) -> Path:
    values = yaml.safe_load(FILE.read_text())
    values["rules"][number] |= fields
    file = tmp_path / "rules.yaml"
    file.write_text(yaml.safe_dump(values))
    return file


def test_every_rule_says_what_it_does_in_both_languages(rules: Rules) -> None:
    german = rules.describe("de", {"view_min_seconds": 30.0})
    english = rules.describe("en", {"view_min_seconds": 30.0})
    assert [text.number for text in german] == list(NUMBERS)
    assert all(de.text != en.text and "{" not in de.text + en.text for de, en in zip(german, english, strict=True))


def test_texts_name_the_values_that_the_code_uses(tmp_path: Path) -> None:
    """MC-2: change a rule, and its text changes."""
    rules = load_rules(changed(tmp_path, "NV-C2", parameters={"collections": ["Archiv", "Probe"]}))
    assert rules.excluded_collections == {"Archiv", "Probe"}
    assert "Archiv, Probe" in rules.text_of("NV-C2", "de", {}).text
    assert "45 seconds" in rules.text_of("NV-U1", "en", {"view_min_seconds": 45.0}).text


@pytest.mark.parametrize(
    ("number", "rows", "current"),
    [
        ("NV-C2", [{"collection": "logo!"}], {}),
        ("NV-R1", [{"audience": "general"}], {"audience": "kids"}),
        ("NV-R2", [{"genre": "fiction"}], {"genre": "report"}),
        ("NV-R3", [{"series_id": "s", "season": 1, "episode": 1}], {"series_id": "s"}),
        ("NV-R4", [{"series_id": "s", "season": 1, "episode": 2}], {}),
        ("NV-H2", [{}], {"path": "/nachrichten/heute"}),
    ],
)
def test_a_rule_that_is_switched_off_drops_nothing(
    tmp_path: Path, ask: Any, number: str, rows: list[dict[str, Any]], current: dict[str, Any]
) -> None:
    films = [ask.film("current", **current), *(ask.film("candidate", **fields) for fields in rows)]
    assert ask(films, "current").case == "hidden"
    ask.rules = load_rules(changed(tmp_path, number, enabled=False))
    assert [item.content_id for item in ask(films, "current").items] == ["candidate"]


def test_case_1_and_seen_can_be_switched_off_too(tmp_path: Path, ask: Any) -> None:
    from core.algorithms.next_video.request import History, View

    ask.rules = load_rules(changed(tmp_path, "NV-1", enabled=False))
    assert ask([ask.episode(1, 1), ask.episode(1, 2)], "s1e1").reason == "NV-H1"
    ask.rules = load_rules(changed(tmp_path, "NV-P1", enabled=False))
    seen = History(views=[View("film", 99.0, ask.now)])
    assert [item.content_id for item in ask([ask.film("current"), ask.film("film")], "current", seen).items] == ["film"]


@pytest.mark.parametrize(
    ("number", "fields", "message"),
    [
        ("NV-C1", {"enabled": False}, "NV-C1 cannot be switched off"),
        ("NV-C2", {"parameters": {"names": []}}, "NV-C2 takes collections"),
        ("NV-R4", {"parameters": {"year_seasons_from": ["x"]}}, "NV-R4: year_seasons_from must be a int"),
        ("NV-R1", {"title": {"de": "nur deutsch"}}, "rules.NV-R1.title.en"),
    ],
)
def test_a_mistake_in_the_file_is_named(tmp_path: Path, number: str, fields: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError) as raised:
        load_rules(changed(tmp_path, number, **fields))
    assert message in str(raised.value)


def test_a_missing_or_torn_file_is_a_clear_message(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        load_rules(tmp_path / "rules.yaml")
    (tmp_path / "rules.yaml").write_text("rules: [")
    with pytest.raises(UserError, match="is no YAML"):
        load_rules(tmp_path / "rules.yaml")
