"""The feed: what the live consumer did, one step a line, ``seq`` without gaps (HH-3).

``<first seq>.jsonl`` is a segment; only the newest grows. A line is whole when its newline is there: readers wait for
it, and what a kill left of a line is cut off before the next one is written.
"""

import json
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from core.algorithms.households.change import Change
from core.clock import parse_instant
from core.errors import StageError
from core.storage import fsync_directory, fsync_file

CAUSES = ("batch", "refresh", "takeover", "erase")
"""After the last two, a reader had better take a new snapshot: more has changed than is told."""


@dataclass(frozen=True)
class Step:
    """One line. ``cause`` says what was done, so that a restart can do it again on the state of a checkpoint."""

    seq: int
    batch_id: int
    """The newest commit that is in the state after this step."""
    at: str
    """RFC 3339: the time of the commit, or of whatever else was the cause."""
    cause: str
    changes: list[dict[str, Any]]
    sightings: list[list[Any]]
    """[at_ms, device_key, address_key, device_class, content_id]"""
    sightings_left_out: int = 0
    detail: str | None = None
    """takeover: the name of what was handed over."""


class Feed:
    """Open for appending by the one live consumer."""

    def __init__(self, folder: Path, segment_bytes: int) -> None:
        self._folder = folder
        self._segment_bytes = segment_bytes
        self._opened: int | None = None
        folder.mkdir(parents=True, exist_ok=True)
        self.last_seq = self._mend()

    def append(self, step: Step) -> None:
        """Write a step durably; its ``seq`` must be the next one."""
        if step.seq != self.last_seq + 1:
            raise StageError(f"households: step {step.seq} does not follow step {self.last_seq} of the feed")
        if self._opened is None or os.fstat(self._opened).st_size >= self._segment_bytes:
            self._open_segment(step.seq)
        assert self._opened is not None
        line = json.dumps(_line(step), ensure_ascii=False, separators=(",", ":")) + "\n"
        _write_all(self._opened, line.encode())
        os.fsync(self._opened)
        self.last_seq = step.seq

    def close(self) -> None:
        if self._opened is not None:
            os.close(self._opened)
            self._opened = None

    def steps(self, after: int) -> Iterator[Step]:
        """Yield the steps after a ``seq``, in order."""
        segments = _segments(self._folder)
        for position, (_, file) in enumerate(segments):
            if position + 1 < len(segments) and segments[position + 1][0] <= after + 1:
                continue
            for line in file.read_bytes().splitlines():
                step = Step(**json.loads(line))
                if step.seq > after:
                    yield step

    def drop_before(self, at: datetime, needed_after: int) -> int:
        """Remove whole segments whose steps are all older (PRV-4) and not ``needed_after``; returns how many."""
        segments, count = _segments(self._folder), 0
        for (_, file), (following, _) in pairwise(segments):
            newest = _last_step(file)
            if following - 1 > needed_after or newest is None or parse_instant(newest.at) >= at:
                break
            file.unlink()
            count += 1
        if count:
            fsync_directory(self._folder)
        return count

    def erase(self, device_keys: Iterable[str]) -> int:
        """Blank devices and the addresses they were seen at (PRV-3), in place and at the same length.

        Offsets and lines stay as they are for whoever reads along. Returns how many lines were changed.
        """
        keys = [key.encode() for key in device_keys]
        count = 0
        for _, file in _segments(self._folder):
            text = file.read_bytes()
            lines = [_blanked(line, keys) for line in text.splitlines(keepends=True)]
            if (blanked := b"".join(lines)) == text:
                continue
            count += sum(new != old for new, old in zip(lines, text.splitlines(keepends=True), strict=True))
            with file.open("r+b") as opened:
                opened.write(blanked)
            fsync_file(file)
        return count

    def _open_segment(self, seq: int) -> None:
        """Go on with the newest segment unless it is full; only then, a new one."""
        segments = _segments(self._folder)
        self.close()
        if segments and segments[-1][1].stat().st_size < self._segment_bytes:
            self._opened = os.open(segments[-1][1], os.O_WRONLY | os.O_APPEND)
            return
        segment = self._folder / f"{seq:012d}.jsonl"
        self._opened = os.open(segment, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        fsync_directory(self._folder)

    def _mend(self) -> int:
        """Cut off what a kill left of a line; return the last ``seq``, 0 where there is none."""
        segments = _segments(self._folder)
        if not segments:
            return 0
        first, newest = segments[-1]
        text = newest.read_bytes()
        whole = text.rfind(b"\n") + 1
        if whole < len(text):
            os.truncate(newest, whole)
            fsync_file(newest)
        last = _last_step(newest)
        return first - 1 if last is None else last.seq


def change_line(change: Change, at: str) -> dict[str, Any]:
    """A change as the feed tells it; ``at`` in RFC 3339."""
    return {
        "change": change.change,
        "household_id": change.household_id,
        "device_key": change.device_key,
        "other_household_id": change.other_household_id,
        "at": at,
        "reason": change.reason,
    }


def _line(step: Step) -> dict[str, Any]:
    """Not ``asdict``, which copies every sighting."""
    return {field.name: getattr(step, field.name) for field in fields(step)}


def _segments(folder: Path) -> list[tuple[int, Path]]:
    return sorted((int(file.stem), file) for file in folder.glob("[0-9]*.jsonl"))


def _last_step(file: Path) -> Step | None:
    lines = file.read_bytes().splitlines()
    return Step(**json.loads(lines[-1])) if lines else None


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def _blanked(line: bytes, keys: list[bytes]) -> bytes:
    for key in keys:
        if key not in line:
            continue
        for address in set(re.findall(rb'\[\d+,"' + re.escape(key) + rb'","([^"]*)"', line)):
            sighted = b'"' + key + b'","' + address + b'"'
            line = line.replace(sighted, b'"' + _blank(key) + b'","' + _blank(address) + b'"')
        line = line.replace(key, _blank(key))
    return line


def _blank(key: bytes) -> bytes:
    """``d_0123`` -> ``d_----``"""
    return key[:2] + b"-" * (len(key) - 2)
