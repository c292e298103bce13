"""PRV-4: retired model versions are kept for their window and no longer."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.contracts.exports import CHAMPION, REGISTERED_MODEL
from core.settings import Settings
from training import runs
from training.retention import drop_expired

pytestmark = pytest.mark.slow


def register(settings: Settings, store: Any) -> tuple[str, Path]:
    """A version with one artefact; its number and the artefact's place."""
    run = store.create_run(runs.experiment_id(settings, store))
    store.log_text(run.info.run_id, "weights", f"{runs.BUNDLE}/manifest.json")
    if not store.search_registered_models():
        store.create_registered_model(REGISTERED_MODEL)
    source = f"{run.info.artifact_uri}/{runs.BUNDLE}"
    version = store.create_model_version(REGISTERED_MODEL, source, run.info.run_id).version
    return str(version), settings.paths.mlflow / "artifacts" / run.info.run_id


@pytest.fixture
def store(settings: Settings) -> Any:
    return runs.client(settings)


def after(settings: Settings, days: float) -> datetime:
    """A run so many days after the retention window of what is registered now."""
    return datetime.now(UTC) + timedelta(days=settings.retention.models + days)


def test_a_retired_version_goes_with_its_files_and_the_champion_stays(settings: Settings, store: Any) -> None:
    _, retired_files = register(settings, store)
    champion, champion_files = register(settings, store)
    store.set_registered_model_alias(REGISTERED_MODEL, CHAMPION, champion)
    assert drop_expired(settings, after(settings, 1)) == {"models": 1}
    assert [str(version.version) for version in store.search_model_versions("")] == [champion]
    assert not retired_files.exists()
    assert champion_files.exists()
    assert drop_expired(settings, after(settings, 1)) == {"models": 0}


def test_a_retired_version_inside_the_window_stays(settings: Settings, store: Any) -> None:
    register(settings, store)
    assert drop_expired(settings, after(settings, -1)) == {"models": 0}


def test_the_version_that_serving_would_go_back_to_stays(settings: Settings, store: Any) -> None:
    previous, _ = register(settings, store)
    champion, _ = register(settings, store)
    store.set_registered_model_alias(REGISTERED_MODEL, runs.PREVIOUS, previous)
    store.set_registered_model_alias(REGISTERED_MODEL, CHAMPION, champion)
    assert drop_expired(settings, after(settings, 1)) == {"models": 0}


def test_a_home_without_models_has_nothing_to_drop_and_gets_no_store(settings: Settings) -> None:
    assert drop_expired(settings, after(settings, 1)) == {"models": 0}
    assert not settings.paths.mlflow.exists()
