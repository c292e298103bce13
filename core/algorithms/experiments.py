"""Experiments (NV-M2): which unit gets which arm. Serving, the read-out and the card use this one module.

An experiment is a versioned YAML file that people write (NV-T6: nothing in the platform ever changes one, and no
read-out moves a share). Assignment is a pure function of the experiment and the unit: a salted hash, so that it is
sticky without a store, independent between experiments, and the same offline and online.
"""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Literal, Self

import yaml
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from core.errors import UserError
from core.settings import Blend

_NAME = r"^[a-z][a-z0-9_]*$"
_SHARE_TOLERANCE = 1e-9


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Arm(_Strict):
    """One arm: the share (0..1) of units it gets, and what it does differently (nothing: the control)."""

    name: str = Field(pattern=_NAME)
    share: float = Field(gt=0, le=1)
    blend: Blend | None = None
    """NV-T4: the blend of this arm; None takes the one of the settings."""


class Experiment(_Strict):
    """One experiment as its file describes it. The first arm is the control that others are compared with."""

    name: str = Field(pattern=_NAME)
    version: int = Field(ge=1)
    use_case: Literal["next-video"]
    owner: str = Field(min_length=1)
    hypothesis: str = Field(min_length=1)
    hypothesis_de: str | None = None
    """The same in German, for the model card."""
    start: AwareDatetime
    end: AwareDatetime
    primary_metric: Literal["viewing_volume"]
    arms: tuple[Arm, ...] = Field(min_length=2)

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        if self.end <= self.start:
            raise ValueError("end must lie after start")
        names = [arm.name for arm in self.arms]
        if len(set(names)) != len(names):
            raise ValueError("every arm needs a name of its own")
        total = sum(arm.share for arm in self.arms)
        if abs(total - 1) > _SHARE_TOLERANCE:
            raise ValueError(f"the arms' shares must sum to 1, not {total:g}")
        return self

    @property
    def control(self) -> Arm:
        return self.arms[0]

    def is_running(self, at: datetime) -> bool:
        """Whether ``at`` (aware) lies in [start, end)."""
        return self.start <= at < self.end

    def arm_of(self, unit: str) -> Arm:
        """Return the unit's arm: the same for ever for this name and version; a new version draws anew."""
        position = position_of(f"{self.name}:{self.version}", unit)
        upper = 0.0
        for arm in self.arms:
            upper += arm.share
            if position < upper:
                return arm
        return self.arms[-1]  # the shares' rounding left a hair's breadth below 1


def position_of(salt: str, unit: str) -> float:
    """Place a unit evenly in [0, 1) by SHA-256 of salt and unit (53 bits, so that the float is exact)."""
    digest = hashlib.sha256(f"{salt}\x00{unit}".encode("utf-8", "surrogatepass")).digest()
    return (int.from_bytes(digest[:8], "big") >> 11) / 2**53


def running(experiments: Iterable[Experiment], use_case: str, at: datetime) -> Experiment | None:
    """Return the one experiment of a use case that runs at ``at``, if any."""
    return next((each for each in experiments if each.use_case == use_case and each.is_running(at)), None)


def assign(
    experiments: Iterable[Experiment], use_case: str, unit: str | None, at: datetime
) -> tuple[Experiment, Arm] | None:
    """Return the experiment that runs and the unit's arm in it; None without a unit or without an experiment."""
    experiment = running(experiments, use_case, at)
    if experiment is None or not unit:
        return None
    return experiment, experiment.arm_of(unit)


def load_experiment(file: Path) -> Experiment:
    """Read and check one experiment's YAML file, named after the experiment.

    Raises:
        UserError: what is wrong in which field of which file.
    """
    try:
        values = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError:
        raise UserError(f"experiments: {file} cannot be read") from None
    except yaml.YAMLError as error:
        raise UserError(f"experiments: {file} is no YAML: {' '.join(str(error).split())}") from None
    try:
        experiment = Experiment.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "experiment"
        raise UserError(f"experiments: {field}: {first['msg'].removeprefix('Value error, ')} (in {file})") from None
    if experiment.name != file.stem:
        raise UserError(f"experiments: name: '{experiment.name}' must be the file's name '{file.stem}' (in {file})")
    return experiment


def load_experiments(folder: Path) -> tuple[Experiment, ...]:
    """Read every ``*.yaml`` of a folder (``settings.config / "experiments"``), ordered by start and name.

    Raises:
        UserError: a file is wrong, or two experiments of one use case overlap in time.
    """
    found = [load_experiment(file) for file in sorted(folder.glob("*.yaml"))]
    ordered = sorted(found, key=lambda each: (each.use_case, each.start.astimezone(UTC), each.name))
    for earlier, later in pairwise(ordered):
        if earlier.use_case == later.use_case and later.start < earlier.end:
            raise UserError(
                f"experiments: '{earlier.name}' and '{later.name}' overlap; "
                f"end one before the other starts (in {folder})"
            )
    return tuple(ordered)
