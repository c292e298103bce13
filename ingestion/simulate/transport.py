"""On the way from the device to the landing directory: late, repeated and broken records."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from ingestion.simulate.defects import DEFECTS, broken
from ingestion.simulate.scenario import HOUR_MS


class Delivery(NamedTuple):
    """One line as it arrives."""

    arrival_ms: int
    device: int
    line: str
    kind: str
    """``whole``, ``late``, ``repeated`` or one of ``DEFECTS``."""


@dataclass
class Transport:
    """Delivers every line once or twice, in time or hours late, and broken copies of some on top."""

    stream: random.Random
    deliver: Callable[[Delivery], None]
    factor: float = 1.0
    """How many times the usual share of defects."""

    def send(self, at_ms: int, device: int, line: str) -> None:
        """Deliver a line that a device made at a time."""
        chance = self.stream.random() / self.factor
        if chance >= 0.055:
            self.deliver(Delivery(at_ms + int(chance * 1500), device, line, "whole"))
        elif chance >= 0.028:
            self.deliver(Delivery(at_ms + self.stream.randrange(5_000, 600_000), device, line, "whole"))
        elif chance >= 0.013:
            self.deliver(Delivery(at_ms + self.stream.randrange(HOUR_MS, 9 * HOUR_MS), device, line, "late"))
        elif chance >= 0.003:
            self.deliver(Delivery(at_ms, device, line, "whole"))
            again_ms = at_ms + self.stream.choice((50, 30_000, 2 * HOUR_MS, 20 * HOUR_MS))
            self.deliver(Delivery(again_ms, device, line, "repeated"))
        else:
            reason = self.stream.choice(DEFECTS)
            self.deliver(Delivery(at_ms, device, broken(self.stream, reason, line), reason))
            self.deliver(Delivery(at_ms, device, line, "whole"))
