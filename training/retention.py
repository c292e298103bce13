"""Retired model versions are dropped after their window (PRV-4); what serves, or could serve again, stays."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

from core.contracts.exports import CHAMPION, REGISTERED_MODEL
from core.settings import Settings
from training import runs


def drop_expired(settings: Settings, as_of: datetime) -> dict[str, int]:
    """Delete versions registered before the window, with their runs and artefacts; running it twice drops once.

    The champion and the one before it stay, however old: serving goes back to that one if the newest does not load.
    """
    if not (settings.paths.mlflow / "mlflow.db").is_file():
        return {"models": 0}
    store = runs.client(settings)
    oldest = as_of - timedelta(days=settings.retention.models)
    kept = {version.version for alias in (CHAMPION, runs.PREVIOUS) if (version := runs.version_at(store, alias))}
    expired = [
        version
        for version in store.search_model_versions(f"name = '{REGISTERED_MODEL}'")
        if version.version not in kept and datetime.fromtimestamp(version.creation_timestamp / 1000, UTC) < oldest
    ]
    for version in expired:
        _drop(store, version)
    return {"models": len(expired)}


def _drop(store: Any, version: Any) -> None:
    """Delete files first: if we are killed between, the version is still listed and is dropped the next time."""
    run = store.get_run(version.run_id)
    artifacts = Path(unquote(urlparse(run.info.artifact_uri).path))
    shutil.rmtree(artifacts.parent if artifacts.name == "artifacts" else artifacts, ignore_errors=True)
    store.delete_model_version(REGISTERED_MODEL, version.version)
    store.delete_run(version.run_id)
