"""What was heard on a station, second by second: a log that one process appends to and many read (AD-7).

Lines are in the order of time, so a place is found by bisection: nobody reads a day to answer for a minute.
"""

import fcntl
import os
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO, Any, Final

import orjson

from core.contracts.ad_detection import VerdictLine, check_station, instant_text
from core.errors import UserError

_ALREADY: Final = "another `ad-detection watch` writes for it; stop that one, or give another name"


class VerdictLog:
    """Appends a station's verdicts; a kill loses no line that was appended, and a torn last line is cut off.

    Args:
        folder: ``core.contracts.ad_detection.verdict_logs``.
        station: its name.

    Raises:
        UserError: the name is none, or another process writes for this station.
    """

    def __init__(self, folder: Path, station: str) -> None:
        self.folder = folder / check_station(station)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._lock = (self.folder / ".lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.close()
            raise UserError(f"name: {station} is watched already; {_ALREADY}") from None
        self._day, self._descriptor = "", -1
        for file in _days(self.folder)[-1:]:
            _cut_torn_line(file)
        newest = newest_verdict(self.folder)
        self.last_at = newest["at"] if newest else ""

    def append(self, line: VerdictLine) -> bool:
        """Write one line; False where the log knows that second or a later one (a clock that was set back)."""
        if line["at"] <= self.last_at:
            return False
        if (day := line["at"][:10]) != self._day:
            self._close_file()
            file = self.folder / f"{day}.jsonl"
            self._day, self._descriptor = day, os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
        os.write(self._descriptor, orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
        self.last_at = line["at"]
        return True

    def drop_before(self, day: date) -> int:
        """Remove the days before one (PRV-4); returns how many."""
        old = [file for file in _days(self.folder) if file.stem < day.isoformat()]
        for file in old:
            file.unlink()
        return len(old)

    def close(self) -> None:
        self._close_file()
        self._lock.close()

    def _close_file(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._day, self._descriptor = "", -1


def verdicts(folder: Path, since: datetime, until: datetime) -> Iterator[VerdictLine]:
    """Lines of one station's folder with ``since <= at < until``, in order."""
    first, end = instant_text(since), instant_text(until)
    for file in _days(folder):
        if not first[:10] <= file.stem <= end[:10]:
            continue
        with file.open("rb") as opened:
            opened.seek(place_of(opened, first))
            for text in opened:
                if (line := parsed(text)) is None:
                    continue
                if line["at"] >= end:
                    return
                yield line


def newest_verdict(folder: Path) -> VerdictLine | None:
    """The last line of one station's folder; None where there is none."""
    for file in reversed(_days(folder)):
        with file.open("rb") as opened:
            opened.seek(max(0, file.stat().st_size - 4096))
            for text in reversed(opened.read().splitlines(keepends=True)):
                if (line := parsed(text)) is not None:
                    return line
    return None


class VerdictTail:
    """What comes after a time, as it comes.

    Args:
        folder: of one station; it may come to be later.
        after: text as in ``at``; lines after it are given.
    """

    def __init__(self, folder: Path, after: str) -> None:
        self._folder, self._after = folder, after
        self._file, self._offset = "", 0

    def new(self, most: int) -> list[tuple[str, bytes]]:
        """At most so many lines that were not given yet: ``at``, and the line as it is written."""
        found: list[tuple[str, bytes]] = []
        for file in _days(self._folder):
            if file.stem < max(self._after[:10], self._file) or len(found) >= most:
                continue
            with file.open("rb") as opened:
                if file.stem != self._file:
                    self._file, self._offset = file.stem, place_of(opened, self._after)
                opened.seek(self._offset)
                while len(found) < most and (text := opened.readline()).endswith(b"\n"):
                    self._offset = opened.tell()
                    line = parsed(text)
                    if line is not None and line["at"] > self._after:
                        self._after = line["at"]
                        found.append((line["at"], text.rstrip(b"\n")))
        return found


def place_of(opened: IO[bytes], at: str) -> int:
    """Where the first line at or after a time begins in a day's file; a damaged line counts as earlier."""
    low, high = 0, os.fstat(opened.fileno()).st_size
    while low < high:
        middle = (low + high) // 2
        opened.seek(max(low, middle - 1))
        if middle > low:
            opened.readline()  # the rest of the line that lies before the middle
        begins = opened.tell()
        text = opened.readline()
        line = parsed(text)
        if begins >= high or not text:
            high = middle
        elif line is None or line["at"] < at:
            low = begins + len(text)
        else:
            high = middle if middle > low else low
    return low


def parsed(text: bytes) -> VerdictLine | None:
    """A whole line; None where it is torn or damaged."""
    try:
        line: Any = orjson.loads(text)
        return line if text.endswith(b"\n") and isinstance(line["at"], str) else None
    except (ValueError, KeyError, TypeError):
        return None


def stations(folder: Path) -> list[str]:
    """Names of all that was ever watched and is still kept."""
    return sorted(each.name for each in folder.glob("*") if each.is_dir() and _days(each))


def instant_of(line: VerdictLine) -> datetime:
    """``at`` as an aware time."""
    return datetime.fromisoformat(line["at"]).astimezone(UTC)


def _days(folder: Path) -> list[Path]:
    return sorted(folder.glob("[0-9]*.jsonl"))


def _cut_torn_line(file: Path) -> None:
    data = file.read_bytes()
    if data and not data.endswith(b"\n"):
        os.truncate(file, data.rfind(b"\n") + 1)
