"""From a label's probability every 0.2 s to segments: a hidden semi-Markov model with real durations (AD-4).

States are *kinds* of segments: a spot, a jingle, talk, music. A kind has a label, a distribution over its lengths and
transitions to others; so a break is spots after each other, and two seconds of music in a spot stay a spot. Decoding
is Viterbi over explicit durations (Rabiner 1989, section IV.D; Yu 2010). Live and record mode run the same recursion.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from core.algorithms.audio.frames import FloatArray

AD, TALK, MUSIC = 0, 1, 2
_STEP_S: Final = 0.2
_LONGEST_S: Final = 120.0


@dataclass(frozen=True)
class Kind:
    """A kind of segment: its label, and log-normal components of its length (share, median seconds, spread)."""

    name: str
    label: int
    lengths: tuple[tuple[float, float, float], ...]
    open_ended: bool = False
    """It may go on: another segment of the same kind follows at little cost (talk and songs of any length)."""


KINDS: Final = (
    Kind("spot", AD, ((0.25, 10.0, 0.12), (0.15, 15.0, 0.1), (0.2, 20.0, 0.1), (0.3, 30.0, 0.12), (0.1, 25.0, 0.5))),
    Kind("jingle", AD, ((1.0, 3.5, 0.4),)),
    Kind("talk", TALK, ((0.1, 5.0, 0.5), (0.9, 60.0, 0.9)), open_ended=True),
    Kind("music", MUSIC, ((0.05, 12.0, 0.5), (0.95, 110.0, 0.7)), open_ended=True),
)
_NEXT: Final = np.array(
    [
        #  spot   jingle talk  music
        [0.72, 0.02, 0.13, 0.13],
        [0.70, 0.02, 0.14, 0.14],
        [0.16, 0.08, 0.30, 0.46],
        [0.16, 0.08, 0.36, 0.40],
    ]
)


@dataclass(frozen=True)
class SegmentModel:
    """How evidence is weighed. Fitted on stations held out (``training.ad_detection.tuning``), never on a test."""

    scale: float = 0.35
    """How much of each step's log-likelihood counts: neighbouring steps say much the same."""
    prior: tuple[float, float, float] = (1 / 3, 1 / 3, 1 / 3)
    """Shares of the labels in training, which the net's answers contain already."""

    def evidence(self, probabilities: FloatArray) -> npt.NDArray[np.float64]:
        """Scaled log-likelihoods (n, 3) of the net's answers."""
        floor = np.maximum(probabilities.astype(np.float64), 1e-4)
        return np.asarray(self.scale * (np.log(floor) - np.log(np.asarray(self.prior))))

    def decode(self, evidence: npt.NDArray[np.float64]) -> npt.NDArray[np.int8]:
        """The most likely label of every step (n,); the last segment may go on after the end."""
        return _decode(self._length_tables, evidence)

    @cached_property
    def _length_tables(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        return length_tables()


def length_tables() -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Log chances (kinds, lengths) that a segment is exactly so long, and at least so long; lengths in steps from 1."""
    lengths = np.arange(1, int(_LONGEST_S / _STEP_S) + 1) * _STEP_S
    exact = []
    for kind in KINDS:
        density = sum(
            share * np.exp(-0.5 * (np.log(lengths / median) / spread) ** 2) / (lengths * spread)
            for share, median, spread in kind.lengths
        )
        beyond = 0.3 if kind.open_ended else 0.0
        density = np.asarray(density) / np.sum(density) * (1 - beyond)
        density[-1] += beyond
        exact.append(density)
    chances = np.array(exact)
    return np.log(chances + 1e-9), np.log(np.cumsum(chances[:, ::-1], axis=1)[:, ::-1] + 1e-9)


def _decode(
    tables: tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]], evidence: npt.NDArray[np.float64]
) -> npt.NDArray[np.int8]:
    exact, at_least = tables
    count, kinds, longest = len(evidence), len(KINDS), exact.shape[1]
    labels = np.array([kind.label for kind in KINDS])
    sums = np.zeros((kinds, count + 1))
    sums[:, 1:] = np.cumsum(evidence[:, labels], axis=0).T
    moves = np.log(_NEXT)
    entered = np.full((kinds, count + 1), -np.inf)  # best score of a segment of this kind that starts at a step
    entered[:, 0] = np.log(1 / kinds)
    came = np.zeros((kinds, count + 1), dtype=np.int8)
    since = np.zeros((kinds, count + 1), dtype=np.int32)
    for end in range(1, count + 1):
        first = max(0, end - longest)
        ages = slice(0, end - first)
        table = exact if end < count else np.maximum(exact, at_least)
        scores = (entered[:, first:end] - sums[:, first:end])[:, ::-1] + table[:, ages]
        best = scores.argmax(axis=1)
        ended = scores[np.arange(kinds), best] + sums[:, end]
        since[:, end] = end - 1 - best
        ways = ended[:, None] + moves
        came[:, end] = ways.argmax(axis=0)
        entered[:, end] = ways.max(axis=0)
        if end == count:
            kind = int(ended.argmax())
    return _traced(count, kind, labels, came, since) if count else np.zeros(0, dtype=np.int8)


def _traced(
    count: int, kind: int, labels: npt.NDArray[np.int64], came: npt.NDArray[np.int8], since: npt.NDArray[np.int32]
) -> npt.NDArray[np.int8]:
    result, end = np.empty(count, dtype=np.int8), count
    while end > 0:
        start = int(since[kind, end])
        result[start:end] = labels[kind]
        end = start
        kind = int(came[kind, end]) if end > 0 else kind
    return result
