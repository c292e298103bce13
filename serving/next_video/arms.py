"""Which experiment arm a request gets, and what goes with it: weights, rules, model (NV-M2, NV-T4)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.algorithms.experiments import Experiment, assign
from core.privacy import DEVICE_KEY, Pseudonyms
from core.settings import Blend
from serving.next_video.variants import USUAL, Variant, Variants

USE_CASE = "next-video"


@dataclass(frozen=True)
class Assignment:
    """What a unit gets; without a unit or an experiment, the settings' blend and what everybody gets."""

    unit_key: str | None
    experiment: str | None
    arm: str | None
    blend: Blend
    variant: Variant = USUAL


class Arms:
    """Assigns by the unit's pseudonym, so that what is logged is enough to repeat every assignment."""

    def __init__(
        self,
        experiments: Callable[[], Sequence[Experiment]],
        blend: Blend,
        pseudonyms: Pseudonyms,
        variants: Variants | None = None,
    ) -> None:
        """``experiments`` gives those of the moment: their files change while the server runs.

        Without ``variants``, arms differ in their weights only.
        """
        self._variants = variants
        self._experiments = experiments
        self._blend = blend
        self._pseudonyms = pseudonyms

    def refresh(self) -> None:
        """Load what arms of experiments need that run or soon will."""
        if self._variants is not None:
            self._variants.refresh()

    def of(self, unit: str | None, now: datetime, device_class: str | None = None) -> Assignment:
        """What a unit gets at ``now`` (aware) in a request of a device class."""
        unit_key = self._key(unit)
        assigned = assign(self._experiments(), USE_CASE, unit_key, now, device_class)
        if assigned is None:
            return Assignment(unit_key, None, None, self._blend)
        experiment, arm = assigned
        variant = USUAL if self._variants is None else self._variants.of(experiment, arm)
        if variant is None:
            return Assignment(unit_key, None, None, self._blend)
        return Assignment(unit_key, experiment.name, arm.name, arm.blend or self._blend, variant)

    def _key(self, unit: str | None) -> str | None:
        """A device's key stays what it is; anything else may be a login and becomes a pseudonym (PRV-1)."""
        if not unit:
            return None
        return unit if DEVICE_KEY.fullmatch(unit) else self._pseudonyms.user_key(unit)
