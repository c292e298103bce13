"""Airflow on this machine: its environment and the processes it consists of.

These are the four that `airflow standalone` starts. They are started one by one, so that each is restarted alone, and
so that the log servers stay off: standalone would bind those to all interfaces, and nobody needs them where the log
files lie on the same disk.
"""

import subprocess
import sys
from pathlib import Path

import typer

from addresses import Addresses, last_chosen, port_of
from core.paths import PROJECT_ROOT
from core.settings import Settings, child_environment, load
from supervisor import Service

DAGS = PROJECT_ROOT / "dags"
_PARTS = {
    "scheduler": ("scheduler", "--skip-serve-logs"),
    "dag-processor": ("dag-processor",),
    "api-server": ("api-server",),
    "triggerer": ("triggerer", "--skip-serve-logs"),
}


def environment(settings: Settings, addresses: Addresses, source: Path | None) -> dict[str, str]:
    """All that Airflow needs to know; nothing is left to an ``airflow.cfg`` that somebody would have to edit.

    Everybody who reaches the port is an administrator: it listens on loopback only. SQLite takes one writer at a
    time, so two tasks at once are the limit, which is also what two cores can do.
    """
    home = settings.paths.airflow
    own = {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": "2",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{addresses.airflow}/execution/",
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port_of(addresses.airflow)),
        "AIRFLOW__API__BASE_URL": addresses.airflow,
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home / 'airflow.db'}",
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "300",
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "300",
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "60",
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
    }
    if source is not None:
        own["MEDIATHEK_SOURCE"] = str(source)
    return child_environment(settings, own)


def migrate_command() -> tuple[str, ...]:
    """The command that makes Airflow's database, or brings it up to date."""
    return (sys.executable, "-m", "airflow", "db", "migrate")


def services(settings: Settings, env: dict[str, str]) -> list[Service]:
    """The four processes, each to be kept running."""
    return [
        Service(
            name=f"airflow {name}",
            command=(sys.executable, "-m", "airflow", *arguments),
            environment=env,
            log=settings.paths.logs / f"airflow-{name}.log",
        )
        for name, arguments in _PARTS.items()
    ]


def command(context: typer.Context) -> None:
    """Airflow's own command line over this home, e.g. `mediathek airflow dags list`, `... backfill create --help`."""
    settings = load()
    env = environment(settings, last_chosen(settings), settings.source or _landing_of(settings))
    raise typer.Exit(subprocess.run((sys.executable, "-m", "airflow", *context.args), env=env).returncode)


def _landing_of(settings: Settings) -> Path | None:
    simulated = settings.home / "simulated" / "landing"
    return simulated if simulated.is_dir() else None
