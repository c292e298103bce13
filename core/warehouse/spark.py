"""HH-5: the evidence of households by the same dbt model on Spark (dbt-spark, session method), in a process of its own.

Spark is optional (``make spark``). What it writes lies in a folder that is gone when its rows have been copied.
"""

import importlib.util
import json
import shutil
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path

import duckdb

from core.errors import StageError
from core.settings import Settings, child_environment
from core.warehouse.inputs import LakeState, lay_out
from core.warehouse.project import PROJECT, environment, variables
from core.warehouse.sightings import COLUMNS, MODEL

FOLDERS = "spark-"
"""How the folders begin, beside the warehouse, that a run works in."""
_MODULE = "core.warehouse.spark_process"
_NEEDS = "needs Java 17 and the packages of requirements-spark.txt (make spark)"
_REASON_LETTERS = 300
_COPY = f"create temp table sightings as select {COLUMNS} from read_parquet($files)"


def why_no_spark() -> str | None:
    """Say in a line what is missing for Spark; None: all is there."""
    missing = [name for name in ("pyspark", "dbt.adapters.spark") if importlib.util.find_spec(name) is None]
    if shutil.which("java") is None:
        missing.append("java")
    return f"spark: {' and '.join(missing)} missing: it {_NEEDS}" if missing else None


def copy_sightings_by_spark(
    settings: Settings, connection: duckdb.DuckDBPyConnection, batch_id: int, until: datetime
) -> None:
    """Build the model on Spark over the lake's events up to a commit and a time, into a temporary table ``sightings``.

    Raises:
        StageError: Spark is not installed, or the model or one of its tests failed.
    """
    if missing := why_no_spark():
        raise StageError(missing)
    with tempfile.TemporaryDirectory(prefix=FOLDERS, dir=_made(settings.paths.warehouse.parent)) as name:
        folder = Path(name)
        events = sorted(LakeState.of(settings.paths).events)
        lay_out(settings.paths, folder / "input", events, [], until, build_id=1)
        files = _built(settings, folder, batch_id, until)
        connection.execute(_COPY, {"files": files})


def _built(settings: Settings, folder: Path, batch_id: int, until: datetime) -> list[str]:
    """Run dbt; return the Parquet files of its table."""
    own = environment(settings.paths)
    own |= {"DBT_TARGET_PATH": str(folder / "target"), "DBT_LOG_PATH": str(folder / "logs")}
    own["MEDIATHEK_DBT_INPUT"] = str(folder / "input")
    place = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--target", "spark"]
    command = ["build", "--select", MODEL, "--exclude-resource-type", "unit_test"]
    bounds = {"batch_id": batch_id, "until": until.isoformat(sep=" ")}
    arguments = [*command, *place, "--vars", json.dumps(variables(settings))]
    done = subprocess.run(
        [sys.executable, "-m", _MODULE, str(folder), json.dumps(bounds), json.dumps(arguments)],
        env=child_environment(settings, own),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise StageError(f"spark: {MODEL} failed: {last[:_REASON_LETTERS]}")
    return sorted(str(file) for file in (folder / "tables").glob(f"*/{MODEL}/*.parquet"))


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
