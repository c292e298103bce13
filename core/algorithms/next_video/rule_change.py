"""What changed rules would have done to requests that were really made: counted, and the strongest examples kept."""

import heapq
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from core.algorithms.next_video.catalogue import Catalogue, microseconds
from core.algorithms.next_video.decision import Decision
from core.algorithms.next_video.recorded import Recorded

AGE_BOUNDS_DAYS = (7, 30, 90, 365)
"""Upper ends of the age classes of what is recommended; older is one class more."""
_DAY_US = 86_400_000_000
_EXAMPLES = 20
_PERSISTENCE = 0.8


@dataclass
class Side:
    """Answers under one rule set: how many by case or reason of hiding, and impressions by what was shown."""

    outcomes: Counter[str] = field(default_factory=Counter)
    genre: Counter[str] = field(default_factory=Counter)
    collection: Counter[str] = field(default_factory=Counter)
    age: Counter[str] = field(default_factory=Counter)
    moved: Counter[str] = field(default_factory=Counter)
    """Items that editors' controls moved up, by control."""
    regular_count: int = 0
    """Regular answers: what the controls put in order."""
    genre_kind_count: int = 0
    """Different genres in each regular answer, summed over them."""
    item_count: int = 0
    """Items of regular answers."""
    tail_count: int = 0
    """... that are not among the most played."""

    def add(self, decision: Decision, about: "About", at_us: int, tail: Collection[str] = ()) -> None:
        self.outcomes[decision.reason or decision.case] += 1
        kinds = set()
        for item in decision.items:
            genre, collection, published_us = about.of(item.content_id)
            kinds.add(genre)
            self.genre[genre] += 1
            self.collection[collection] += 1
            self.age[age_class((at_us - published_us) / _DAY_US)] += 1
            self.moved.update(item.moved_by)
            self.tail_count += decision.case == "regular" and item.content_id in tail
        if decision.case == "regular":
            self.regular_count += 1
            self.genre_kind_count += len(kinds)
            self.item_count += len(decision.items)

    @property
    def genres_per_answer(self) -> float:
        """Different genres in a regular answer, on average."""
        return self.genre_kind_count / max(self.regular_count, 1)

    @property
    def tail_share(self) -> float:
        """Share of the items of regular answers that are not among the most played."""
        return self.tail_count / max(self.item_count, 1)

    def merge(self, other: "Side") -> None:
        for name in ("outcomes", "genre", "collection", "age", "moved"):
            getattr(self, name).update(getattr(other, name))
        for name in ("regular_count", "genre_kind_count", "item_count", "tail_count"):
            setattr(self, name, getattr(self, name) + getattr(other, name))


class About:
    """Genre, collection and date of publication of a video."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._genre = catalogue.table["genre"].to_pylist()
        self._collection = catalogue.table["collection"].to_pylist()

    def of(self, content_id: str) -> tuple[str, str, int]:
        row = self._catalogue.row_of[content_id]
        return self._genre[row] or "–", self._collection[row] or "–", int(self._catalogue.published_us[row])


@dataclass(order=True)
class Example:
    """One request whose answer changes, and how much: 0 the same, 1 nothing in common."""

    difference: float
    decision_id: str
    current: str = field(compare=False)
    before: tuple[str, ...] = field(compare=False)
    after: tuple[str, ...] = field(compare=False)
    outcome_before: str = field(compare=False)
    outcome_after: str = field(compare=False)


@dataclass
class RuleChange:
    """All requests, answered before and after."""

    request_count: int = 0
    changed_count: int = 0
    before: Side = field(default_factory=Side)
    after: Side = field(default_factory=Side)
    examples: list[Example] = field(default_factory=list)
    """The most different answers, most different first."""
    unchanged_ids: set[str] = field(default_factory=set)
    """Decisions whose answer stays: only for these is it known what people then watched."""

    def add(self, past: Recorded, before: Decision, after: Decision, about: About, tail: Collection[str] = ()) -> None:
        """Count one request; ``tail``: content ids that are not among the model's most played."""
        at_us, decision_id = microseconds(past.decided_at), str(past.record["decision_id"])
        self.request_count += 1
        self.before.add(before, about, at_us, tail)
        self.after.add(after, about, at_us, tail)
        old, new = (tuple(item.content_id for item in each.items) for each in (before, after))
        outcome_before, outcome_after = (each.reason or each.case for each in (before, after))
        if old == new and outcome_before == outcome_after:
            self.unchanged_ids.add(decision_id)
            return
        self.changed_count += 1
        how_much = difference(old, new)
        example = Example(how_much, decision_id, past.request.current, old, new, outcome_before, outcome_after)
        if len(self.examples) < _EXAMPLES:
            heapq.heappush(self.examples, example)
        else:
            heapq.heappushpop(self.examples, example)

    def merge(self, other: "RuleChange") -> None:
        """Take in what was counted elsewhere."""
        self.request_count += other.request_count
        self.changed_count += other.changed_count
        self.before.merge(other.before)
        self.after.merge(other.after)
        self.unchanged_ids |= other.unchanged_ids
        self.examples = heapq.nlargest(_EXAMPLES, [*self.examples, *other.examples])


def difference(before: Sequence[str], after: Sequence[str]) -> float:
    """1 minus the rank-biased overlap of two lists (Webber, Moffat and Zobel 2010), scaled so that equal lists give 0.

    Differences near the top weigh more: place k counts 0.8 to the power of k - 1.
    """
    depth = max(len(before), len(after))
    if depth == 0:
        return 0.0
    total = agreed = 0.0
    for place in range(1, depth + 1):
        weight = _PERSISTENCE ** (place - 1)
        total += weight
        agreed += weight * len(set(before[:place]) & set(after[:place])) / place
    return 1.0 - agreed / total


def age_class(days: float) -> str:
    """Age of what is recommended as a class: "0-7", "8-30", ... days, or "366+"."""
    lower = 0
    for bound in AGE_BOUNDS_DAYS:
        if days <= bound:
            return f"{lower}-{bound}"
        lower = bound + 1
    return f"{lower}+"
