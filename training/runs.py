"""MLflow: where runs are tracked and models registered. The only place of training that talks to it.

Tracking and registry share one SQLite file, artefacts lie below the same home; nothing is sent anywhere.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from core.clock import parse_instant
from core.contracts.ad_detection import REGISTERED_DETECTOR
from core.contracts.exports import CHAMPION, REGISTERED_MODEL
from core.errors import StageError
from core.settings import Settings, apply_no_telemetry

EXPERIMENT = "next_video"
PREVIOUS = "previous"
BUNDLE = "bundle"
FINGERPRINT = "input_fingerprint"
AS_OF = "as_of"
_DESCRIPTIONS = {
    REGISTERED_MODEL: "Next-Video: one bundle for all device classes",
    REGISTERED_DETECTOR: "Ad detection: net, hotlist and segment model",
}
_METRICS_A_CALL = 1000
_PARAMS_A_CALL = 100


@dataclass(frozen=True)
class CurvePoint:
    """One value of a curve: a metric at a step."""

    name: str
    value: float
    step: int


@dataclass(frozen=True)
class RunRecord:
    """All that is logged of one training run."""

    name: str
    fingerprint: str
    as_of: datetime
    parameters: Mapping[str, Any]
    metrics: Mapping[str, float]
    curves: Sequence[CurvePoint]
    tags: Mapping[str, str]
    artifacts: Path
    """A folder whose content is logged as it is; the model lies in ``bundle/``."""
    model: str = REGISTERED_MODEL
    """Under which name it is registered."""
    experiment: str = EXPERIMENT


def client(settings: Settings) -> Any:
    """An ``MlflowClient`` over the home's own store; imports MLflow (seconds) and makes the store at first use."""
    apply_no_telemetry()
    from mlflow import MlflowClient

    settings.paths.mlflow.mkdir(parents=True, exist_ok=True)
    return MlflowClient(tracking_uri=settings.paths.mlflow_uri, registry_uri=settings.paths.mlflow_uri)


def experiment_id(settings: Settings, store: Any, name: str = EXPERIMENT) -> str:
    """The experiment, made at first use with its artefacts below the home."""
    found = store.get_experiment_by_name(name)
    if found is not None:
        return str(found.experiment_id)
    artifacts = settings.paths.mlflow / "artifacts"
    return str(store.create_experiment(name, artifact_location=artifacts.as_uri()))


def record(settings: Settings, store: Any, run: RunRecord) -> str:
    """Log a run and register its bundle; return the version. Registering comes last: a killed run has no version."""
    experiment = experiment_id(settings, store, run.experiment)
    _drop_unfinished(store, experiment, run.fingerprint)
    tags = {**run.tags, FINGERPRINT: run.fingerprint, AS_OF: run.as_of.isoformat()}
    with _started(store, experiment, run.name, tags) as run_id:
        _log_values(store, run_id, run)
        store.log_artifacts(run_id, str(run.artifacts))
    return _register(store, run_id, tags, run.model)


def version_of(store: Any, fingerprint: str, model: str = REGISTERED_MODEL) -> Any | None:
    """The registered version made from exactly this input, or None."""
    found = store.search_model_versions(f"name = '{model}' and tags.{FINGERPRINT} = '{fingerprint}'")
    return found[0] if found else None


def newest_version(settings: Settings) -> str:
    """The version registered last.

    Raises:
        StageError: nothing was trained yet.
    """
    found = client(settings).search_model_versions(f"name = '{REGISTERED_MODEL}'")
    if not found:
        raise StageError("promote: no model is registered yet; run `mediathek train` first")
    return str(max(int(version.version) for version in found))


def bundle_of(settings: Settings, store: Any, version: str, model: str = REGISTERED_MODEL) -> Path:
    """Folder of a version's bundle in the local store."""
    from mlflow.artifacts import download_artifacts

    run_id = store.get_model_version(model, version).run_id
    return Path(download_artifacts(run_id=run_id, artifact_path=BUNDLE, tracking_uri=settings.paths.mlflow_uri))


def version_at(store: Any, alias: str, model: str = REGISTERED_MODEL) -> Any | None:
    """The version that carries an alias, or None."""
    from mlflow.exceptions import MlflowException

    try:
        return store.get_model_version_by_alias(model, alias)
    except MlflowException:
        return None


def champion_version(settings: Settings) -> str | None:
    """The version that is served, or None. Makes no store where there is none."""
    if not (settings.paths.mlflow / "mlflow.db").is_file():
        return None
    champion = version_at(client(settings), CHAMPION)
    return None if champion is None else str(champion.version)


def is_champion_due(settings: Settings, as_of: datetime) -> bool:
    """Tell whether there is no champion, or it was trained a training interval ago or longer (NV-T5)."""
    if champion_version(settings) is None:
        return True
    trained_at = version_at(client(settings), CHAMPION).tags.get(AS_OF)  # type: ignore[union-attr]
    if trained_at is None:
        return True
    return as_of - parse_instant(trained_at) >= timedelta(hours=settings.next_video.retrain_hours)


@contextmanager
def _started(store: Any, experiment: str, name: str, tags: Mapping[str, str]) -> Iterator[str]:
    """A run that ends as FINISHED, or as FAILED where logging it raised."""
    run_id = store.create_run(experiment, tags=tags, run_name=name).info.run_id
    try:
        yield run_id
    except BaseException:
        store.set_terminated(run_id, "FAILED")
        raise
    store.set_terminated(run_id, "FINISHED")


def _log_values(store: Any, run_id: str, run: RunRecord) -> None:
    from mlflow.entities import Metric, Param

    at_ms = int(run.as_of.timestamp() * 1000)
    metrics = [Metric(name, value, at_ms, 0) for name, value in run.metrics.items()]
    metrics += [Metric(point.name, point.value, at_ms, point.step) for point in run.curves]
    params = [Param(name, str(value)) for name, value in run.parameters.items()]
    for start in range(0, len(metrics), _METRICS_A_CALL):
        store.log_batch(run_id, metrics=metrics[start : start + _METRICS_A_CALL])
    for start in range(0, len(params), _PARAMS_A_CALL):
        store.log_batch(run_id, params=params[start : start + _PARAMS_A_CALL])


def _register(store: Any, run_id: str, tags: Mapping[str, str], model: str) -> str:
    from mlflow.exceptions import MlflowException

    try:
        store.create_registered_model(model, description=_DESCRIPTIONS.get(model))
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
    source = f"{store.get_run(run_id).info.artifact_uri}/{BUNDLE}"
    return str(store.create_model_version(model, source, run_id, tags=dict(tags)).version)


def _drop_unfinished(store: Any, experiment: str, fingerprint: str) -> None:
    """Remove what a killed run over the same input left behind: it never got a version."""
    for run in store.search_runs([experiment], f"tags.{FINGERPRINT} = '{fingerprint}'"):
        if not store.search_model_versions(f"run_id = '{run.info.run_id}'"):
            store.delete_run(run.info.run_id)
