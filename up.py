"""`mediathek up`: everything on this machine, supervised, with a first run and a table of addresses."""

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

import airflow_local
from addresses import Addresses, choose, port_of
from core.errors import StageError, UserError
from core.logs import progress
from core.settings import Settings, load
from first_run import AirflowApi, FirstRun
from serving.cli import follow_commands
from supervisor import Service, Supervisor

_TICK_SECONDS = 0.5
_EVERY_TICKS = 4  # Airflow is asked every two seconds


@dataclass(frozen=True)
class Wishes:
    """What the command line was told."""

    source: Path | None
    port: int | None
    with_airflow: bool
    households: int
    days: int


def run(settings: Settings, wishes: Wishes) -> None:
    """Start everything and look after it until Ctrl-C or SIGTERM.

    Raises:
        UserError: another `mediathek up` runs over the same home, the source is missing, or no port is free.
    """
    if wishes.source is not None and not wishes.source.is_dir():
        raise UserError(f"source: {wishes.source} is no directory; name one that holds catalogue/ and events/")
    with _alone(settings), _stopped_by_signal() as stopped:
        supervisor = Supervisor(progress)
        try:
            _Platform(settings, wishes, supervisor).run(stopped)
        finally:
            progress("ending all processes ...")
            supervisor.stop()
            progress("all ended")


