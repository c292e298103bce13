"""The landing directory: lines gathered by the hour of their arrival, files written aside and renamed."""

import gzip
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson

from core.storage import written_aside
from ingestion.simulate.scenario import HOUR_MS, rfc3339
from ingestion.simulate.transport import Delivery

_TORN_EVERY = 97
"""One hour in so many ends in half a line; the whole line comes with the next file."""


class Landing:
    """Receives deliveries in any order and writes each hour once, in the order of arrival."""

    def __init__(self, directory: Path | None) -> None:
        """Write below a directory; without one only ``take`` gives the lines."""
        self._directory = directory
        self._hours: dict[int, list[Delivery]] = {}
        self._held_back: list[str] = []
        self.counts: Counter[str] = Counter()
        """Lines written, by ``Delivery.kind``; ``torn`` counts the half lines beside them."""

    def receive(self, delivery: Delivery) -> None:
        """Keep a line until its hour is written."""
        self._hours.setdefault(delivery.arrival_ms // HOUR_MS, []).append(delivery)

    def take(self, until_ms: int) -> list[Delivery]:
        """Remove and return what has arrived before a time, in order."""
        due: list[Delivery] = []
        for hour in sorted(hour for hour in self._hours if hour * HOUR_MS < until_ms):
            waiting = self._hours.pop(hour)
            later = [delivery for delivery in waiting if delivery.arrival_ms >= until_ms]
            if later:
                self._hours[hour] = later
            due.extend(delivery for delivery in waiting if delivery.arrival_ms < until_ms)
        due.sort(key=lambda delivery: delivery.arrival_ms)
        self.counts.update(delivery.kind for delivery in due)
        return due

    def write_hours(self, until_ms: int) -> None:
        """Write every hour, or part of an hour, that lies before a time."""
        due = sorted(hour for hour in self._hours if hour * HOUR_MS < until_ms)
        for hour in due:
            start = rfc3339(hour * HOUR_MS)
            lines = [*self._held_back, *(delivery.line for delivery in self.take(min((hour + 1) * HOUR_MS, until_ms)))]
            self._held_back = []
            is_packed = int(start[11:13]) % 6 == 1
            target = f"events/{start[:10]}/{start[11:13]}.jsonl{'.gz' if is_packed else ''}"
            text = "\n".join(lines) + "\n"
            if not is_packed and hour % _TORN_EVERY == 0 and hour != due[-1]:
                self._held_back = [lines[-1]]
                self.counts["torn"] += 1
                text = text[: -(len(lines[-1]) // 2 + 1)]
            self._write(target, text.encode(), is_packed)

    def write_events(self, name: str, deliveries: Iterable[Delivery]) -> None:
        """Write one file of events under a name such as ``2026-11-24/14-2031``."""
        text = "".join(f"{delivery.line}\n" for delivery in deliveries)
        self._write(f"events/{name}.jsonl", text.encode(), False)

    def write_objects(self, folder: str, name: str, objects: Iterable[dict[str, Any]]) -> None:
        """Write a file of the catalogue or of campaigns."""
        text = b"".join(orjson.dumps(item) + b"\n" for item in objects)
        self._write(f"{folder}/{name}.jsonl", text, False)

    def _write(self, name: str, text: bytes, is_packed: bool) -> None:
        if self._directory is None:
            return
        target = self._directory / name
        with written_aside(target) as aside:
            # no time and no name inside, so that the same lines give the same bytes
            aside.write_bytes(gzip.compress(text, 5, mtime=0) if is_packed else text)
