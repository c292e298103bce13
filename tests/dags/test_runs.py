"""OPS-1: DAGs really run; a day is backfilled as of that day; a killed task leaves nothing half-written."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from core.paths import PROJECT_ROOT, Paths

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

DAY_END = "2026-05-10T00:00:00+00:00"


def environment(home: Path, landing: Path) -> dict[str, str]:
    return {
        **os.environ,
        "MEDIATHEK_HOME": str(home),
        "MEDIATHEK_SOURCE": str(landing),
        "AIRFLOW_HOME": str(home / "airflow"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT_ROOT / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    }


def airflow(home: Path, landing: Path, *arguments: str) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "airflow", *arguments]
    with (home / "airflow.log").open("ab") as log:
        return subprocess.Popen(
            command, env=environment(home, landing), stdout=log, stderr=log, cwd=PROJECT_ROOT, start_new_session=True
        )


def run_dag(home: Path, landing: Path, dag: str) -> None:
    code = airflow(home, landing, "dags", "test", dag, DAY_END).wait()
    assert code == 0, (home / "airflow.log").read_text()[-4000:]


@pytest.fixture(scope="module")
def landing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("simulated")
    scale = ["--days", "2", "--households", "30", "--videos", "200", "--as-of", "2026-05-10T00:00:00Z"]
    subprocess.run([sys.executable, "-m", "mediathek", "simulate", "--out", out, *scale], check=True, cwd=PROJECT_ROOT)
    return out / "landing"


@pytest.fixture(scope="module")
def ingested(landing: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with Airflow's database, into which the DAG `ingest` has taken the logs."""
    home = tmp_path_factory.mktemp("home")
    assert airflow(home, landing, "db", "migrate").wait() == 0
    run_dag(home, landing, "ingest")
    return home


def copy_of(home: Path, target: Path) -> Path:
    shutil.copytree(home, target)
    return target


def newest_quality_reports(home: Path) -> list[dict[str, str]]:
    return [json.loads(file.read_text()) for file in (home / "reports" / "quality").rglob("report.json")]


def rows_of(home: Path, model: str) -> list[tuple[object, ...]]:
    with duckdb.connect() as connection:
        query = f"select * exclude (batch_id) from read_parquet('{Paths(home).export(model)}') order by all"
        query = query if "batch_id" in columns_of(home, model) else query.replace(" exclude (batch_id)", "")
        return connection.execute(query).fetchall()


def columns_of(home: Path, model: str) -> list[str]:
    with duckdb.connect() as connection:
        described = connection.execute(f"describe select * from read_parquet('{Paths(home).export(model)}')")
        return [row[0] for row in described.fetchall()]


def test_ingest_of_a_past_day_quarantines_nothing_for_being_from_the_future(ingested: Path) -> None:
    """The door judges by the time of arrival: its run was for a day, and files hold what came since."""
    assert list(Paths(ingested).events.rglob("*.parquet"))
    reasons = {
        reason
        for file in Paths(ingested).quarantine.glob("*.parquet")
        for (reason,) in duckdb.sql(f"select distinct reason from '{file}'").fetchall()
    }
    assert "future_at" not in reasons


def test_a_backfilled_day_is_built_as_of_its_end(ingested: Path, landing: Path, tmp_path: Path) -> None:
    home = copy_of(ingested, tmp_path / "home")
    run_dag(home, landing, "build")
    assert {report["as_of"] for report in newest_quality_reports(home)} == {DAY_END}


def test_a_build_killed_in_the_middle_leaves_nothing_half_written(
    ingested: Path, landing: Path, tmp_path: Path
) -> None:
    undisturbed, killed = copy_of(ingested, tmp_path / "undisturbed"), copy_of(ingested, tmp_path / "killed")
    run_dag(undisturbed, landing, "build")

    running = airflow(killed, landing, "dags", "test", "build", DAY_END)
    while not Paths(killed).warehouse.exists():
        assert running.poll() is None, (killed / "airflow.log").read_text()[-4000:]
        time.sleep(0.01)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    exports = Paths(killed).exports
    for file in exports.glob("*.parquet") if exports.is_dir() else ():
        duckdb.sql(f"select count(*) from '{file}'").fetchall()  # whole, or not there

    run_dag(killed, landing, "build")
    for model in ("dim_content", "fct_playbacks", "fct_sessions", "feat_next_video__training_plays"):
        assert rows_of(killed, model) == rows_of(undisturbed, model), model
