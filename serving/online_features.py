"""What is known about a device when it asks: Feast's online store, read in process. The only use of Feast in serving.

``refresh`` belongs into a background thread: it imports Feast (seconds) and takes up a newly published store.
``taste`` belongs into the request: one read of one row from SQLite, well under a millisecond, and it never raises.
"""

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.contracts.exports import GENRES_WITH_TASTE
from core.feature_store import SERVICE, TASTE_PREFIX, VIEW, repo_config
from core.privacy import DEVICE_KEY
from core.settings import Settings, apply_no_telemetry

_log = logging.getLogger("mediathek")
_FEATURES = tuple(f"{VIEW}:{TASTE_PREFIX}{genre}" for genre in GENRES_WITH_TASTE)


@dataclass(frozen=True)
class _Opened:
    """One published state of the store."""

    store: Any
    signature: tuple[int, ...]


class OnlineFeatures:
    """Reads device features; serves None until ``refresh`` has found a store."""

    def __init__(self, settings: Settings) -> None:
        self._folder = settings.paths.feast
        self._opened: _Opened | None = None
        self._one_at_a_time = threading.Lock()  # Feast shares one SQLite connection
        self._has_failed = False

    def refresh(self) -> None:
        """Open the store if it was published anew since the last call; publishing swaps whole files.

        Raises:
            Exception: the store cannot be opened; the one before goes on serving.
        """
        signature = self._signature()
        if signature is None or (self._opened is not None and self._opened.signature == signature):
            return
        apply_no_telemetry()
        from feast import FeatureStore, RepoConfig

        store = FeatureStore(config=RepoConfig(repo_path=self._folder, **repo_config(self._folder)))
        store.get_feature_service(SERVICE)  # reads the registry, which then stays in memory
        _read(store, "d_" + "0" * 24)  # opens the connection
        self._opened = _Opened(store, signature)
        self._has_failed = False

    def taste(self, unit: str | None) -> Mapping[str, float] | None:
        """Share of the device's plays by genre, 0..1.

        Args:
            unit: the request's unit; only where it is a device's key is anything known about it.

        Returns:
            Shares by genre, or None: no device, unknown, without consent, nothing published, or the read failed.
        """
        opened = self._opened
        if opened is None or unit is None or not DEVICE_KEY.fullmatch(unit):
            return None
        try:
            with self._one_at_a_time:
                row = _read(opened.store, unit)
            shares = {genre: row[f"{TASTE_PREFIX}{genre}"][0] for genre in GENRES_WITH_TASTE}
        except Exception as error:  # an answer without taste is better than none
            self._report(error)
            return None
        if any(share is None for share in shares.values()):
            return None
        return {genre: float(share) for genre, share in shares.items()}

    def _signature(self) -> tuple[int, ...] | None:
        parts: list[int] = []
        for name in ("registry.db", "online.db"):
            try:
                stat = (self._folder / name).stat()
            except OSError:
                return None
            parts += [stat.st_ino, stat.st_mtime_ns]
        return tuple(parts)

    def _report(self, error: Exception) -> None:
        if not self._has_failed:
            _log.error("online features: cannot be read (%s: %s); answering without taste", type(error).__name__, error)
        self._has_failed = True


def _read(store: Any, device_key: str) -> dict[str, list[Any]]:
    answer: dict[str, list[Any]] = store.get_online_features(
        features=list(_FEATURES), entity_rows=[{"device_key": device_key}]
    ).to_dict()
    return answer
