"""`mediathek card` as a person meets it."""

import json
import subprocess
import sys
from types import ModuleType

import pytest

from core.settings import Settings, child_environment
from monitoring.model_cards.write_cards import write_from

pytestmark = pytest.mark.slow


def run(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mediathek", "card", *arguments]
    return subprocess.run(command, env=child_environment(settings), capture_output=True, text=True, check=False)


def test_a_card_is_printed_in_each_form_and_mistakes_are_one_line(settings: Settings, world: ModuleType) -> None:
    before = run(settings, "next-video")
    assert (before.returncode, before.stdout) == (2, "")
    assert "run `mediathek pipeline --source DIR` first" in before.stderr
    write_from(world.full_inputs(settings))
    card = run(settings, "next-video", "--language", "en", "--format", "json")
    assert json.loads(card.stdout)["version"] == "2026-05-31.1"
    assert run(settings, "next-episode", "--language", "de").stdout.startswith("# Nächste Folge – Model Card")
    assert run(settings, "next-video", "--format", "html", "--changes").stdout.startswith("<!doctype html>")
    wrong = run(settings, "cooking")
    assert (wrong.returncode, len(wrong.stderr.splitlines())) == (2, 1)
    assert "next-episode, next-video, households" in wrong.stderr
