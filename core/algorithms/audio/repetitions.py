"""Stretches that sound twice or more in a recording, by its landmarks: spots nobody has named yet (AD-5)."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from core.algorithms.audio.frames import FRAMES_A_SECOND
from core.algorithms.audio.landmarks import IntArray, Landmarks

_LATER_PAIRS: Final = 8
"""Each landmark meets so many later ones of its hash at most: frequent hashes cannot make the join quadratic."""
_LEAST_APART_S: Final = 60.0
"""What comes again sooner is a beat or a refrain."""
_LARGEST_GAP_S: Final = 2.0
_LEAST_VOTES_A_SECOND: Final = 3.0
_OFFSETS_TOGETHER: Final = 4
_SHORTEST_S: Final = 5.0
_LONGEST_S: Final = 60.0
_LIKELIEST_S: Final = 30.0
_FRAMES_BETWEEN: Final = 63
"""Lowest bits of a hash: frames from its first peak to its second, where the stretch still sounds."""


@dataclass(frozen=True)
class Repetition:
    """One sound and all the places where it was heard."""

    length_s: float
    starts_s: tuple[float, ...]
    """By time, at least two."""


def repetitions(heard: Landmarks) -> list[Repetition]:
    """What sounds at least twice for 5 to 60 s, the closest to 30 s first."""
    first, last, offset = _pairs(heard)
    found: set[tuple[int, int, int]] = set()
    for phase in (0, _OFFSETS_TOGETHER // 2):
        found |= set(_stretches(first, last, offset, phase))
    return sorted(_grouped(found), key=lambda each: (abs(each.length_s - _LIKELIEST_S), each.starts_s))


def _pairs(heard: Landmarks) -> tuple[IntArray, IntArray, IntArray]:
    """First and last frame of the earlier landmark, frames to the later one (pairs,) of one hash."""
    order = np.argsort(heard.hashes, kind="stable")
    hashes, frames = heard.hashes[order], heard.frames[order]
    firsts, lasts, offsets = [frames[:0]], [frames[:0]], [frames[:0]]
    for later in range(1, min(_LATER_PAIRS + 1, len(frames))):
        apart = frames[later:] - frames[:-later]
        kept = (hashes[later:] == hashes[:-later]) & (apart >= _LEAST_APART_S * FRAMES_A_SECOND)
        firsts.append(frames[:-later][kept])
        lasts.append((frames + (hashes & _FRAMES_BETWEEN))[:-later][kept])
        offsets.append(apart[kept])
    return np.concatenate(firsts), np.concatenate(lasts), np.concatenate(offsets)


def _stretches(first: IntArray, last: IntArray, offset: IntArray, phase: int) -> list[tuple[int, int, int]]:
    """(start, end, offset) in frames of the runs of votes for one offset."""
    if len(first) == 0:
        return []
    together = (offset + phase) // _OFFSETS_TOGETHER
    order = np.lexsort((first, together))
    first, last, offset, together = first[order], last[order], offset[order], together[order]
    is_new = (np.diff(together) != 0) | (np.diff(first) > _LARGEST_GAP_S * FRAMES_A_SECOND)
    begins = np.concatenate([[0], np.flatnonzero(is_new) + 1])
    ends = np.concatenate([begins[1:], [len(first)]])
    until = np.maximum.reduceat(last, begins)
    seconds = (until - first[begins]) / FRAMES_A_SECOND
    votes = ends - begins
    good = (seconds >= _SHORTEST_S - 1) & (seconds <= _LONGEST_S) & (votes >= _LEAST_VOTES_A_SECOND * seconds)
    return [
        (int(first[low]), int(end), int(np.median(offset[low:high])))
        for low, high, end in zip(begins[good], ends[good], until[good], strict=True)
    ]


def _grouped(found: set[tuple[int, int, int]]) -> list[Repetition]:
    """Stretches that overlap in most of their time are one sound."""
    sounds: list[list[tuple[int, int]]] = []
    for start, end, offset in sorted(found, key=lambda each: each[0] - each[1]):
        both = [(start, end), (start + offset, end + offset)]
        own = next((sound for sound in sounds if any(_is_same(one, two) for one in both for two in sound)), None)
        if own is None:
            own = []
            sounds.append(own)
        own += [one for one in both if not any(_is_same(one, two) for two in own)]
    lengths = [float(np.median([end - start for start, end in sound])) / FRAMES_A_SECOND for sound in sounds]
    return [
        Repetition(length, tuple(sorted(start / FRAMES_A_SECOND for start, _ in sound)))
        for length, sound in zip(lengths, sounds, strict=True)
        if length >= _SHORTEST_S
    ]


def _is_same(one: tuple[int, int], two: tuple[int, int]) -> bool:
    common = min(one[1], two[1]) - max(one[0], two[0])
    return common > 0.5 * min(one[1] - one[0], two[1] - two[0])
