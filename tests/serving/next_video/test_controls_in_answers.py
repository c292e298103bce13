"""Editors' controls of the ranking in served answers: said in the reason, in the record, and replayed (issue 5)."""

import shutil
from pathlib import Path
from typing import Any

from core.algorithms.next_video.recorded import recorded
from serving.next_video.past import find


def serve_with_controls(world: Any, tmp_path: Path) -> None:
    folder = tmp_path / "config"
    shutil.copytree(world.settings.config, folder)
    file = folder / "next_video" / "rules.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("    share: 0 ", "    share: 1 ").replace("    weight: 0 ", "    weight: 0.5 "))
    world.settings = world.settings.model_copy(update={"config": folder})


def test_an_answer_under_controls_says_so_and_comes_out_again_to_the_last_bit(world: Any, tmp_path: Path) -> None:
    body = {"current": "film-1", "device_class": "tv"}
    with world.running() as client:
        plain = client.post("/api/v1/next-video?explain=true", json=body).json()
    serve_with_controls(world, tmp_path)
    with world.running() as client:
        reply = client.post("/api/v1/next-video?explain=true", json=body)
        answer, decision_id = reply.json(), reply.headers["x-decision-id"]
        world.until(lambda: find(world.settings.paths, decision_id) is not None)
        headers = {"Authorization": f"Bearer {world.token}"}
        found = client.get(f"/api/v1/decisions/{decision_id}", headers=headers).json()

    assert {item["content_id"] for item in answer["items"]} == {item["content_id"] for item in plain["items"]}
    assert not any("moved_by" in item["why"] for item in plain["items"])
    moved = [item["why"] for item in answer["items"] if item["why"].get("moved_by")]
    assert moved
    assert all("It stands higher" in why["en"] and "Es steht weiter vorn" in why["de"] for why in moved)
    assert found["replay"]["is_identical"] is True
    assert [item["en"] for item in found["replay"]["items"]] == [item["why"]["en"] for item in answer["items"]]
    record = find(world.settings.paths, decision_id)
    assert record is not None
    assert record["inputs"]["controls"] == {"diversity": 0.5, "freshness": 0.5, "long_tail": 1.0}
    assert recorded(record) is not None
