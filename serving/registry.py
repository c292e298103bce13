"""The model now served: follows the ``champion`` alias, loads in the background, swaps in one step (NV-T5)."""

import importlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from core.algorithms.next_video.bundle import Bundle
from core.contracts.exports import CHAMPION, REGISTERED_MODEL
from core.paths import Paths
from core.settings import apply_no_telemetry

_log = logging.getLogger("mediathek")
_POLLS_BEFORE_RETRY = 15
_PREVIOUS = "previous"  # the alias that training's gates leave on the champion before
_NO_CHAMPION = ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE")  # no such model, no such alias


@dataclass(frozen=True)
class Champion:
    """A version of the registered model, and where its bundle lies."""

    version: str
    folder: Path


@dataclass(frozen=True)
class ServedModel:
    """A loaded champion."""

    name: str
    version: str
    bundle: Bundle


class ChampionSource(Protocol):
    """Where champions come from: MLflow, or a folder in tests and benchmarks."""

    def latest(self) -> Champion | None:
        """The version that carries the alias, None where nothing was promoted yet."""

    def previous(self) -> Champion | None:
        """The champion before this one, for a start at which this one does not load."""

    def version(self, number: str) -> Champion | None:
        """Any version that is kept, to compute a past answer again."""


class MlflowChampions:
    """Asks MLflow's registry, but only where its database changed since the last answer."""

    def __init__(self, paths: Paths) -> None:
        self._database = paths.mlflow / "mlflow.db"
        self._uri = paths.mlflow_uri
        self._client: Any = None
        self._answered: tuple[tuple[int, int] | None, ...] | None = None
        self._answer: Champion | None = None

    def latest(self) -> Champion | None:
        _import_mlflow()  # seconds, once: at the first poll, before the server says that it is ready
        if not self._database.is_file():
            return None  # asking MLflow would create it
        signature = tuple(_signature(Path(f"{self._database}{suffix}")) for suffix in ("", "-wal", "-journal"))
        if signature != self._answered:
            self._answer = self._ask(CHAMPION)
            self._answered = signature
        return self._answer

    def previous(self) -> Champion | None:
        return self._ask(_PREVIOUS)

    def version(self, number: str) -> Champion | None:
        if not self._database.is_file():
            return None
        return self._found(lambda client: client.get_model_version(REGISTERED_MODEL, number))

    def _ask(self, alias: str) -> Champion | None:
        return self._found(lambda client: client.get_model_version_by_alias(REGISTERED_MODEL, alias))

    def _found(self, look_up: Callable[[Any], Any]) -> Champion | None:
        from mlflow import MlflowClient
        from mlflow.artifacts import download_artifacts
        from mlflow.exceptions import MlflowException

        if self._client is None:
            self._client = MlflowClient(tracking_uri=self._uri, registry_uri=self._uri)
        try:
            version = look_up(self._client)
        except MlflowException as error:
            if error.error_code in _NO_CHAMPION:
                return None
            raise
        folder = download_artifacts(run_id=version.run_id, artifact_path="bundle", tracking_uri=self._uri)
        return Champion(str(version.version), Path(folder))


class ModelRegistry:
    """Holds the last champion that loaded. A new one replaces it only when it is read, checked and warm."""

    def __init__(
        self,
        champions: ChampionSource,
        warm_up: Callable[[Bundle], None],
        on_served: Callable[[str], None],
        on_failure: Callable[[], None],
    ) -> None:
        self._champions = champions
        self._warm_up = warm_up
        self._on_served = on_served
        self._on_failure = on_failure
        self._failed_version: str | None = None
        self._polls_to_skip = 0
        self.served: ServedModel | None = None
        self.error: str | None = None

    def refresh(self) -> None:
        """Load the champion if it is another one than the one served; keep the served one if that fails."""
        try:
            champion = self._champions.latest()
        except Exception as error:  # a locked or damaged registry is no reason to stop serving
            self._fail(f"the model registry cannot be read: {type(error).__name__}: {error}")
            return
        if champion is None or (self.served is not None and champion.version == self.served.version):
            self._failed_version = self.error = None
            return
        if champion.version == self._failed_version and self._polls_to_skip > 0:
            self._polls_to_skip -= 1
            return
        try:
            self._load(champion)
        except Exception as error:  # whatever a file holds: the last good one serves on
            self._failed_version, self._polls_to_skip = champion.version, _POLLS_BEFORE_RETRY
            self._fail(f"champion {champion.version} does not load: {error}")
            self._fall_back()
            return
        self._failed_version = self.error = None

    def _load(self, champion: Champion) -> None:
        bundle = Bundle.load(champion.folder)
        bundle.warm_up()
        self._warm_up(bundle)
        self.served = ServedModel(REGISTERED_MODEL, champion.version, bundle)
        self._on_served(champion.version)
        _log.info("model: serving %s version %s", REGISTERED_MODEL, champion.version)

    def _fall_back(self) -> None:
        """At a start there is no last good one in memory: the champion before stands in until this one loads."""
        if self.served is not None:
            return
        try:
            if (previous := self._champions.previous()) is not None:
                self._load(previous)
        except Exception as error:
            self._fail(f"{self.error}; nor does the one before: {error}")

    def _fail(self, error: str) -> None:
        if error != self.error:
            _log.error("model: %s; going on with %s", error, self.served.version if self.served else "none")
        self.error = error
        self._on_failure()


def _import_mlflow() -> None:
    apply_no_telemetry()
    importlib.import_module("mlflow.artifacts")


def _signature(file: Path) -> tuple[int, int] | None:
    try:
        stat = file.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size
