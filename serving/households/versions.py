"""The graph's versions: a snapshot at one number, then every delta after it, in order and bounded."""

import threading
from collections import deque
from dataclasses import dataclass
from typing import Any

import orjson

_MOST_BYTES = 8 * 1024 * 1024
_MOST_DELTAS = 1000


@dataclass(frozen=True)
class Version:
    """One delta, written out once for all who get it."""

    seq: int
    body: bytes


class Versions:
    """Numbers grow by one with every delta, and never come again: a later start begins with a higher one.

    Safe to use from several threads.
    """

    def __init__(self, first_seq: int, most_deltas: int = _MOST_DELTAS, most_bytes: int = _MOST_BYTES) -> None:
        self.seq = first_seq
        self._most_deltas, self._most_bytes = most_deltas, most_bytes
        self._kept: deque[Version] = deque()
        self._bytes = 0
        self._lock = threading.Lock()

    def add(self, delta: dict[str, Any]) -> int:
        """Keep a delta under the next number, which is returned; the oldest make room."""
        with self._lock:
            seq = self.seq + 1
            body = orjson.dumps({"seq": seq, "previous": self.seq, **delta})
            self._keep(Version(seq, body))
            self.seq = seq
            return seq

    def follow(self, seq: int, bodies: list[bytes] | None) -> None:
        """Take over what another process numbered: the deltas up to ``seq``, or, where those are not known, a leap."""
        with self._lock:
            if bodies is None:
                self._kept.clear()
                self._bytes = 0
            else:
                for number, body in enumerate(bodies, seq - len(bodies) + 1):
                    self._keep(Version(number, body))
            self.seq = seq

    def leap(self) -> int:
        """Count on without a delta: everybody needs a snapshot."""
        with self._lock:
            self._kept.clear()
            self._bytes = 0
            self.seq += 1
            return self.seq

    def after(self, seq: int, most: int = _MOST_DELTAS) -> list[Version] | None:
        """Return what follows a version; None where that cannot be told any more, and a snapshot must do."""
        with self._lock:
            if seq == self.seq:
                return []
            if seq > self.seq or not self._kept or self._kept[0].seq > seq + 1:
                return None
            return [version for version in self._kept if version.seq > seq][:most]

    def _keep(self, version: Version) -> None:
        self._kept.append(version)
        self._bytes += len(version.body)
        while len(self._kept) > self._most_deltas or (self._bytes > self._most_bytes and self._kept):
            self._bytes -= len(self._kept.popleft().body)
