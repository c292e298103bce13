"""NV-M2: arms with a rule set or a model of their own, through the route; what cannot be served assigns nobody."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from core.algorithms.experiments import Experiment, load_experiments
from core.errors import UserError

YAML = """
name: arms
version: 1
use_case: next-video
owner: somebody
hypothesis: more is more
start: 2026-04-01T00:00:00Z
end: 2026-06-01T00:00:00Z
primary_metric: viewing_volume
arms:
  - {{name: control, share: 0.5}}
  - {{name: treatment, share: 0.5, {what}}}
"""


@pytest.fixture
def config(world: Any, tmp_path: Path) -> Path:
    """A configuration of the test's own, whose second rule set hides everything under /filme."""
    folder = tmp_path / "config"
    shutil.copytree(world.settings.config, folder)
    for file in (folder / "experiments").glob("*.yaml"):
        file.unlink()
    rules = (folder / "next_video" / "rules.yaml").read_text(encoding="utf-8")
    assert "[/nachrichten]" in rules
    (folder / "next_video" / "rules_short.yaml").write_text(rules.replace("[/nachrichten]", "[/filme]"))
    world.settings = world.settings.model_copy(update={"config": folder})
    return folder


def serve(config: Path, what: str) -> Experiment:
    (config / "experiments" / "arms.yaml").write_text(YAML.format(what=what))
    (found,) = load_experiments(config / "experiments")
    return found


def answers(client: TestClient) -> dict[str, dict[str, Any]]:
    """One answer of each arm, or of none, once whatever is loaded in the background is there."""
    client.app.state.refresh_experiments()  # type: ignore[attr-defined]
    found = {}
    for number in range(30):
        sent = {"current": "film-1", "device_class": "tv", "unit": f"unit-{number}"}
        answer = client.post("/api/v1/next-video", json=sent).json()
        found[answer["experiment"]["arm"] if answer["experiment"] else "none"] = answer
    return found


def test_an_arm_answers_by_its_own_rule_set(world: Any, config: Path) -> None:
    serve(config, "rules: rules_short.yaml")
    with world.running() as client:
        found = answers(client)
        assert found["control"]["case"] == "regular"
        assert (found["treatment"]["case"], found["treatment"]["reason"]) == ("hidden", "NV-H2")


def test_an_arm_answers_with_its_own_version_of_the_model(world: Any, config: Path) -> None:
    world.promote("2", world.bundle("2"))
    serve(config, "model: 1")
    with world.running() as client:
        found = answers(client)
        assert found["control"]["model"]["version"] == "2"
        assert found["treatment"]["model"]["version"] == "1"


@pytest.mark.parametrize("what", ["model: 77", "rules: rules_broken.yaml"])
def test_where_an_arm_cannot_be_served_nobody_is_assigned_and_all_are_answered(
    world: Any, config: Path, what: str
) -> None:
    (config / "next_video" / "rules_broken.yaml").write_text("rules: [")
    serve(config, what)
    with world.running() as client:
        found = answers(client)
        assert set(found) == {"none"}
        assert found["none"]["case"] == "regular"


def test_an_arm_taken_up_while_the_server_runs_is_loaded_and_let_go_again(world: Any, config: Path) -> None:
    with world.running() as client:
        assert set(answers(client)) == {"none"}
        serve(config, "rules: rules_short.yaml")
        assert set(answers(client)) == {"control", "treatment"}
        (config / "experiments" / "arms.yaml").unlink()
        assert set(answers(client)) == {"none"}


def test_a_rule_set_that_is_not_there_is_named_with_its_place(world: Any, config: Path) -> None:
    with pytest.raises(UserError, match=r"arms\.1\.rules: there is no .*rules_missing\.yaml; put the rule set there"):
        serve(config, "rules: rules_missing.yaml")
    with pytest.raises(UserError, match=r"arms\.1\.rules: "):
        serve(config, "rules: ../secret.yaml")
