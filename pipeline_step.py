"""One step of the pipeline in a process of its own: `python -m pipeline_step STEP AS_OF < earlier reports`."""

import importlib
import json
import os
import subprocess
import sys
import tempfile
import warnings
from datetime import datetime
from pathlib import Path
from typing import Any

from core.errors import StageError, UserError
from core.settings import Settings, child_environment

ENTRY_POINTS = {
    "check_door": "monitoring.quality.door:check",
    "build": "core.warehouse:build",
    "check_marts": "monitoring.quality.marts:check",
    "docs": "core.warehouse:docs",
    "features": "training.datasets.features:publish",
    "train": "training.next_video.run:train",
    "promote": "training.gates:promote",
    "drift": "monitoring.drift:run",
    "ranking": "monitoring.ranking:run",
    "bias": "monitoring.bias:run",
    "experiments": "monitoring.experiments:run",
    "cards": "monitoring.model_cards:write",
}
_MODULE = "pipeline_step"
_STAGE_FAILED, _USER_MISTAKE = 1, 2


def run_apart(name: str, settings: Settings, as_of: datetime, known: dict[str, Any]) -> Any:
    """Run a step in a fresh process and return its report.

    Raises:
        StageError: the step failed, or its process was killed.
        UserError: the step found a user's mistake.
    """
    with tempfile.TemporaryDirectory(prefix="mediathek-step-") as folder:
        answer = Path(folder) / "answer.json"
        arguments = [sys.executable, "-m", _MODULE, name, as_of.isoformat(), str(answer)]
        done = subprocess.run(
            arguments, input=json.dumps(known), text=True, stdout=subprocess.DEVNULL, env=child_environment(settings)
        )
        said = json.loads(answer.read_text()) if answer.exists() else None
    if said is None:
        raise StageError(f"{name}: its process ended with {_how(done.returncode)} and no report; see the lines above")
    if done.returncode == _USER_MISTAKE:
        raise UserError(said["error"])
    if done.returncode == _STAGE_FAILED:
        raise StageError(said["error"])
    return said["report"]


def _how(code: int) -> str:
    return f"signal {-code} (out of memory?)" if code < 0 else f"exit code {code}"


def perform(name: str, settings: Settings, as_of: datetime, known: dict[str, Any]) -> Any:
    """Run a step in this process."""
    module, function = ENTRY_POINTS[name].split(":")
    stage = getattr(importlib.import_module(module), function)
    if name == "promote":
        return stage(settings, known["train"]["version"], as_of)
    return stage(settings) if name == "docs" else stage(settings, as_of)


def main() -> int:
    """Run the step that the arguments name; the answer goes to a file, so that no library's chatter gets into it."""
    from core import logs
    from core import settings as settings_module
    from core.json_form import json_form

    name, as_of, answer = sys.argv[1:4]
    settings_module.apply_no_telemetry()
    warnings.simplefilter("ignore")  # of libraries about each other: nothing that who runs a pipeline could act on
    logs.set_up()
    try:
        settings = settings_module.load()
        said: dict[str, Any] = {
            "report": json_form(perform(name, settings, datetime.fromisoformat(as_of), json.load(sys.stdin)))
        }
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
