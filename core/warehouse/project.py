"""The dbt project: where it is, and what it is told from outside."""

import hashlib
import json
from pathlib import Path

from core.algorithms.households.parameters import Parameters
from core.paths import PROJECT_ROOT, Paths
from core.settings import Settings

PROJECT = PROJECT_ROOT / "dbt"


def variables(settings: Settings) -> dict[str, float]:
    """What SQL reads: thresholds by their name in ``config/settings.toml``, and how long a household's sighting is."""
    rules = settings.next_video
    return {
        "window_days": rules.window_days,
        "min_watched_share": rules.min_watched_share,
        "min_plays": rules.min_plays,
        "view_min_seconds": rules.view_min_seconds,
        "volume_attribution_hours": rules.volume_attribution_hours,
        "silence_minutes": settings.sessions.silence_minutes,
        "household_bucket_microseconds": Parameters().bucket_minutes * 60_000_000,
    }


def input_folder(paths: Paths) -> Path:
    return paths.warehouse.parent / "input"


def environment(paths: Paths) -> dict[str, str]:
    """What ``dbt/profiles.yml``, the sources and dbt itself read from the environment."""
    return {
        "MEDIATHEK_DBT_DATABASE": str(paths.warehouse),
        "MEDIATHEK_DBT_INPUT": str(input_folder(paths)),
        "DBT_TARGET_PATH": str(paths.dbt_target),
        "DBT_LOG_PATH": str(paths.logs / "dbt"),
    }


def signature(settings: Settings) -> str:
    """Changes with a threshold, the SQL or the home, which views name: then nothing built before can be added to."""
    given = [variables(settings), str(input_folder(settings.paths))]
    digest = hashlib.sha256(json.dumps(given, sort_keys=True).encode())
    for file in sorted(
        [PROJECT / "dbt_project.yml", *PROJECT.glob("models/**/*.sql"), *PROJECT.glob("macros/**/*.sql")]
    ):
        digest.update(file.read_bytes())
    return digest.hexdigest()
