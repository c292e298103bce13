"""The model now served, as MLflow's registry knows it: the only place of monitoring that talks to MLflow."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlparse
from urllib.request import url2pathname

from core.contracts.exports import CHAMPION, REGISTERED_MODEL
from core.errors import StageError
from core.settings import Settings, apply_no_telemetry


@dataclass(frozen=True)
class ChampionInfo:
    """Version, run and bundle of the registered model `next_video` that carries the alias `champion`."""

    version: str
    run_id: str
    bundle: Path
    tags: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)

    def manifest(self) -> dict[str, Any]:
        """Read the bundle's manifest: architecture, sources, window, counts, metrics against baselines."""
        file = self.bundle / "manifest.json"
        try:
            manifest: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise StageError(f"champion {self.version}: its manifest cannot be read ({file}): {error}") from None
        return manifest


def champion(settings: Settings) -> ChampionInfo | None:
    """Return the champion, or None where nothing was promoted yet. Imports MLflow (seconds)."""
    if not (settings.paths.mlflow / "mlflow.db").is_file():
        return None  # asking MLflow would create the database
    apply_no_telemetry()
    from mlflow import MlflowClient
    from mlflow.exceptions import MlflowException

    client = MlflowClient(tracking_uri=settings.paths.mlflow_uri, registry_uri=settings.paths.mlflow_uri)
    try:
        version = client.get_model_version_by_alias(REGISTERED_MODEL, CHAMPION)
        run = client.get_run(version.run_id)
    except MlflowException:
        return None
    artifacts = _artifacts(settings, run)
    return ChampionInfo(
        version=str(version.version),
        run_id=version.run_id,
        bundle=artifacts / "bundle",
        tags={**run.data.tags, **version.tags},
        metrics=dict(run.data.metrics),
    )


def _artifacts(settings: Settings, run: Any) -> Path:
    """The folder of a run's artefacts: that of a local store itself (nothing is copied), else a download."""
    uri = urlparse(run.info.artifact_uri)
    if uri.scheme in ("", "file"):
        return Path(url2pathname(uri.path))
    from mlflow.artifacts import download_artifacts

    return Path(download_artifacts(run_id=run.info.run_id, tracking_uri=settings.paths.mlflow_uri))
