"""`mediathek up`: one at a time over one home, and a user's mistake is one line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import airflow_local
import up
from addresses import choose
from core.errors import UserError
from core.settings import Settings
from first_run import FirstRun

WISHES = up.Wishes(source=None, port=None, with_airflow=True, households=1, days=1)


def test_a_second_up_over_the_same_home_is_refused_with_the_owner_and_the_remedy(settings: Settings) -> None:
    holding = (
        "import sys, up\n"
        "from core.settings import load\n"
        "with up._alone(load()): print('held', flush=True); sys.stdin.readline()\n"
    )
    env = {**os.environ, "MEDIATHEK_HOME": str(settings.home)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", holding], env=env, text=True, **pipes) as first:  # type: ignore[call-overload]
        assert first.stdout.readline() == "held\n"
        with pytest.raises(UserError, match=rf"in use by another `mediathek up` \(process {first.pid}\)"):
            up.run(settings, WISHES)
        first.stdin.close()
    with up._alone(settings):
        pass  # it was given back when its owner ended


def test_a_source_that_is_not_there_is_named(settings: Settings, tmp_path: Path) -> None:
    wishes = up.Wishes(source=tmp_path / "missing", port=None, with_airflow=True, households=1, days=1)
    with pytest.raises(UserError, match=r"source: .*missing is no directory"):
        up.run(settings, wishes)


def test_airflow_stays_on_this_machine_and_calls_nobody(settings: Settings, tmp_path: Path) -> None:
    env = airflow_local.environment(settings, choose(settings, None, lambda _: None), tmp_path)
    assert env["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert env["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"].startswith(env["AIRFLOW__API__BASE_URL"])
    assert env["AIRFLOW__USAGE_DATA_COLLECTION__ENABLED"] == "False"
    assert env["MEDIATHEK_SOURCE"] == str(tmp_path)
    assert env["MEDIATHEK_HOME"] == str(settings.home)
    services = {service.name: service.command for service in airflow_local.services(settings, env)}
    assert "--skip-serve-logs" in services["airflow scheduler"], "its log server would bind to all interfaces"
    assert "--skip-serve-logs" in services["airflow triggerer"], "its log server would bind to all interfaces"


class Airflow:
    """Answers like Airflow's API, one state after the other."""

    def __init__(self) -> None:
        self.posted: list[tuple[str, object]] = []
        self.dags: list[str] = []
        self.tasks: list[dict[str, object]] = []
        self.is_up = False

    def call(self, method: str, path: str, body: object = None) -> object:
        if not self.is_up:
            raise ConnectionRefusedError
        if method == "POST":
            self.posted.append((path, body))
        if path.startswith("/dags?"):
            return {"dags": [{"dag_id": name} for name in self.dags]}
        return {"task_instances": self.tasks}


def task(dag: str, name: str, state: str, **more: object) -> dict[str, object]:
    return {"dag_id": dag, "task_id": name, "dag_run_id": "r", "state": state, "try_number": 1, "duration": 7.2, **more}


def test_the_first_run_goes_through_airflow_and_is_told_until_the_cards_are_there(settings: Settings) -> None:
    said: list[str] = []
    airflow = Airflow()
    first = FirstRun(settings, airflow, said.append)  # type: ignore[arg-type]
    first.tick(is_source_there=False)  # Airflow does not answer yet: no error
    airflow.is_up = True
    first.tick(is_source_there=False)
    first.tick(is_source_there=True)
    assert [path for path, _ in airflow.posted] == ["/pools"], "not before all DAGs are known"
    airflow.dags = ["ingest", "build", "train_next_video", "monitor_next_video"]
    first.tick(is_source_there=False)
    assert len(airflow.posted) == 1, "not before the month is there"
    first.tick(is_source_there=True)
    assert airflow.posted[-1] == ("/dags/ingest/dagRuns", {"logical_date": None})
    airflow.tasks = [task("ingest", "from_landing", "success"), task("build", "run_dbt", "running")]
    first.tick(is_source_there=True)
    first.tick(is_source_there=True)
    assert said[-2:] == ["  ingest.from_landing: done in 7 s", "  build.run_dbt ..."], "each state is told once"
    airflow.tasks.append(task("build", "run_dbt", "failed"))
    first.tick(is_source_there=True)
    assert "build.run_dbt: failed" in said[-1]
    for use_case in ("next-episode", "next-video"):
        (settings.paths.cards / use_case / "1").mkdir(parents=True)
        (settings.paths.cards / use_case / "1" / "card.de.html").write_text("")
    first.tick(is_source_there=True)
    assert first.is_done
