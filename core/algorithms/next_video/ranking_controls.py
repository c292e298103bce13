"""What editors may ask of the final ranking besides accuracy: diversity, freshness, long tail (``rules.yaml``).

All are off as delivered, and a rules file of before this section has them off: old answers come out as they were.
"""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Control = Literal["diversity", "freshness", "long_tail"]
CONTROLS: Final[tuple[Control, ...]] = ("diversity", "freshness", "long_tail")


def _share(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ValueError(f"{value!r} is no share; give a number from 0 (off) to 1")
    return float(value)


def _days(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 3650:
        raise ValueError(f"{value!r} is no number of days; give one above 0 and up to 3650")
    return float(value)


Share = Annotated[float, BeforeValidator(_share)]
Days = Annotated[float, BeforeValidator(_days)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Diversity(_Strict):
    """Maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998)."""

    weight: Share = 0.0
    """0: order by score alone; 1: whatever differs most from what stands above it."""


class Freshness(_Strict):
    """What was published lately is worth more; the surplus halves with each half-life."""

    weight: Share = 0.0
    """0: order by score alone; 1: by age alone."""
    half_life_days: Days = 7.0


class LongTail(_Strict):
    """Room for what few have played, as far as some of it is among the best candidates."""

    share: Share = 0.0
    """Of the items of an answer, counted from the top: 0.2 is at least one in five."""
    most_played: Share = 0.2
    """This share of the videos that the model knows, the most played ones, are not the long tail."""


class RankingControls(_Strict):
    """All controls; each has one strength from 0 (off) to 1."""

    diversity: Diversity = Field(default_factory=Diversity)
    freshness: Freshness = Field(default_factory=Freshness)
    long_tail: LongTail = Field(default_factory=LongTail)

    @property
    def is_on(self) -> bool:
        return any(self.strength(control) > 0 for control in CONTROLS)

    def strength(self, control: Control) -> float:
        """0 (off) to 1."""
        return {
            "diversity": self.diversity.weight,
            "freshness": self.freshness.weight,
            "long_tail": self.long_tail.share,
        }[control]

    def strengths(self) -> dict[str, float]:
        """By control, of those that are on."""
        return {control: self.strength(control) for control in CONTROLS if self.strength(control) > 0}

    def alone(self, control: Control, strength: float) -> "RankingControls":
        """One control at a strength and the others off; half-life and what is the long tail stay as they are."""
        off = dict.fromkeys(CONTROLS, 0.0) | {control: strength}
        return RankingControls(
            diversity=Diversity(weight=off["diversity"]),
            freshness=self.freshness.model_copy(update={"weight": off["freshness"]}),
            long_tail=self.long_tail.model_copy(update={"share": off["long_tail"]}),
        )
