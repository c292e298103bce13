"""One step of the pipeline in a process of its own: `python -m pipeline_step STEP AS_OF < earlier reports`."""

import importlib
import json
import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from core.errors import StageError, UserError
from core.settings import Settings, child_environment

ENTRY_POINTS = {
    "check_door": "monitoring.quality.door:check",
    "build": "core.warehouse:build",
    "check_marts": "monitoring.quality.marts:check",
    "docs": "core.warehouse:docs",
    "households": "training.households.run:cluster",
    "ad_counts": "serving.ad_decision.counters_export:export_counters",
    "conclusions": "training.households.conclusions:conclude",
    "features": "training.datasets.features:publish",
    "train": "training.next_video.run:train",
    "promote": "training.gates:promote",
    "drift": "monitoring.drift:run",
    "ranking": "monitoring.ranking:run",
    "bias": "monitoring.bias:run",
    "experiments": "monitoring.experiments:run",
    "caps": "monitoring.caps:run",
    "cards": "monitoring.model_cards:write",
}
AHEAD = {"build": {"builder": "core.warehouse:Builder"}}
"""What a step can start before its turn: the argument of its entry point, and what makes it from the settings."""
_MODULE = "pipeline_step"
_STAGE_FAILED, _USER_MISTAKE = 1, 2


def run_apart(name: str, settings: Settings, as_of: datetime, known: dict[str, Any]) -> Any:
    """Run a step in a fresh process and return its report.

    Raises:
        StageError: the step failed, or its process was killed.
        UserError: the step found a user's mistake.
    """
    with _Process(name, settings, as_of) as process:
        return process.run(known)


@contextmanager
def started_ahead(name: str, settings: Settings, as_of: datetime) -> Iterator[Callable[..., Any]]:
    """Start a step's process before its turn, so that it loads what it needs while others work; yields a ``run_apart``.

    That one uses the process for this step and fresh ones for others. A process whose turn never comes is ended.
    """
    with _Process(name, settings, as_of, is_ahead=True) as process:

        def run(step: str, settings: Settings, as_of: datetime, known: dict[str, Any]) -> Any:
            return process.run(known) if step == name else run_apart(step, settings, as_of, known)

        yield run


class _Process:
    """A step's process, which waits for the earlier reports on its standard input before it works."""

    def __init__(self, name: str, settings: Settings, as_of: datetime, *, is_ahead: bool = False) -> None:
        self._name = name
        self._folder = tempfile.TemporaryDirectory(prefix="mediathek-step-")
        self._answer = Path(self._folder.name) / "answer.json"
        arguments = [sys.executable, "-m", _MODULE, name, as_of.isoformat(), str(self._answer)]
        self._process = subprocess.Popen(
            [*arguments, *(["--ahead"] if is_ahead else [])],
            text=True, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, env=child_environment(settings),
        )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        if self._process.stdin:
            self._process.stdin.close()
        self._folder.cleanup()

    def run(self, known: dict[str, Any]) -> Any:
        self._process.communicate(json.dumps(known))
        said = json.loads(self._answer.read_text()) if self._answer.exists() else None
        code = self._process.returncode
        if said is None:
            raise StageError(f"{self._name}: its process ended with {_how(code)} and no report; see the lines above")
        if code == _USER_MISTAKE:
            raise UserError(said["error"])
        if code == _STAGE_FAILED:
            raise StageError(said["error"])
        return said["report"]


def _how(code: int) -> str:
    return f"signal {-code} (out of memory?)" if code < 0 else f"exit code {code}"


def perform(name: str, settings: Settings, as_of: datetime, known: dict[str, Any], **ahead: Any) -> Any:
    """Run a step in this process; ``ahead`` is what was started for it before its turn."""
    stage = _entry_point(ENTRY_POINTS[name])
    if ahead:
        return stage(settings, as_of, **ahead)
    if name == "promote":
        return stage(settings, known["train"]["version"], as_of)
    return stage(settings) if name == "docs" else stage(settings, as_of)


def _entry_point(address: str) -> Any:
    module, name = address.split(":")
    return getattr(importlib.import_module(module), name)


def main() -> int:
    """Run the step that the arguments name; the answer goes to a file, so that no library's chatter gets into it."""
    from core import logs
    from core import settings as settings_module
    from core.json_form import json_form

    name, as_of, answer, *more = sys.argv[1:]
    settings_module.apply_no_telemetry()
    warnings.simplefilter("ignore")  # of libraries about each other: nothing that who runs a pipeline could act on
    logs.set_up()
    try:
        settings = settings_module.load()
        ahead = {word: _entry_point(address)(settings) for word, address in AHEAD[name].items()} if more else {}
        known = sys.stdin.read()  # ends when it is this step's turn
        if not known:
            return 0  # who started us has given up
        report = perform(name, settings, datetime.fromisoformat(as_of), json.loads(known), **ahead)
        said: dict[str, Any] = {"report": json_form(report)}
        code = 0
    except UserError as error:
        said, code = {"error": str(error)}, _USER_MISTAKE
    except StageError as error:
        said, code = {"error": str(error)}, _STAGE_FAILED
    Path(answer).write_text(json.dumps(said))
    return code


if __name__ == "__main__":
    # Left at once: some libraries keep threads that would hold the process for seconds after its work is written.
    exit_code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(exit_code)
