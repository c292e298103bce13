"""OPS-1: what every DAG keeps to, measured on the DAGs as Airflow parses them."""

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from core.paths import PROJECT_ROOT

pytestmark = pytest.mark.slow

FILES = sorted(file for file in (PROJECT_ROOT / "dags").glob("*.py") if file.name != "__init__.py")
HEAVY = (
    "tensorflow",
    "keras",
    "mlflow",
    "feast",
    "evidently",
    "great_expectations",
    "dbt",
    "duckdb",
    "pandas",
    "pyarrow",
)
PARSE = """
import json, sys
from airflow.dag_processing.dagbag import DagBag
from dags.shared.policy import OWNER, SEVERITY, SUBJECTS
bag = DagBag({folder!r})
def of(dag):
    return dict(
        tags=sorted(dag.tags), doc=dag.doc_md or "", catchup=dag.catchup, max_active_runs=dag.max_active_runs,
        periodic=dag.timetable.__class__.__name__ , fileloc=dag.fileloc,
        tasks=[dict(id=task.task_id, owner=task.owner, retries=task.retries, pool=task.pool,
                    outlets=[asset.name for asset in task.outlets]) for task in dag.tasks])
print("ANSWER" + json.dumps(dict(
    errors={{str(k): str(v) for k, v in bag.import_errors.items()}}, owner=OWNER, severity=SEVERITY, subjects=SUBJECTS,
    heavy=[name for name in {heavy!r} if name in sys.modules], dags={{dag.dag_id: of(dag) for dag in bag.dags.values()}})))
"""


@pytest.fixture(scope="module")
def parsed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """All DAGs, parsed in a process of its own: what that imports is measured, not what pytest has imported."""
    home = tmp_path_factory.mktemp("airflow")
    environment = {
        "PATH": "/usr/bin:/bin",
        "AIRFLOW_HOME": str(home),
        "MEDIATHEK_HOME": str(home / "home"),
        "MEDIATHEK_SOURCE": str(home / "landing"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    }
    code = PARSE.format(folder=str(PROJECT_ROOT / "dags"), heavy=HEAVY)
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=PROJECT_ROOT, capture_output=True, text=True, timeout=120
    )
    answers = [line for line in done.stdout.splitlines() if line.startswith("ANSWER")]
    assert answers, done.stderr
    return json.loads(answers[0].removeprefix("ANSWER"))


def test_every_dag_parses(parsed: dict[str, Any]) -> None:
    assert parsed["errors"] == {}
    assert sorted(parsed["dags"]) == sorted(file.stem for file in FILES), "name a DAG after its file"


def test_the_workflows_of_ops_1_are_there(parsed: dict[str, Any]) -> None:
    assert {"ingest", "build", "train_next_video", "monitor_next_video", "households", "housekeeping"} <= set(
        parsed["dags"]
    )


def test_parsing_imports_nothing_heavy(parsed: dict[str, Any]) -> None:
    assert parsed["heavy"] == [], "import it inside the task: every parse of every DAG file pays for it"


def test_every_dag_says_how_bad_it_is_when_it_fails_and_what_it_is_about(parsed: dict[str, Any]) -> None:
    for name, dag in parsed["dags"].items():
        severities = [tag for tag in dag["tags"] if tag in parsed["severity"]]
        others = set(dag["tags"]) - set(parsed["severity"])
        assert len(severities) == 1, f"{name}: give it exactly one of {parsed['severity']}"
        assert others, f"{name}: give it a subject of {parsed['subjects']}"
        assert others <= set(parsed["subjects"]), (
            f"{name}: {others} holds an unknown tag; add it to dags/shared/policy.py"
        )


def test_every_dag_helps_at_three_in_the_morning(parsed: dict[str, Any]) -> None:
    for name, dag in parsed["dags"].items():
        for heading in ("**Does**", "**When**", "**Reads**", "**Writes**", "**Normal oddities**", "**If it fails**"):
            assert heading in dag["doc"], f"{name}: its docstring lacks {heading}"


def test_every_task_is_owned_and_retried(parsed: dict[str, Any]) -> None:
    for name, dag in parsed["dags"].items():
        assert dag["max_active_runs"] == 1, f"{name}: two runs at once would write the same partitions"
        assert dag["catchup"] is False, f"{name}: decide on catchup through dags/shared/policy.py"
        for task in dag["tasks"]:
            assert task["owner"] == parsed["owner"], f"{name}.{task['id']}: pass policy.arguments(...)"
            assert task["retries"] >= 1, f"{name}.{task['id']}: a killed task must be tried again"


def test_only_the_pool_of_one_slot_writes_the_warehouse(parsed: dict[str, Any]) -> None:
    writers = {
        task["id"]: task["pool"] for task in parsed["dags"]["build"]["tasks"] if task["id"] in ("run_dbt", "write_docs")
    }
    assert len(writers) == 2
    assert set(writers.values()) == {"warehouse"}, "whatever runs dbt belongs into the pool `warehouse`"


def test_assets_lead_from_logs_to_cards(parsed: dict[str, Any]) -> None:
    outlets = {
        name: {asset for task in dag["tasks"] for asset in task["outlets"]} for name, dag in parsed["dags"].items()
    }
    assert outlets == {
        "ingest": {"lake"},
        "build": {"marts", "next_video_retrain"},
        "train_next_video": {"next_video_model"},
        "monitor_next_video": {"model_cards", "next_video_retrain"},
        "households": {"households"},
        "train_ad_detection": {"model_cards"},
        "housekeeping": set(),
    }


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_dag_file_is_short_and_names_no_asset_of_its_own(file: Path) -> None:
    text = file.read_text()
    assert len(text.splitlines()) < 120, f"{file.name}: move what is no wiring to dags/shared or to a stage"
    names = {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}
    assert "Asset" not in names, f"{file.name}: assets are made in dags/shared/assets.py"
