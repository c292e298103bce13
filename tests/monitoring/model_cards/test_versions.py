"""A card's versions: dated, kept, new only where the content changed, with a page of what changed (MC-1)."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from types import ModuleType

import pytest

from core.errors import UserError
from core.settings import Settings
from monitoring.model_cards import write
from monitoring.model_cards.content import Card
from monitoring.model_cards.store import load, rendered, versions
from monitoring.model_cards.write_cards import WrittenCard, write_from

MAY_31 = datetime(2026, 5, 31, 12, tzinfo=UTC)
MAY_31_LATER = datetime(2026, 5, 31, 16, tzinfo=UTC)
JUNE_1 = datetime(2026, 6, 1, 0, tzinfo=UTC)


def test_a_second_run_over_the_same_content_writes_nothing_even_days_later(settings: Settings) -> None:
    assert len(write(settings, MAY_31)) == 3
    assert write(settings, JUNE_1) == []
    assert versions(settings.paths, "next-video") == ["2026-05-31.1"]


def test_versions_are_counted_by_day_and_history_is_kept(settings: Settings, world: ModuleType) -> None:
    write(settings, MAY_31)
    inputs = replace(world.full_inputs(settings), as_of=MAY_31_LATER)
    assert write_from(inputs) == [WrittenCard("next-video", "2026-05-31.2")]
    inputs.manifest["models"]["tv"]["rows"] += 1
    assert write_from(replace(inputs, as_of=JUNE_1)) == [WrittenCard("next-video", "2026-06-01.1")]
    assert versions(settings.paths, "next-video") == ["2026-05-31.1", "2026-05-31.2", "2026-06-01.1"]
    assert load(settings.paths, "next-video", "2026-06-01.1").previous_version == "2026-05-31.2"


def test_the_tenth_version_of_a_day_comes_after_the_ninth(settings: Settings, world: ModuleType) -> None:
    inputs = world.full_inputs(settings)
    for _ in range(10):
        inputs.manifest["models"]["tv"]["rows"] += 1
        write_from(inputs)
    assert versions(settings.paths, "next-video")[-2:] == ["2026-05-31.9", "2026-05-31.10"]


def test_a_run_for_a_day_in_the_past_is_still_the_newest_card(settings: Settings, world: ModuleType) -> None:
    write(settings, JUNE_1)
    assert write_from(world.full_inputs(settings)) == [WrittenCard("next-video", "2026-06-01.2")]


def test_a_card_read_back_says_the_same(settings: Settings, world: ModuleType) -> None:
    write_from(world.full_inputs(settings))
    card = load(settings.paths, "next-video", "2026-05-31.1")
    assert Card.model_validate_json(card.model_dump_json()) == card


def test_measured_figures_stand_apart_from_what_people_set(settings: Settings, world: ModuleType) -> None:
    world.write_bias(settings.paths, world.bias_report())
    inputs = world.full_inputs(settings)
    write_from(inputs)
    moved = world.bias_report(top_1_percent_share=(0.25, 0.24, 0.26))
    write_from(replace(inputs, bias=moved, as_of=JUNE_1))
    found = json.loads(rendered(settings.paths, "next-video", "2026-06-01.1", "changes.de.json"))
    assert found["rules"] == []
    assert (found["old_version"], found["new_version"]) == ("2026-05-31.1", "2026-06-01.1")
    [change] = found["numbers"]
    assert change["key"] == "bias.top_1_percent_share"
    assert change["section_title"] == "Algorithmus"
    assert (change["old"], change["new"]) == ("18,4\u00a0% (17,1–19,8)", "25\u00a0% (24–26)")
    assert change["values"] == {"value": [0.184, 0.25]}


def test_a_figure_carries_the_last_cards_value(settings: Settings, world: ModuleType) -> None:
    world.write_bias(settings.paths, world.bias_report())
    inputs = world.full_inputs(settings)
    write_from(inputs)
    moved = world.bias_report(gini_impressions=(0.65, 0.64, 0.66))
    write_from(replace(inputs, bias=moved, as_of=JUNE_1))
    assert "**0.650 (0.640–0.660)** (last card 0.713)" in rendered(
        settings.paths, "next-video", "2026-06-01.1", "card.en.md"
    )
    assert "zuletzt 0,713" in rendered(settings.paths, "next-video", "2026-06-01.1", "card.de.html")


def test_the_first_version_says_that_there_is_nothing_to_compare_with(settings: Settings) -> None:
    write(settings, MAY_31)
    assert "This is the first version" in rendered(settings.paths, "next-video", "2026-05-31.1", "changes.en.html")
    assert json.loads(rendered(settings.paths, "next-video", "2026-05-31.1", "changes.en.json")) is None


@pytest.mark.parametrize("version", ["2026-05-31.7", "../../keys", ""])
def test_a_version_that_is_not_there_is_named_with_those_that_are(settings: Settings, version: str) -> None:
    write(settings, MAY_31)
    with pytest.raises(UserError, match=r"version: .* there are: 2026-05-31\.1"):
        rendered(settings.paths, "next-video", version, "card.de.md")
