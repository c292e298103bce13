"""Settings of the inferences (HH-6, HH-9): ``config/households/inference.yaml``, for training and the model card."""

import hashlib
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from core.domain import DEVICE_CLASSES
from core.settings_file import read_settings

NOT_SURE = "not sure"
WHATS = ("age_group", "gender", "income")
"""What is inferred: the first two of a device, the last of a household."""
GENRE = "genre:"
"""Prefix of a weight that holds for a genre instead of a category."""
KIDS_AUDIENCE = "kids"
_TOLERANCE = 1e-6

Weights = dict[str, dict[str, float]]


class InferenceSettings(BaseModel):
    """Priors, weights and thresholds; the file explains each."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: int = Field(ge=1)
    window_days: int = Field(gt=0)
    min_plays: int = Field(ge=1)
    max_kids_share: float = Field(ge=0, le=1)
    min_confidence: dict[str, float]
    min_lift: float = Field(ge=1)
    strength: dict[str, float]
    other_share: float = Field(ge=0, lt=1)
    device_class_strength: dict[str, float]
    priors: Weights
    age_group: Weights
    gender: Weights
    income: Weights

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        for name in ("min_confidence", "strength", "priors"):
            if set(getattr(self, name)) != set(WHATS):
                raise ValueError(f"{name} must name {', '.join(WHATS)}")
        if set(self.device_class_strength) != set(DEVICE_CLASSES):
            raise ValueError(f"device_class_strength must name {', '.join(DEVICE_CLASSES)}")
        for what in WHATS:
            self._check(what)
        return self

    def _check(self, what: str) -> None:
        prior, weights = self.priors[what], self.weights(what)
        if set(prior) != set(weights) or len(prior) < 2:
            raise ValueError(f"{what} and priors.{what} must name the same values, two at least")
        if NOT_SURE in prior:
            raise ValueError(f"priors.{what}: '{NOT_SURE}' is an answer, not a value")
        if min(prior.values()) <= 0 or abs(sum(prior.values()) - 1) > _TOLERANCE:
            raise ValueError(f"priors.{what}: shares must be above 0 and sum to 1, not {sum(prior.values()):g}")
        keys = {frozenset(each) for each in weights.values()}
        if len(keys) > 1:
            raise ValueError(f"{what}: every value must weigh the same categories")
        if any(weight <= 0 for each in weights.values() for weight in each.values()):
            raise ValueError(f"{what}: weights must be above 0")

    def weights(self, what: str) -> Weights:
        """By value, then by category (or ``genre:...``; for income: by device class)."""
        found: Weights = getattr(self, what)
        return found

    def least(self, what: str, value: str) -> float:
        """Confidence from which on an answer is given; below it is "not sure"."""
        return max(self.min_confidence[what], min(self.min_lift * self.priors[what][value], 1.0))

    def values(self, what: str) -> tuple[str, ...]:
        return tuple(self.priors[what])

    @property
    def mark(self) -> str:
        """Version of the model: the file's number and a digest of what it says."""
        digest = hashlib.sha256(self.model_dump_json().encode()).hexdigest()
        return f"{self.version}-{digest[:8]}"


def load_inference_settings(config: Path) -> InferenceSettings:
    """Read ``households/inference.yaml`` below a configuration folder (``settings.config``).

    Raises:
        UserError: what is wrong in which field.
    """
    return read_settings(InferenceSettings, config / "households" / "inference.yaml", "inference", "settings")
