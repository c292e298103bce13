"""The rules of ad decisions: ``config/ad_decision/rules.yaml``, for serving, benchmarks and the model card alike."""

from datetime import UTC, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import Literal, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, field_validator

from core.settings_file import read_settings

Reason = Literal["follow-up", "linked-offer", "income-class", "campaign-target", "run-of-network"]
"""Why a spot was chosen: HH-7, HH-8, HH-9, the campaign's target (content, HH-6), or nothing in particular."""
REASONS: tuple[Reason, ...] = get_args(Reason)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class MinConfidence(_Strict):
    """0..1; what is inferred with less counts as not known (PRV-5)."""

    age_group: float = Field(ge=0, le=1)
    gender: float = Field(ge=0, le=1)
    income: float = Field(ge=0, le=1)


class FollowUp(_Strict):
    """HH-7: when a spot may follow a household to another device."""

    after_minutes: float = Field(ge=0)
    tolerance_minutes: float = Field(ge=0)


class LinkedOffer(_Strict):
    """HH-8: when two linked households count as sharing an interest."""

    min_link_weight: float = Field(ge=0, le=1)
    min_videos: int = Field(ge=1)


class AdRules(_Strict):
    """All of them, validated once."""

    version: int
    timezone: str
    gap_minutes: float = Field(ge=0, le=1440)
    separation: bool
    kids: Literal["run-of-network", "none"]
    start_within_minutes: float = Field(gt=0, le=720)
    confirm_within_minutes: float | None = Field(default=None, gt=0, le=1440)
    """For players without tracking: no `ad` event by then means not played; None: what was given counts for good."""
    ahead_impressions: int = Field(ge=0)
    """Spots a day by which a campaign may run ahead of its pacing where nothing else fits."""
    min_confidence: MinConfidence
    follow_up: FollowUp
    linked_offer: LinkedOffer
    priorities: dict[Reason, float]

    @field_validator("timezone")
    @classmethod
    def _is_known(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"'{name}' is no time zone; write e.g. Europe/Berlin") from None
        return name

    @field_validator("priorities")
    @classmethod
    def _are_whole(cls, given: dict[Reason, float]) -> dict[Reason, float]:
        missing = [reason for reason in REASONS if reason not in given]
        if missing or not all(0 < value < 1e6 for value in given.values()):
            raise ValueError(f"needs a number above 0 for each of {', '.join(REASONS)}")
        return given

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def gap(self) -> timedelta:
        return timedelta(minutes=self.gap_minutes)

    @property
    def start_within(self) -> timedelta:
        return timedelta(minutes=self.start_within_minutes)

    def start_by(self, at: datetime, is_tracked: bool) -> datetime | None:
        """Until when something must be heard of a spot that is given at ``at``; None: it counts whatever is heard."""
        if is_tracked:
            return at + self.start_within
        return None if self.confirm_within_minutes is None else at + timedelta(minutes=self.confirm_within_minutes)

    @property
    def longest_wait(self) -> timedelta:
        """The longest that a reservation may wait for news of it."""
        return max(self.start_within, timedelta(minutes=self.confirm_within_minutes or 0))

    def day_start(self, at: datetime) -> datetime:
        """UTC instant at which the broadcaster's local day of ``at`` began (23 or 25 hours long twice a year)."""
        day = at.astimezone(self.zone).date()
        return datetime.combine(day, time(), self.zone).astimezone(UTC)

    def day(self, at: datetime) -> str:
        """The broadcaster's local day, as in ``2026-05-01``."""
        return at.astimezone(self.zone).date().isoformat()

    def month(self, at: datetime) -> int:
        return at.astimezone(self.zone).month


def load_ad_rules(config: Path) -> AdRules:
    """Read ``ad_decision/rules.yaml`` below a configuration folder (``settings.config``).

    Raises:
        UserError: what is wrong in which field.
    """
    return read_settings(AdRules, config / "ad_decision" / "rules.yaml", "ad rules", "rules")
