"""Starts dbt as a process of its own and reads what became of each node."""

import ctypes
import hashlib
import json
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import StageError
from core.paths import PROJECT_ROOT, Paths
from core.settings import Settings, child_environment

PROJECT = PROJECT_ROOT / "dbt"
_FAILED = ("error", "fail", "runtime error")
_REASON_LINES = 3


@dataclass(frozen=True)
class NodeResult:
    """What became of one node of the project (a model or a test)."""

    name: str
    status: str
    seconds: float
    message: str


def variables(settings: Settings) -> dict[str, float]:
    """The thresholds that SQL reads, by their name in ``config/settings.toml``."""
    rules = settings.next_video
    return {
        "window_days": rules.window_days,
        "min_watched_share": rules.min_watched_share,
        "min_plays": rules.min_plays,
        "view_min_seconds": rules.view_min_seconds,
        "volume_attribution_hours": rules.volume_attribution_hours,
        "silence_minutes": settings.sessions.silence_minutes,
    }


def input_folder(paths: Paths) -> Path:
    return paths.warehouse.parent / "input"


def signature(settings: Settings) -> str:
    """Changes with a threshold or with the SQL: then nothing built before can be added to."""
    digest = hashlib.sha256(json.dumps(variables(settings), sort_keys=True).encode())
    for file in sorted(
        [PROJECT / "dbt_project.yml", *PROJECT.glob("models/**/*.sql"), *PROJECT.glob("macros/**/*.sql")]
    ):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def run_dbt(settings: Settings, command: list[str], keep_open: tuple[int, ...] = ()) -> list[NodeResult]:
    """Run one dbt command over the project and return its nodes.

    Raises:
        StageError: a node failed (the first one is named, with the first lines of its reason) or dbt did not start.
    """
    paths = settings.paths
    results = paths.dbt_target / "run_results.json"
    results.unlink(missing_ok=True)
    paths.dbt_target.mkdir(parents=True, exist_ok=True)
    start = [sys.executable, "-m", "dbt.cli.main", "--no-use-colors", "--log-level-file", "none"]
    place = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--vars", json.dumps(variables(settings))]
    done = subprocess.run(
        [*start, *command, *place],
        env=_environment(settings),
        cwd=PROJECT,
        capture_output=True,
        text=True,
        pass_fds=keep_open,
        preexec_fn=_die_with_parent,
    )
    nodes = _nodes(results)
    failed = next((node for node in nodes if node.status in _FAILED), None)
    if failed:
        raise StageError(f"warehouse: {failed.name} ({failed.status}): {_first_lines(failed.message)}")
    if done.returncode != 0:
        raise StageError(
            f"warehouse: dbt {command[0]} failed: {_first_lines(_without_time(done.stdout + done.stderr))}"
        )
    return nodes


def _environment(settings: Settings) -> dict[str, str]:
    paths = settings.paths
    own = {
        "MEDIATHEK_DBT_DATABASE": str(paths.warehouse),
        "MEDIATHEK_DBT_INPUT": str(input_folder(paths)),
        "DBT_TARGET_PATH": str(paths.dbt_target),
        "DBT_LOG_PATH": str(paths.logs / "dbt"),
    }
    return child_environment(settings, own)


def _die_with_parent() -> None:
    """Between fork and exec, Linux only: a killed build leaves no dbt behind that still writes."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def _nodes(results: Path) -> list[NodeResult]:
    if not results.exists():
        return []
    document: dict[str, Any] = json.loads(results.read_text())
    return [
        NodeResult(row["unique_id"], str(row["status"]), float(row["execution_time"]), str(row["message"] or ""))
        for row in document["results"]
    ]


def _without_time(output: str) -> str:
    """dbt's own lines begin with the time of day; its errors come last."""
    lines = [line.split("  ", 1)[-1].strip() for line in output.splitlines()]
    return "\n".join(line for line in lines if line)[-1000:]


def _first_lines(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return " / ".join(lines[:_REASON_LINES])
