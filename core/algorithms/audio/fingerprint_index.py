"""The hotlist: landmarks of known clips in two sorted arrays, and matching by votes (AD-3).

The source kept its hotlist in SQLite rows and names that as a mistake. Here one array is sorted by hash and the other
tells clip and frame of each entry: a look-up is two binary searches, and the whole is read from one file.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from core.algorithms.audio.frames import FRAMES_A_SECOND
from core.algorithms.audio.landmarks import IntArray, Landmarks

_TOLERANCE: Final = 6
"""Frames by which votes for one offset may differ: 1 % of 10 s is 5."""
_LEAST_VOTES: Final = 12
_LEAST_SHARE: Final = 0.02
"""Of the clip's landmarks within the time that matched."""
_WINDOW_FRAMES: Final = 60 * FRAMES_A_SECOND


@dataclass(frozen=True)
class Clip:
    """A known clip: a spot, or something that only sounds like one."""

    clip_id: str
    label: str
    frames: int
    """Its length."""


@dataclass(frozen=True)
class Match:
    """A clip heard in a recording."""

    clip: Clip
    start_s: float
    """Where it began; before the recording if it was cut off."""
    end_s: float
    votes: int


@dataclass(frozen=True)
class FingerprintIndex:
    """All clips of a hotlist."""

    clips: tuple[Clip, ...]
    hashes: npt.NDArray[np.uint32]
    """(n,), sorted."""
    entries: npt.NDArray[np.uint64]
    """(n,): clip number << 32 | frame."""

    @staticmethod
    def build(clips: Mapping[Clip, Landmarks]) -> "FingerprintIndex":
        """An index of clips with their landmarks."""
        hashes = [found.hashes for found in clips.values()]
        entries = [(np.int64(number) << 32) | found.frames for number, found in enumerate(clips.values())]
        if not hashes:
            return FingerprintIndex((), np.zeros(0, dtype=np.uint32), np.zeros(0, dtype=np.uint64))
        joined = np.concatenate(hashes)
        order = np.argsort(joined, kind="stable")
        return FingerprintIndex(
            tuple(clips), joined[order].astype(np.uint32), np.concatenate(entries)[order].astype(np.uint64)
        )

    def matches(self, heard: Landmarks) -> list[Match]:
        """Clips in a recording's landmarks, by start; of clips that overlap, the one with more votes."""
        found: list[Match] = []
        if len(heard.frames) and len(self.hashes):
            start, last = int(heard.frames[0]), int(heard.frames[-1])
            for first in range(start, max(start + 1, last + 1 - _WINDOW_FRAMES // 2), _WINDOW_FRAMES // 2):
                low, high = np.searchsorted(heard.frames, (first, first + _WINDOW_FRAMES))
                found += self._in_window(Landmarks(*(column[low:high] for column in heard)))
        return _without_overlap(found)

    def _in_window(self, heard: Landmarks) -> list[Match]:
        places, entries = self._hits(heard)
        if len(places) < _LEAST_VOTES:
            return []
        clips = (entries >> np.uint64(32)).astype(np.int64)
        at = heard.frames[places]
        offsets = at - (entries & np.uint64(0xFFFFFFFF)).astype(np.int64)
        key = clips * (1 << 32) + offsets + (1 << 30)
        order = np.argsort(key, kind="stable")
        key, clips, offsets, at = key[order], clips[order], offsets[order], at[order]
        until = np.searchsorted(key, key + _TOLERANCE, side="right")
        votes = until - np.arange(len(key))
        found: list[Match] = []
        for number in np.unique(clips[votes >= _LEAST_VOTES]):
            own = slice(*np.searchsorted(clips, (number, number + 1)))
            best = own.start + int(votes[own].argmax())
            group = slice(best, until[best])
            if (match := self._judged(int(number), offsets[group], at[group])) is not None:
                found.append(match)
        return found

    def _judged(self, number: int, offsets: IntArray, at: IntArray) -> Match | None:
        """A match, if votes come from several moments and are more than chance."""
        clip, distinct = self.clips[number], len(np.unique(at))
        span = (at.max() - at.min() + FRAMES_A_SECOND) / FRAMES_A_SECOND
        if distinct < _LEAST_VOTES // 2 or len(at) < max(_LEAST_VOTES, 60 * _LEAST_SHARE * span * 5):
            return None
        start = float(np.median(offsets))
        return Match(clip, start / FRAMES_A_SECOND, (start + clip.frames) / FRAMES_A_SECOND, len(at))

    def _hits(self, heard: Landmarks) -> tuple[IntArray, npt.NDArray[np.uint64]]:
        """Which landmark (hits,) met which entry (hits,)."""
        wanted = np.concatenate([heard.hashes, heard.others]).astype(np.uint32)
        low, high = np.searchsorted(self.hashes, wanted, "left"), np.searchsorted(self.hashes, wanted, "right")
        counts = high - low
        places = np.repeat(np.arange(len(wanted)) % len(heard.hashes), counts)
        within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        return places, self.entries[np.repeat(low, counts) + within]

    def save(self, file: Path) -> None:
        """Write to one ``.npz`` without pickles."""
        names = [np.array([getattr(clip, name) for clip in self.clips], dtype=str) for name in ("clip_id", "label")]
        frames = np.array([clip.frames for clip in self.clips], dtype=np.int64)
        with file.open("wb") as opened:
            np.savez(opened, ids=names[0], labels=names[1], frames=frames, hashes=self.hashes, entries=self.entries)

    @staticmethod
    def load(file: Path) -> "FingerprintIndex":
        with file.open("rb") as opened, np.load(opened, allow_pickle=False) as kept:
            arrays: dict[str, Any] = {name: kept[name] for name in ("ids", "labels", "frames", "hashes", "entries")}
        rows = zip(arrays["ids"], arrays["labels"], arrays["frames"], strict=True)
        clips = tuple(Clip(str(name), str(label), int(frames)) for name, label, frames in rows)
        return FingerprintIndex(clips, arrays["hashes"], arrays["entries"])


def _without_overlap(found: list[Match]) -> list[Match]:
    kept: list[Match] = []
    for match in sorted(found, key=lambda each: -each.votes):
        middle = (match.start_s + match.end_s) / 2
        if not any(each.start_s < middle < each.end_s or match.start_s < (each.start_s + each.end_s) / 2 < match.end_s
                   for each in kept):  # fmt: skip
            kept.append(match)
    return sorted(kept, key=lambda each: each.start_s)
