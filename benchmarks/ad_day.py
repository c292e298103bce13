"""A simulated day of breaks and campaigns, and one pass of the real chooser over it (synthetic figures throughout)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np

from core.algorithms.ads.eligibility import reason_for
from core.algorithms.ads.filling import fill
from core.algorithms.ads.opportunity import Content, Opportunity, Viewer
from core.algorithms.ads.pacer import Pacer
from core.algorithms.ads.plays import Book, Play
from core.algorithms.ads.ranking import Eligible, rank
from core.algorithms.ads.rules import AdRules, load_ad_rules
from core.algorithms.ads.traffic import HOURS, TrafficForecast, TrafficHour
from core.domain import DEVICE_CLASSES
from core.domain.advertising import Campaign, Spot, Target
from core.paths import PROJECT_ROOT

BEGIN = datetime(2026, 6, 9, 22, tzinfo=UTC)  # midnight in Berlin, a Wednesday
DAY = timedelta(days=1)
CATEGORIES = ("cooking", "garden", "football", "travel", "crime", "nature", "news", "history")
POPULAR = np.array([8, 5, 14, 7, 20, 9, 25, 12]) / 100.0
SHARES = {"tv": 0.5, "smartphone": 0.27, "tablet": 0.13, "desktop": 0.1}
SPLITS = ((0.5, 0.25, 0.15, 0.1), (0.6, 0.2, 0.1, 0.1), (0.4, 0.35, 0.15, 0.1), (0.45, 0.3, 0.15, 0.1))
SLOTS = (30.0, 20.0, 30.0)
VALUES = {"run-of-network": 1.0, "campaign-target": 1.5}
"""What an impression is worth, in run-of-network impressions: the contract names no price, and a match is usually sold
with a surcharge. An assumption of these benchmarks."""

Break = tuple[Opportunity, int | None]
"""With its household; None without consent."""


@dataclass(frozen=True)
class Shown:
    """One impression."""

    at: datetime
    campaign_id: str
    device_class: str
    value: float


def rules() -> AdRules:
    return load_ad_rules(PROJECT_ROOT / "config")


def shape(device_class: str) -> np.ndarray:
    """Return the share of each UTC hour in a day's breaks: television in the evening, phones all day."""
    hours = (np.arange(24) + 2) % 24
    evening = np.exp(-0.5 * ((hours - 20.5) / 2.0) ** 2)
    daily = np.exp(-0.5 * ((hours - 13.5) / 4.5) ** 2)
    mixed = {"tv": 0.85, "smartphone": 0.35, "tablet": 0.55, "desktop": 0.15}[device_class]
    raw = mixed * evening / evening.sum() + (1 - mixed) * daily / daily.sum() + 0.002
    return np.asarray(raw / raw.sum())


def past(rng: np.random.Generator, breaks: int, weeks: int = 3) -> TrafficForecast:
    """Learn the forecast from weeks whose days were up to a fifth busier or quieter."""
    rows = []
    for back in range(weeks * HOURS, 0, -1):
        hour = BEGIN - timedelta(hours=back)
        level = 1 + 0.1 * np.sin(hour.toordinal() * 2.4) + 0.05 * (hour.weekday() >= 5)
        for each in DEVICE_CLASSES:
            expected = breaks * SHARES[each] * shape(each)[hour.hour] * level
            rows.append(TrafficHour(hour, each, float(rng.poisson(expected))))
    return TrafficForecast.learned(rows, BEGIN)


def day(rng: np.random.Generator, breaks: int, households: int, level: Sequence[float] = (1.0,) * 24) -> list[Break]:
    """Draw the day's breaks in their order; ``level`` multiplies each of its hours, from midnight on."""
    made: list[Break] = []
    for each in DEVICE_CLASSES:
        expected = breaks * SHARES[each] * np.roll(shape(each), 2) * np.array(level)
        for hour, number in enumerate(rng.poisson(expected)):
            begin = BEGIN + timedelta(hours=hour)
            seconds = rng.uniform(0, 3600, number).tolist()
            made += [_break(rng, begin + timedelta(seconds=second), each, households) for second in seconds]
    made.sort(key=lambda one: one[0].at)
    return [(replace(each, break_id=f"b{number}"), household) for number, (each, household) in enumerate(made)]


def _break(rng: np.random.Generator, at: datetime, device_class: str, households: int) -> Break:
    category = CATEGORIES[rng.choice(len(CATEGORIES), p=POPULAR)]
    viewer, household = None, None
    if rng.random() < 0.7:  # with consent
        household = int(rng.integers(households))
        known = rng.random() < 0.4
        viewer = Viewer(gender=("female", "male")[rng.integers(2)] if known else None)
    slots = SLOTS[: int(rng.integers(1, 4))]
    return Opportunity("", at, device_class, Content("", frozenset({category})), slots, viewer), household


def campaigns(rng: np.random.Generator, breaks: int, demand: float, number: int = 24) -> list[Campaign]:
    """Book ``demand`` of the expected slots: a third run of network, the rest by category, some of them by gender."""
    sizes = rng.lognormal(0.0, 0.6, number)
    made = []
    for index in range(number):
        target, supply = Target(), 1.0
        if index % 3 == 1:
            chosen = int(rng.integers(len(CATEGORIES)))
            target, supply = Target(categories=frozenset({CATEGORIES[chosen]})), float(POPULAR[chosen])
        elif index % 3 == 2:
            wanted = ("female", "male")[index % 2]
            target, supply = Target(gender=frozenset({wanted})), 0.14
        sizes[index] *= supply**0.5
        spots = tuple(Spot(f"c{index}-{length}", float(length)) for length in (20, 30))
        split: dict[str, float] = dict(zip(DEVICE_CLASSES, SPLITS[index % len(SPLITS)], strict=True))
        made.append(
            Campaign(
                f"c{index}", f"a{index}", BEGIN, BEGIN + DAY, 0, spots, split, per_day=2 + index % 3, target=target,
                category=f"trade {index // 2}",
            )
        )  # fmt: skip
    goals = demand * breaks * 2 * sizes / sizes.sum()
    return [replace(each, impressions=int(goal)) for each, goal in zip(made, goals, strict=True)]


def run(breaks: Sequence[Break], booked: Sequence[Campaign], pacer: Pacer, by: AdRules) -> list[Shown]:
    """Fill every break as serving does and return what was shown; without consent a break has only its own list."""
    plays: dict[int, list[Play]] = defaultdict(list)
    shown = []
    for opportunity, household in breaks:
        known = plays[household] if household is not None else []
        at, content, viewer = opportunity.at, opportunity.content, opportunity.viewer
        fitting = [
            Eligible(each, reason)
            for each in booked
            if (reason := reason_for(each, content, viewer, by.month(at), by)) is not None
        ]
        book = Book.of(known, at, opportunity.break_id, by, lambda _, creative: creative)
        for filled in fill(opportunity, rank(opportunity, fitting, pacer, by), [], book).filled:
            name = filled.campaign.campaign_id
            pacer.count(name, opportunity.device_class, at)
            shown.append(Shown(at, name, opportunity.device_class, VALUES[filled.reason]))
            identity, spot = f"{opportunity.break_id}/{filled.slot}", filled.spot
            known.append(
                Play(identity, spot.spot_id, spot.creative, name, at, opportunity.break_id, filled.slot, "played")
            )
    return shown
