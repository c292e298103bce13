"""The champion as MLflow's registry has it, and the card made from its bundle: the real registry, a real bundle."""

import json
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from core.algorithms.next_video.bundle import write_bundle
from core.algorithms.next_video.untrained import untrained_model
from core.contracts.exports import CHAMPION, REGISTERED_MODEL
from core.settings import Settings, apply_no_telemetry
from monitoring.model_cards import write
from monitoring.model_cards.champion import champion
from monitoring.model_cards.store import rendered, versions

pytestmark = pytest.mark.slow


def registered(settings: Settings, bundle: Path) -> str:
    """Register a bundle and make it the champion, with the tags that the gates write."""
    apply_no_telemetry()
    from mlflow import MlflowClient

    settings.paths.mlflow.mkdir(parents=True)
    client = MlflowClient(tracking_uri=settings.paths.mlflow_uri, registry_uri=settings.paths.mlflow_uri)
    experiment = client.create_experiment("next_video", (settings.paths.mlflow / "artifacts").as_uri())
    run = client.create_run(experiment)
    client.log_artifacts(run.info.run_id, str(bundle.parent))
    client.create_registered_model(REGISTERED_MODEL)
    source = f"{run.info.artifact_uri}/bundle"
    version = client.create_model_version(REGISTERED_MODEL, source, run.info.run_id)
    for name, value in {
        "verdict": "passed",
        "gate.rules": "passed: 0 rules broken",
        "gate.size": "passed: 1 MB",
    }.items():
        client.set_model_version_tag(REGISTERED_MODEL, version.version, name, value)
    client.set_registered_model_alias(REGISTERED_MODEL, CHAMPION, version.version)
    return str(version.version)


def test_the_card_states_the_champions_bundle_mc_2(settings: Settings, world: ModuleType, tmp_path: Path) -> None:
    manifest = world.manifest(settings)
    models = [
        untrained_model(name, [f"v{row}" for row in range(40)], np.random.default_rng(1)) for name in ("tv", "all")
    ]
    details = {key: manifest[key] for key in ("as_of", "window", "settings", "sources")}
    bundle = tmp_path / "logged" / "bundle"
    write_bundle(bundle, models, manifest["classes"], details, manifest["models"])
    version = registered(settings, bundle)

    found = champion(settings)
    assert found is not None
    assert found.version == version
    assert found.manifest()["classes"]["tablet"] == "all"

    write(settings, world.AS_OF)
    text = rendered(settings.paths, "next-video", versions(settings.paths, "next-video")[-1], "card.en.md")
    parameters = sum(
        entry["parameters"] for entry in json.loads((bundle / "manifest.json").read_text())["models"].values()
    )
    assert f"Model {version} is running" in text
    assert f"it knows 40 videos and holds {parameters:,} learned numbers." in text
    assert "the model passed all 2 checks: no rule broken and size." in text
    assert "Self-Attentive Sequential Recommendation" in text
    assert "shared by all devices, as too little was watched: smartphone, tablet and computer." in text


def test_asking_for_the_champion_makes_no_registry(settings: Settings) -> None:
    assert champion(settings) is None
    assert not settings.paths.mlflow.exists()
