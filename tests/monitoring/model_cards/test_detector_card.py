"""The card of ad detection: from the served detector's manifest; it says so where none is trained (MC-1, MC-2)."""

import json
from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest

from core.contracts.ad_detection import SERVED_NOTE, served_detector
from core.settings import Settings
from monitoring.model_cards import write
from monitoring.model_cards.store import rendered, versions


def serve(settings: Settings, manifest: dict[str, Any]) -> None:
    folder = served_detector(settings.paths)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    gate = {"name": "ads", "value": 0.7271, "threshold": 0.5, "is_passed": True, "reading": "F1 0.727"}
    (folder / SERVED_NOTE).write_text(json.dumps({"version": "3", "gates": [gate]}))


def manifest() -> dict[str, Any]:
    frames = {"ad": {"ad": 1200, "talk": 0, "music": 600}, "talk": {"ad": 60, "talk": 3000, "music": 0},
              "music": {"ad": 0, "talk": 0, "music": 5140}}  # fmt: skip
    part = {"frame_accuracy": 0.9, "f1": {"ad": 0.7, "talk": 0.9, "music": 0.9}, "boundary_error_s": 2.5}
    hours = {"ad": 0.05, "talk": 0.08, "music": 0.14}
    evaluation = {
        **part, "frame_accuracy": 0.934, "frame_accuracy_interval": [0.9, 0.95], "confusion": frames, "hours": 0.28,
        "realtime_factor": 120.0, "stations": {"station-000.mp3": 0.93, "station-001.mp3": 0.94},
        "parts": {"net alone": part}, "sound": {"origin": "recorded", "recorded_share": 1.0, "files": 2, "hours": hours},
        "kinds": {"spot-album": {"seconds": 60.0, "frame_accuracy": 0.0, "wrong_as": {"music": 60.0, "talk": 0.0}},
                  "talk-plain": {"seconds": 300.0, "frame_accuracy": 1.0, "wrong_as": {"music": 0.0}}},
        "examples": [{"file": "station-001.mp3", "start_s": 61.0, "end_s": 121.0, "truth": "ad", "said": "music",
                      "kind": "spot-album"}],
        "reliability": [{"confidence": 0.5, "accuracy": 0.45, "count": 9}, {"confidence": 0.9, "accuracy": 0.92,
                        "count": 90}],
        "look_ahead": [{"look_ahead_s": 4.0, "frame_accuracy": 0.91}, {"look_ahead_s": 30.0, "frame_accuracy": 0.93}],
    }  # fmt: skip
    return {
        "as_of": "2026-05-30T03:30:00+00:00", "parameters": 60_000, "hotlist_clips": 17, "evaluation": evaluation,
        "sound": [{"origin": "synthetic", "recorded_share": 0.0, "files": 4, "hours": {"ad": 1.25, "talk": 1.0, "music": 2.0}}],
        "curves": {"held_out_accuracy": [0.6, 0.8]},
        "corrections": {"before": {"false_ad_s": 33.3, "missed_ad_s": 0.0}, "after": {"false_ad_s": 1.2,
                        "missed_ad_s": 0.0}},
    }  # fmt: skip


def newest(settings: Settings, name: str) -> str:
    return rendered(settings.paths, "ad-detection", versions(settings.paths, "ad-detection")[-1], name)


def test_without_a_detector_it_says_that_none_is_trained(settings: Settings, world: ModuleType) -> None:
    write(settings, world.AS_OF)
    assert "No detector is trained yet" in newest(settings, "card.en.md")
    assert "noch kein Detektor trainiert" in newest(settings, "card.de.html")
    assert "AD-10" in newest(settings, "card.en.md"), "what happens to sound holds without a detector, too"


@pytest.mark.parametrize("language", ["de", "en"])
def test_its_figures_are_those_of_the_manifest(settings: Settings, world: ModuleType, language: str) -> None:
    serve(settings, manifest())
    write(settings, world.AS_OF)
    text = newest(settings, f"card.{language}.md")
    point = "," if language == "de" else "."
    for shown in (
        f"93{point}4",
        f"0{point}700",
        "SYNTHETI",
        "station-001.mp3 1:01.0–2:01.0",
        f"33{point}3",
        f"1{point}25",
    ):
        assert shown in text, shown
    assert "none is trained" not in text
    page = newest(settings, f"card.{language}.html")
    assert page.count('class="plot"') == 4, "errors by kind, reliability, look-ahead, learning curve"


def test_targets_that_are_not_reached_are_named(settings: Settings, world: ModuleType) -> None:
    serve(settings, manifest())
    write(settings, world.AS_OF)
    text = newest(settings, "card.en.md")
    assert (
        "Not reached yet: Right, record mode; Right, live with 4 seconds of look-ahead; F1 of ads; Border error" in text
    )
    assert "Recognised worst: spot for an album." in text


def test_a_detector_trained_without_a_test_says_so(settings: Settings, world: ModuleType) -> None:
    old = {"as_of": "2026-05-30T03:30:00+00:00", "curves": {"held_out_accuracy": [0.5, 0.6]}}
    serve(settings, old)
    write(settings, world.AS_OF)
    assert "trained before testing" in newest(settings, "card.en.md")
    serve(settings, manifest())
    write(settings, world.AS_OF + timedelta(hours=1))
    assert "trained before testing" not in newest(settings, "card.en.md")
