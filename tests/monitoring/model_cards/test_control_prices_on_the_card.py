"""Editors' controls on the card: how they are set, and what each costs in accuracy as a curve (issue 5)."""

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from core.paths import PROJECT_ROOT
from core.settings import Settings, load
from monitoring.model_cards.content import Plot, Table
from monitoring.model_cards.inputs import gather
from monitoring.model_cards.render_html import render_html
from monitoring.model_cards.sections.next_video import next_video


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        (
            "de",
            [
                "Was Vielfalt, Neues und weniger Bekanntes an Treffsicherheit kosten",
                "4,8 verschiedene Genres statt 3,2",
            ],
        ),
        ("en", ["What variety, newness and the less known cost in accuracy", "4.8 different genres instead of 3.2"]),
    ],
)
def test_the_price_of_each_control_is_drawn_and_told(
    settings: Settings, world: ModuleType, language: str, texts: list[str]
) -> None:
    card = next_video(world.full_inputs(settings))
    text = render_html(card, language)
    assert all(each in text for each in texts)
    assert "437" in text
    blocks = [block for section in card.sections for block in section.blocks]
    plot = next(block for block in blocks if isinstance(block, Plot) and block.key == "controls")
    drawn = {each["label"]["en"]: each["y"] for each in plot.data["series"]}
    assert drawn["what is new"] == pytest.approx([0.152, 0.1354, 0.1105, 0.069])
    table = next(block for block in blocks if isinstance(block, Table) and block.key == "controls")
    assert len(table.rows) == 3


def test_what_editors_set_stands_on_the_card_and_a_changed_half_life_is_told(tmp_path: Path, world: ModuleType) -> None:
    config = Path(shutil.copytree(PROJECT_ROOT / "config", tmp_path / "config"))
    file = config / "next_video" / "rules.yaml"
    file.write_text(
        re.sub(r"weight: 0 .*\n(.*)half_life_days: 7", r"weight: 0.35\n\1half_life_days: 14", file.read_text())
    )
    settings = load({"MEDIATHEK_HOME": str(tmp_path / "home"), "MEDIATHEK_CONFIG": str(config)})
    card = next_video(world.full_inputs(settings))
    text = render_html(card, "en")
    assert "what is new 35%" in text
    assert "Note: the curves are for a half-life of 7\N{NO-BREAK SPACE}days" in text
    assert "Note: the curves" not in render_html(
        next_video(world.full_inputs(load({"MEDIATHEK_HOME": str(tmp_path)}))), "en"
    )


def test_a_model_from_before_says_that_the_price_is_not_measured_yet(settings: Settings, world: ModuleType) -> None:
    inputs = world.full_inputs(settings)
    manifest = json.loads(json.dumps(inputs.manifest))
    for model in manifest["models"].values():
        del model["control_prices"]
    for known in (replace(inputs, manifest=manifest), gather(settings, world.AS_OF)):
        text = render_html(next_video(known), "en")
        assert "will be measured by the next training" in text
