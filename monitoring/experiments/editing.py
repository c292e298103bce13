"""Starting and stopping by one command: it edits the experiment's file as a person would. Nothing else ever does.

The file keeps its comments and its order: only the lines of ``start``, ``end``, ``stopped`` and ``version`` change.
"""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import yaml

from core.algorithms.experiments import Experiment, load_experiment, read_experiments
from core.algorithms.experiments.files import first_clash
from core.errors import UserError
from core.storage import write_text


def stop(folder: Path, name: str, at: datetime) -> Experiment:
    """End an experiment that runs, at ``at`` (aware); its file stays for the record.

    Raises:
        UserError: there is no such experiment, or it does not run.
    """
    file, experiment = _find(folder, name)
    if at < experiment.start:
        raise UserError(f"experiments: '{name}' has not begun; delete {file} instead")
    if not experiment.is_running(at):
        raise UserError(f"experiments: '{name}' is over since {_written(experiment.ends_at)}")
    text = _without(file.read_text(encoding="utf-8"), "stopped")
    return _save(file, _set_after(text, "end", f"stopped: {_written(at)}"))


def start(folder: Path, name: str, at: datetime, days: int | None = None) -> Experiment:
    """Let an experiment run from ``at`` (aware), for so many days or as long as its file says.

    One that has run before gets a new version, so that units are drawn anew.

    Raises:
        UserError: there is no such experiment, it runs already, has a ramp, or would share units with another.
    """
    file, experiment = _find(folder, name)
    if experiment.is_running(at):
        raise UserError(f"experiments: '{name}' runs already, until {_written(experiment.ends_at)}")
    if experiment.ramp:
        raise UserError(f"experiments: ramp: its times are written down; set start, end and ramp in {file} by hand")
    length = experiment.end - experiment.start if days is None else timedelta(days=days)
    text = _without(file.read_text(encoding="utf-8"), "stopped")
    if at > experiment.start:
        text = _replaced(text, "version", str(experiment.version + 1))
    text = _replaced(text, "start", _written(at))
    return _save(file, _replaced(text, "end", _written(at + length)))


def _find(folder: Path, name: str) -> tuple[Path, Experiment]:
    file = folder / f"{name}.yaml"
    if not file.is_file():
        names = ", ".join(sorted(each.stem for each in folder.glob("*.yaml"))) or "none"
        raise UserError(f"experiment: '{name}' is unknown; there is: {names}")
    return file, load_experiment(file)


def _save(file: Path, text: str) -> Experiment:
    """Check the text as the file it will be, then replace the file at once."""
    try:
        experiment = Experiment.model_validate(yaml.safe_load(text))
    except (ValueError, yaml.YAMLError) as error:
        raise UserError(f"experiments: {file} is laid out unusually; edit it by hand ({error})") from None
    others = [each for each in read_experiments(file.parent)[0] if each.name != experiment.name]
    words = first_clash(experiment, others)
    if words is not None:
        raise UserError(f"experiments: {words} (in {file})")
    write_text(file, text)
    return experiment


def _replaced(text: str, field: str, value: str) -> str:
    """Set a top-level field's value; what stands behind it as a comment stays."""
    line = re.compile(rf"^{field}:[^#\n]*?([ \t]*#.*)?$", re.MULTILINE)
    return line.sub(lambda found: f"{field}: {value}{found.group(1) or ''}", text, count=1)


def _set_after(text: str, field: str, line: str) -> str:
    return re.sub(rf"^({field}:.*)$", lambda found: f"{found.group(1)}\n{line}", text, count=1, flags=re.MULTILINE)


def _without(text: str, field: str) -> str:
    return re.sub(rf"^{field}:.*\n?", "", text, flags=re.MULTILINE)


def _written(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
