"""Content that two households share, against what its popularity would give by chance (HH-4).

By chance means: everybody watches as much as they do and every content is as popular as it is, but who watches what is
drawn anew. That is the bipartite configuration model: household ``i`` watched content ``c`` with probability
``x_i y_c / (1 + x_i y_c)``, where ``x`` and ``y`` reproduce all volumes and popularities (Saracco et al., Scientific
Reports 5, 10595, 2015). The lift is observed over expected; its 95 % interval is Byar's for a ratio of a Poisson count
to its expectation (Breslow and Day, Statistical Methods in Cancer Research II, IARC 1987, p. 69), a little too wide
here. Popular content thus proves nothing, rare content shared does.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]

_Z = 1.959964
_ROUNDS = 200
_SETTLED = 1e-6


@dataclass(frozen=True)
class Shared:
    """For each pair, (n,): contents shared, contents expected by popularity, lift and its 95 % interval.

    Where nothing was expected (a household without plays) the three are NaN.
    """

    count: Indices
    expected: Floats
    lift: Floats
    low: Floats
    high: Floats


def shared_content(
    first: Indices, second: Indices, household: Indices, content: Indices, household_count: int
) -> Shared:
    """Compare pairs (``first``, ``second``: (n,) household numbers) over who watched what.

    ``household`` and ``content`` (m,) are numbers from 0; repeated rows count once.
    """
    content_count = int(content.max()) + 1 if len(content) else 0
    seen = np.unique(household * max(content_count, 1) + content)
    household, content = seen // max(content_count, 1), seen % max(content_count, 1)
    volumes, volume_of, volume_times = np.unique(
        np.bincount(household, minlength=household_count), return_inverse=True, return_counts=True
    )
    popularities, popularity_times = np.unique(np.bincount(content), return_counts=True)
    chance = _by_chance(volumes, volume_times, popularities, popularity_times)
    expected = ((chance * popularity_times) @ chance.T)[volume_of[first], volume_of[second]]
    count = _shared_counts(first, second, household, content)
    lift, low, high = (np.full(len(first), np.nan) for _ in range(3))
    known = expected > 0
    lift[known] = count[known] / expected[known]
    low[known], high[known] = _interval(count[known], expected[known])
    return Shared(count, expected, lift, low, high)


def _by_chance(volumes: Indices, volume_times: Indices, popularities: Indices, popularity_times: Indices) -> Floats:
    """Probability that a household of a volume watched a content of a popularity, (volumes, popularities)."""
    total = max(float(volumes @ volume_times), 1.0)
    x, y = volumes / np.sqrt(total), popularities / np.sqrt(total)
    for _ in range(_ROUNDS):
        before = x
        x = volumes / np.maximum((y / (1 + np.outer(x, y))) @ popularity_times, 1e-300)
        y = popularities / np.maximum(volume_times @ (x[:, None] / (1 + np.outer(x, y))), 1e-300)
        if np.allclose(x, before, rtol=_SETTLED, atol=0):
            break
    product = np.outer(x, y)
    return np.asarray(product / (1 + product), dtype=np.float64)


def _shared_counts(first: Indices, second: Indices, household: Indices, content: Indices) -> Indices:
    """Sizes of the intersections; ``household`` is sorted (it comes from ``unique``)."""
    starts = np.searchsorted(household, np.arange(int(max(first.max(initial=0), second.max(initial=0))) + 2))
    sets = {number: content[starts[number] : starts[number + 1]] for number in np.unique([first, second]).tolist()}
    counts = (
        len(np.intersect1d(sets[one], sets[other], assume_unique=True))
        for one, other in zip(first.tolist(), second.tolist(), strict=True)
    )
    return np.fromiter(counts, dtype=np.int64, count=len(first))


def _interval(count: Indices, expected: Floats) -> tuple[Floats, Floats]:
    observed = np.maximum(count, 1).astype(np.float64)
    low = observed * (1 - 1 / (9 * observed) - _Z / (3 * np.sqrt(observed))) ** 3 / expected
    more = count + 1.0
    high = more * (1 - 1 / (9 * more) + _Z / (3 * np.sqrt(more))) ** 3 / expected
    return np.where(count > 0, np.maximum(low, 0), 0.0), high
