"""How the feature store is configured, the same for who publishes it and for who reads it. Plain values, no Feast."""

from pathlib import Path
from typing import Any

PROJECT = "mediathek"
SERVICE = "next_video"
VIEW = "next_video_device_taste"
TASTE_PREFIX = "taste_"


def repo_config(folder: Path) -> dict[str, Any]:
    """Arguments of ``feast.RepoConfig`` for a registry and an online store below ``folder`` (``paths.feast``)."""
    return {
        "project": PROJECT,
        "provider": "local",
        "registry": {"path": str(folder / "registry.db"), "cache_ttl_seconds": 0},
        "offline_store": {"type": "duckdb"},
        "online_store": {"type": "sqlite", "path": str(folder / "online.db")},
        "entity_key_serialization_version": 3,
    }
