"""How well a grouping of devices agrees with the truth, and links with theirs."""

from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Agreement:
    """Precision, recall and their harmonic mean; each 1 where there is nothing to be wrong about."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def pairwise(found: Mapping[str, Hashable], true: Mapping[str, Hashable]) -> Agreement:
    """Compare pairs of devices: those put together, and those that live together. Devices in both count."""
    both = [device for device in true if device in found]
    together = Counter((found[device], true[device]) for device in both)
    right = sum(map(_pairs, together.values()))
    said = sum(map(_pairs, Counter(found[device] for device in both).values()))
    real = sum(map(_pairs, Counter(true[device] for device in both).values()))
    return Agreement(_share(right, said), _share(right, real))


def pairwise_of_case(found: Mapping[str, Hashable], true: Mapping[str, Hashable], case: Collection[str]) -> Agreement:
    """Compare only pairs of which one device at least is of a case: all pairs less those without any."""
    others = {device: home for device, home in true.items() if device not in case}
    counts = []
    for devices in (true, others):
        both = [device for device in devices if device in found]
        counts.append(
            (
                sum(map(_pairs, Counter((found[device], true[device]) for device in both).values())),
                sum(map(_pairs, Counter(found[device] for device in both).values())),
                sum(map(_pairs, Counter(true[device] for device in both).values())),
            )
        )
    right, said, real = (of_all - of_others for of_all, of_others in zip(*counts, strict=True))
    return Agreement(_share(right, said), _share(right, real))


def bcubed(found: Mapping[str, Hashable], true: Mapping[str, Hashable]) -> Agreement:
    """B-cubed (Bagga and Baldwin 1998): each device's share of right neighbours, itself included, on average."""
    both = [device for device in true if device in found]
    together = Counter((found[device], true[device]) for device in both)
    said, real = Counter(found[device] for device in both), Counter(true[device] for device in both)
    precision = sum(count * count / said[home] for (home, _), count in together.items())
    recall = sum(count * count / real[home] for (_, home), count in together.items())
    return Agreement(_share(precision, len(both)), _share(recall, len(both)))


def linked(found: Collection[tuple[str, str]], true: Collection[tuple[str, str]], name: Mapping[str, str]) -> Agreement:
    """Compare links between households; ``name`` is the true household of each found one, where it has one."""
    said = {frozenset((name.get(a, a), name.get(b, b))) for a, b in found}
    real = {frozenset(pair) for pair in true}
    right = len(said & real)
    return Agreement(_share(right, len(said)), _share(right, len(real)))


def names_of(found: Mapping[str, str], true: Mapping[str, str]) -> dict[str, str]:
    """Return for each found household the true one that most of its devices live in."""
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for device, home in found.items():
        if device in true:
            votes[home][true[device]] += 1
    return {home: min(count, key=lambda true_home: (-count[true_home], true_home)) for home, count in votes.items()}


def _pairs(count: int) -> int:
    return count * (count - 1) // 2


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 1.0