class _Platform:
    """The processes, and what has to happen before and between them."""

    def __init__(self, settings: Settings, wishes: Wishes, supervisor: Supervisor) -> None:
        self._settings = settings
        self._wishes = wishes
        self._supervisor = supervisor
        self._simulated = settings.home / "simulated"
        self._source = wishes.source or self._simulated / "landing"
        self._addresses = choose(settings, wishes.port, progress)
        self._env = airflow_local.environment(settings, self._addresses, self._source)
        self._is_live = False

    def run(self, stopped: list[int]) -> None:
        """Bring everything up in the order in which things need each other, then keep it up."""
        _make_keys(self._settings)
        month = self._start_month()
        self._prepare_databases()
        for service in self._services():
            self._supervisor.keep(service)
        _print_table(self._addresses, self._settings, self._wishes.with_airflow)
        first = FirstRun(self._settings, AirflowApi(self._addresses.airflow), progress)
        is_ready, ticks = not self._wishes.with_airflow, 0
        while not stopped:
            self._supervisor.tick()
            month = self._finish_month(month)
            self._go_live(is_source_there=month is None)
            if not is_ready and ticks % _EVERY_TICKS == 0:
                first.tick(is_source_there=month is None)
                is_ready = first.is_done
                if is_ready:
                    progress(f"ready: {self._addresses.api}   (Ctrl-C ends everything)")
            ticks += 1
            time.sleep(_TICK_SECONDS)

    def _services(self) -> list[Service]:
        """What is kept running beside the simulator."""
        env = self._env
        serve = (sys.executable, "-m", "mediathek", "serve", "--port", str(port_of(self._addresses.api)))
        mlflow = (
            *(sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--workers", "1"),
            *("--port", str(port_of(self._addresses.mlflow)), "--backend-store-uri", self._settings.paths.mlflow_uri),
            *("--default-artifact-root", str(self._settings.paths.mlflow / "artifacts")),
        )
        services = [
            Service("pages", serve, env, self._log_of("serve")),
            # Its job runner is seven processes and 2 GB for features that we do not use.
            Service("mlflow", mlflow, {**env, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}, self._log_of("mlflow")),
        ]
        return services + (airflow_local.services(self._settings, env) if self._wishes.with_airflow else [])

    def _prepare_databases(self) -> None:
        """Make both databases before anybody opens them: two that migrate at once damage each other's work."""
        self._settings.paths.mlflow.mkdir(parents=True, exist_ok=True)
        mlflow = (sys.executable, "-m", "mlflow", "db", "upgrade", self._settings.paths.mlflow_uri)
        commands: dict[str, tuple[str, ...]] = {"mlflow": mlflow}
        if self._wishes.with_airflow:
            commands["airflow"] = airflow_local.migrate_command()
        running = {
            name: self._supervisor.start_once(Service(name, command, self._env, self._log_of(f"{name}-database")))
            for name, command in commands.items()
        }
        progress(f"preparing the databases of {' and '.join(commands)} ...")
        for name, process in running.items():
            if process.wait() != 0:
                raise StageError(f"{name}: its database could not be made; see {self._log_of(f'{name}-database')}")

    def _start_month(self) -> subprocess.Popen[bytes] | None:
        """Simulate a month on the first start; what an ended start left half-made is made anew."""
        if self._wishes.source is not None or self._simulated.is_dir():
            self._follow()
            return None
        progress(f"simulating {self._wishes.days} days of {self._wishes.households} households ...")
        command = (*self._simulate(self._half_made), "--days", str(self._wishes.days))
        subprocess.run(["rm", "-rf", str(self._half_made)], check=True)
        return self._supervisor.start_once(Service("simulator", command, self._env, self._log_of("simulate")))

    def _log_of(self, name: str) -> Path:
        return self._settings.paths.logs / f"{name}.log"

    @property
    def _half_made(self) -> Path:
        return self._settings.home / "simulated.tmp"

    def _simulate(self, out: Path) -> tuple[str, ...]:
        households = str(self._wishes.households)
        return (sys.executable, "-m", "mediathek", "simulate", "--out", str(out), "--households", households)

    def _finish_month(self, month: subprocess.Popen[bytes] | None) -> subprocess.Popen[bytes] | None:
        """Put the month in place once it is whole, and let the simulator go on in real time."""
        if month is None or month.poll() is None:
            return month
        if month.returncode != 0:
            raise StageError(f"simulator: it failed; see {self._settings.paths.logs / 'simulate.log'}")
        self._half_made.rename(self._simulated)
        progress(f"the month is simulated: {self._simulated}")
        self._follow()
        return None

    def _go_live(self, is_source_there: bool) -> None:
        """Follow the logs once the first ingestion has begun: two that begin at once would be in each other's way."""
        has_begun = not self._wishes.with_airflow or any(self._settings.paths.ledger.glob("[0-9]*.json"))
        if self._is_live or not is_source_there or not has_begun:
            return
        self._is_live = True
        for service in self._live_services():
            self._supervisor.keep(service)
        progress(f"households are live: {self._addresses.api}/households")

    def _live_services(self) -> list[Service]:
        """As beside ``serve``. A topic or the source: the DAG takes in the other one, and both give way to it."""
        kafka, topic = self._settings.kafka_bootstrap, self._settings.kafka_topic
        commands = follow_commands(None, kafka, topic) if kafka else follow_commands(self._source, None, None)
        nice = ("nice", "-n", str(self._settings.serving.follower_niceness), sys.executable, "-m", "mediathek")
        return [Service(each[0], (*nice, *each), self._env, self._log_of(each[0])) for each in commands]

    def _follow(self) -> None:
        if self._wishes.source is None:
            command = (*self._simulate(self._simulated), "--follow")
            self._supervisor.keep(Service("simulator", command, self._env, self._log_of("simulate")))


def _make_keys(settings: Settings) -> None:
    """Make the pseudonym key before several processes would want to at once (PRV-1), and print a new token here, so
    that it does not get into a log file."""
    from core.privacy import load_pseudonyms
    from serving.auth import load_token

    load_pseudonyms(settings.paths.keys)
    load_token(settings)


def _print_table(addresses: Addresses, settings: Settings, with_airflow: bool) -> None:
    """Print where to look; on standard error, like all that is no result."""
    rows = [
        ("Pages: Next-Video, cards, reports", addresses.api),
        ("Households, live", f"{addresses.api}/households"),
        ("API", f"{addresses.api}/docs"),
        ("MLflow: runs and models", addresses.mlflow),
        ("All state", str(settings.home)),
    ]
    if with_airflow:
        rows.insert(3, ("Airflow: DAGs and their runs", addresses.airflow))
    for name, address in rows:
        progress(f"  {name:36}{address}")


def command(
    source: Annotated[
        Path | None, typer.Option(help="Take in this landing directory instead of simulating one.", show_default=False)
    ] = None,
    port: Annotated[int | None, typer.Option(help="Port of the pages; the next free one if it is taken.")] = None,
    airflow: Annotated[bool, typer.Option(help="Start Airflow and make the first run through it.")] = True,
    households: Annotated[int, typer.Option(min=1, help="Size of the simulated audience (first start only).")] = 600,
    days: Annotated[int, typer.Option(min=1, help="Days of history to simulate (first start only).")] = 30,
) -> None:
    """Start everything, trigger the first pipeline run, print the addresses. Ctrl-C ends all of it."""
    run(load(), Wishes(source.resolve() if source else None, port, airflow, households, days))


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """Hold the home's lock; the system gives it back however we end."""
    settings.home.mkdir(parents=True, exist_ok=True)
    with (settings.home / "up.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            owner = lock.read().strip() or "unknown"
            raise UserError(
                f"home: {settings.home} is in use by another `mediathek up` (process {owner}); "
                "end that one, or set MEDIATHEK_HOME to another directory"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


@contextmanager
def _stopped_by_signal() -> Iterator[list[int]]:
    """Collect stop signals instead of being ended by them, so that everybody else is ended first."""
    stopped: list[int] = []
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, lambda got, _: stopped.append(got)) for number in numbers}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
