"""What an experiment's file says, checked."""

from datetime import datetime
from itertools import pairwise
from typing import Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator, model_validator

from core.algorithms.experiments.position import position_of
from core.domain import DEVICE_CLASSES
from core.settings import Blend

_NAME = r"^[a-z][a-z0-9_]*$"
_SHARE_TOLERANCE = 1e-9
GuardrailMetric = Literal["hidden_share", "p99_ms", "coverage", "kids_rule", "overall_volume"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Arm(_Strict):
    """One arm: the share (0..1) of the experiment's units it gets, and what it does differently (control: nothing)."""

    name: str = Field(pattern=_NAME)
    share: float = Field(gt=0, le=1)
    blend: Blend | None = None
    """NV-T4: the blend of this arm; None takes the one of the settings."""
    rules: str | None = Field(None, pattern=r"^[a-z][a-z0-9_]*\.yaml$")
    """The rule set of this arm: a file beside ``config/next_video/rules.yaml``; None takes that one."""
    model: str | None = Field(None, pattern=r"^[1-9][0-9]*$", coerce_numbers_to_str=True)
    """The version of the registered model that this arm answers with; None takes the champion of the moment."""


class Traffic(_Strict):
    """The part of its layer that an experiment may use: units whose place in the layer lies in [from, to)."""

    first: float = Field(0.0, ge=0, lt=1, alias="from")
    last: float = Field(1.0, gt=0, le=1, alias="to")

    @model_validator(mode="after")
    def _is_a_range(self) -> Self:
        if self.last <= self.first:
            raise ValueError("to must be larger than from, both between 0 and 1; for all units leave traffic out")
        return self


class RampStep(_Strict):
    """From ``at`` on, this share (0..1) of the experiment's traffic takes part."""

    at: AwareDatetime
    share: float = Field(ge=0, le=1)


class Eligibility(_Strict):
    """Whose requests an experiment takes part in at all."""

    device_classes: tuple[str, ...] = DEVICE_CLASSES
    units: Literal["any", "device", "login"] = "any"
    """``device``: units that are device keys; ``login``: all others."""

    @field_validator("device_classes")
    @classmethod
    def _are_known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [each for each in value if each not in DEVICE_CLASSES]
        if unknown or not value:
            raise ValueError(f"name one or more of {', '.join(DEVICE_CLASSES)}; not '{', '.join(unknown)}'")
        return value


class Guardrail(_Strict):
    """What must not get worse. ``limit`` is a change against the control, but for ``p99_ms`` and ``kids_rule``."""

    metric: GuardrailMetric
    limit: float = Field(ge=0)
    """Allowed: hidden share and coverage: points (0..1); overall volume: share of it; p99: ms; kids rule: answers."""


_GUARDRAILS = (
    Guardrail(metric="hidden_share", limit=0.01),
    Guardrail(metric="p99_ms", limit=50),
    Guardrail(metric="coverage", limit=0.02),
    Guardrail(metric="kids_rule", limit=0),
    Guardrail(metric="overall_volume", limit=0.02),
)


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
    """As planned; what is decided on the way is decided against this length."""
    stopped: AwareDatetime | None = None
    """When people ended it before its time (``mediathek experiments stop``)."""
    layer: str = Field("next_video", pattern=_NAME)
    """Experiments of one layer never share a unit."""
    traffic: Traffic = Traffic.model_validate({})
    ramp: tuple[RampStep, ...] = ()
    """Growing shares over time; without any, all of the traffic from the start."""
    salt: str | None = Field(None, min_length=1)
    """What units are drawn by; without one, name and version, so that a new version draws anew."""
    eligible: Eligibility = Eligibility()
    primary_metric: Literal["viewing_volume"]
    attribution_hours: int | None = Field(None, ge=1, le=24 * 28)
    """Viewing volume counts if it began at most this long after a recommendation; None: as the settings say."""
    minimum_effect: float = Field(0.02, gt=0, lt=1)
    """The smallest relative change of viewing volume that would matter; the confidence sequence is tuned to it."""
    alpha: float = Field(0.05, gt=0, le=0.2)
    power: float = Field(0.8, gt=0.5, lt=1)
    guardrails: tuple[Guardrail, ...] = _GUARDRAILS
    arms: tuple[Arm, ...] = Field(min_length=2)

    @field_validator("arms")
    @classmethod
    def _arms_are_sound(cls, value: tuple[Arm, ...]) -> tuple[Arm, ...]:
        names = [arm.name for arm in value]
        if len(set(names)) != len(names):
            raise ValueError("every arm needs a name of its own; rename one")
        total = sum(arm.share for arm in value)
        if abs(total - 1) > _SHARE_TOLERANCE:
            raise ValueError(f"the arms' shares must sum to 1, not {total:g}; for fewer units use traffic")
        return value

    @field_validator("ramp")
    @classmethod
    def _ramp_grows(cls, value: tuple[RampStep, ...]) -> tuple[RampStep, ...]:
        for before, after in pairwise(value):
            if after.at <= before.at or after.share < before.share:
                raise ValueError("steps must follow in time and never shrink, or units would leave again; order them")
        return value

    @field_validator("guardrails")
    @classmethod
    def _guardrails_differ(cls, value: tuple[Guardrail, ...]) -> tuple[Guardrail, ...]:
        if len({each.metric for each in value}) != len(value):
            raise ValueError("each metric may stand once; remove the second")
        return value

    @model_validator(mode="after")
    def _times_are_sound(self) -> Self:
        if self.end <= self.start:
            raise ValueError("end must lie after start; correct one of them")
        if self.stopped is not None and self.stopped < self.start:
            raise ValueError("stopped must not lie before start; an experiment that never ran is deleted instead")
        if self.ramp and self.ramp[0].at > self.start:
            raise ValueError("ramp: the first step must not lie after start, or nobody takes part at first")
        return self

    @property
    def control(self) -> Arm:
        return self.arms[0]

    @property
    def ends_at(self) -> datetime:
        """When it really ends: as planned, or when it was stopped."""
        return self.end if self.stopped is None else min(self.end, self.stopped)

    def is_running(self, at: datetime) -> bool:
        """Whether ``at`` (aware) lies in [start, end), and nobody has stopped it."""
        return self.start <= at < self.ends_at

    def share_at(self, at: datetime) -> float:
        """The share of its traffic that takes part at ``at``, by the ramp."""
        reached = [step.share for step in self.ramp if step.at <= at]
        return (reached[-1] if reached else 0.0) if self.ramp else 1.0

    def takes(self, unit: str, at: datetime, device_class: str | None = None) -> bool:
        """Whether a unit takes part at ``at``. Who is in stays in: a ramp only adds units at the end of the range."""
        if not self.is_running(at) or not self._is_eligible(unit, device_class):
            return False
        width = (self.traffic.last - self.traffic.first) * self.share_at(at)
        if width >= 1:
            return True
        place = position_of(f"layer:{self.layer}", unit)
        return self.traffic.first <= place < self.traffic.first + width

    def arm_of(self, unit: str) -> Arm:
        """Return the unit's arm: the same for ever for this salt (name and version unless given)."""
        position = position_of(self.salt or f"{self.name}:{self.version}", unit)
        upper = 0.0
        for arm in self.arms:
            upper += arm.share
            if position < upper:
                return arm
        return self.arms[-1]  # the shares' rounding left a hair's breadth below 1

    def _is_eligible(self, unit: str, device_class: str | None) -> bool:
        if device_class is not None and device_class not in self.eligible.device_classes:
            return False
        return self.eligible.units == "any" or (self.eligible.units == "device") == unit.startswith("d_")
