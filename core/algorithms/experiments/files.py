"""Experiments' YAML files: read, checked one by one and against each other."""

from collections.abc import Iterable, Sequence
from datetime import UTC
from itertools import combinations
from pathlib import Path

import yaml
from pydantic import ValidationError

from core.algorithms.experiments.experiment import Experiment
from core.errors import UserError


def load_experiment(file: Path) -> Experiment:
    """Read and check one experiment's YAML file, named after the experiment.

    Raises:
        UserError: what is wrong in which field of which file.
    """
    try:
        values = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        raise UserError(f"experiments: {file} cannot be read; check its rights, and save it as UTF-8") from None
    except yaml.YAMLError as error:
        raise UserError(f"experiments: {file} is no YAML: {' '.join(str(error).split())}") from None
    try:
        experiment = Experiment.model_validate(values)
    except ValidationError as error:
        raise UserError(f"experiments: {_words(error)} (in {file})") from None
    if experiment.name != file.stem:
        raise UserError(f"experiments: name: '{experiment.name}' must be the file's name '{file.stem}' (in {file})")
    for place, arm in enumerate(experiment.arms):
        if arm.rules is not None and not (rules := file.parent.parent / "next_video" / arm.rules).is_file():
            raise UserError(f"experiments: arms.{place}.rules: there is no {rules}; put the rule set there (in {file})")
    return experiment


def load_experiments(folder: Path) -> tuple[Experiment, ...]:
    """Read every ``*.yaml`` of a folder (``settings.config / "experiments"``), ordered by start and name.

    Raises:
        UserError: a file is wrong, or two experiments would share units.
    """
    found = [load_experiment(file) for file in sorted(folder.glob("*.yaml"))]
    for one, other in combinations(in_order(found), 2):
        if (words := clash(one, other)) is not None:
            raise UserError(f"experiments: {words} (in {folder})")
    return in_order(found)


def read_experiments(folder: Path) -> tuple[tuple[Experiment, ...], tuple[str, ...]]:
    """Read what can be read, for pages: the sound experiments, and what is wrong with the others' files."""
    found: list[Experiment] = []
    wrong: list[str] = []
    for file in sorted(folder.glob("*.yaml")):
        try:
            experiment = load_experiment(file)
        except UserError as error:
            wrong.append(str(error))
            continue
        words = first_clash(experiment, found)
        if words is None:
            found.append(experiment)
        else:
            wrong.append(f"experiments: {words} (in {folder})")
    return in_order(found), tuple(wrong)


def clash(one: Experiment, other: Experiment) -> str | None:
    """Say why two experiments cannot stand side by side, or None.

    An answer and a log line name one experiment's arm, so at any time a unit is in one experiment of a use case, and
    an arm's name belongs to one.
    """
    together = other.start < one.ends_at and one.start < other.ends_at
    if one.use_case != other.use_case or not together:
        return None
    pair = f"'{one.name}' and '{other.name}' overlap"
    if one.layer != other.layer:
        return f"{pair} and are drawn apart (layer '{one.layer}' and '{other.layer}'); give both the same layer"
    if one.traffic.first < other.traffic.last and other.traffic.first < one.traffic.last:
        return f"{pair}; end one before the other starts, or give each a part of the units (traffic: from, to)"
    shared = {arm.name for arm in one.arms} & {arm.name for arm in other.arms}
    if shared:
        return f"{pair} and both have an arm '{min(shared)}'; log lines name the arm only: rename it in one"
    return None


def first_clash(experiment: Experiment, others: Iterable[Experiment]) -> str | None:
    """What an experiment clashes with first, or None."""
    return next((words for each in others if (words := clash(each, experiment)) is not None), None)


def in_order(experiments: Sequence[Experiment]) -> tuple[Experiment, ...]:
    return tuple(sorted(experiments, key=lambda each: (each.use_case, each.start.astimezone(UTC), each.name)))


def _words(error: ValidationError) -> str:
    """The first thing that is wrong, with its field and, for a field that does not exist, those that do."""
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"]) or "experiment"
    message = first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        message = "there is no such field; see docs/editors.md for those there are"
    elif first["type"] == "missing":
        message = "is missing; add it"
    return f"{field}: {message}"
