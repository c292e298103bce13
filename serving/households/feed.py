"""The live consumer's feed, tailed: every step once, in order, whole lines only."""

from collections.abc import Iterator
from pathlib import Path

import orjson

from serving.households.building import Step

_READ_BYTES = 4 * 1024 * 1024


class FeedTail:
    """Reads on where it stopped. A file that was cut short or replaced is read again, steps already told left out."""

    def __init__(self, folder: Path, after_seq: int = 0) -> None:
        self._folder = folder
        self._file: Path | None = None
        self._offset = 0
        self.seq = after_seq
        """Of the last step that was returned."""

    def read(self, most_steps: int = 1000) -> list[Step]:
        """Return the next steps; none when there is nothing new."""
        steps: list[Step] = []
        while len(steps) < most_steps:
            before = (self._file, self._offset)
            steps += self._read_file(most_steps - len(steps))
            if (self._file, self._offset) == before:
                return steps
        return steps

    def _read_file(self, most_steps: int) -> list[Step]:
        if self._file is None and not self._choose():
            return []
        assert self._file is not None
        try:
            size = self._file.stat().st_size
            if size < self._offset:
                self._offset = 0
            if size == self._offset:
                self._go_on()
                return []
            with self._file.open("rb") as feed:
                feed.seek(self._offset)
                block = feed.read(_READ_BYTES)
        except FileNotFoundError:  # aged out, or erased
            self._file = None
            return []
        return list(self._steps(block, most_steps))

    def _steps(self, block: bytes, most_steps: int) -> Iterator[Step]:
        begin = taken = 0
        while taken < most_steps and (end := block.find(b"\n", begin)) >= 0:
            line = block[begin:end]
            begin = end + 1
            self._offset += len(line) + 1
            step = _parsed(line)
            if step is not None and step["seq"] > self.seq:
                self.seq = step["seq"]
                taken += 1
                yield step

    def _choose(self) -> bool:
        """Begin in the last file that starts at or before the step wanted next."""
        files = _files(self._folder)
        if not files:
            return False
        at_or_before = [file for file in files if int(file.stem) <= self.seq + 1]
        self._file, self._offset = (at_or_before[-1] if at_or_before else files[0]), 0
        return True

    def _go_on(self) -> None:
        """Take the next file once this one is read to its end."""
        assert self._file is not None
        later = [file for file in _files(self._folder) if file.name > self._file.name]
        if later:
            self._file, self._offset = later[0], 0


def last_seq(folder: Path) -> int:
    """Return the number of the newest whole step, 0 where there is none."""
    for file in reversed(_files(folder)):
        with file.open("rb") as feed:
            feed.seek(max(0, file.stat().st_size - _READ_BYTES))
            lines = feed.read().split(b"\n")[:-1]
        for line in reversed(lines):
            step = _parsed(line)
            if step is not None:
                return int(step["seq"])
    return 0


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.glob("*.jsonl") if file.stem.isdigit())


def _parsed(line: bytes) -> Step | None:
    try:
        step = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return step if isinstance(step, dict) and isinstance(step.get("seq"), int) else None
