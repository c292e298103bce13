"""The simulation goes on for ever: a file every few seconds, or Kafka messages as they happen."""

from collections.abc import Callable
from dataclasses import dataclass

from core.logs import progress
from ingestion.simulate.manifest import note_followed
from ingestion.simulate.run import Run
from ingestion.simulate.scenario import DAY_MS, HOUR_MS, rfc3339

_TELL_EVERY = 60.0


@dataclass
class Follower:
    """Goes on where a run's month, or an earlier follower, stopped.

    ``now_ms`` is the clock in milliseconds, ``sleep`` waits some seconds: both come from the command line.
    """

    run: Run
    now_ms: Callable[[], int]
    sleep: Callable[[float], None]
    speed_up: float = 1.0
    every_seconds: float = 3.0

    def __post_init__(self) -> None:
        self.position_ms = self.run.scenario.end_ms
        """Simulated time up to which everything is written."""

    def skip_to(self, until_ms: int) -> None:
        """Run what was written before without writing it again, to be in the same state as then."""
        self._generate(until_ms)
        self.run.landing.take(until_ms)
        self.position_ms = until_ms

    def forever(self, rounds: int | None = None) -> None:
        """Follow until interrupted, or for some rounds; the truth is written at the end of each simulated day."""
        started_ms, from_ms = self.now_ms(), self.position_ms
        told_ms = started_ms
        progress(f"simulate: following from {rfc3339(from_ms)} on, {self.speed_up:g} times as fast as the clock")
        try:
            while rounds is None or rounds > 0:
                now_ms = self.now_ms()
                self.write_until(from_ms + int((now_ms - started_ms) * self.speed_up))
                if now_ms - told_ms >= _TELL_EVERY * 1000:
                    told_ms = now_ms
                    self._tell(now_ms)
                rounds = None if rounds is None else rounds - 1
                self.sleep(self.every_seconds)
        finally:
            self.run.write_truth(self.position_ms)

    def write_until(self, until_ms: int) -> None:
        """Write everything that arrives before a simulated time, in files of at most an hour."""
        while self.position_ms < until_ms:
            end_ms = min(until_ms, (self.position_ms // HOUR_MS + 1) * HOUR_MS)
            self._generate(end_ms)
            due = self.run.landing.take(end_ms)
            if due and self.run.topic is not None:
                self.run.topic.send(due)
            elif due:
                self.run.landing.write_events(_file_name(self.position_ms), due)
            self.position_ms = end_ms
            note_followed(self.run.out, end_ms)
            if end_ms % DAY_MS == 0:
                self.run.write_truth(end_ms)

    def _generate(self, until_ms: int) -> None:
        """Run the days that begin before a time; their news come into the catalogue with them."""
        simulation = self.run.simulation
        while simulation.next_day * DAY_MS < until_ms:
            tomorrow = simulation.next_day + 1
            if tomorrow > self.run.scenario.last_day + 1:
                added = simulation.catalogue.add_day(self.run.scenario, tomorrow)
                name = rfc3339(tomorrow * DAY_MS)[:10]
                self.run.landing.write_objects("catalogue", name, (content.as_line() for content in added))
            simulation.run_day(self.run.landing.receive)

    def _tell(self, now_ms: int) -> None:
        progress(f"simulate: at {rfc3339(self.position_ms)}, {sum(self.run.landing.counts.values()):,} events so far")
        if self.position_ms > now_ms + HOUR_MS:
            progress(
                "simulate: the logs run ahead of the clock; whoever takes them in needs --as-of, or quarantines them"
            )


def _file_name(from_ms: int) -> str:
    """Return day/hour-minute-second-millisecond of the first moment in a file."""
    text = rfc3339(from_ms)
    return f"{text[:10]}/{text[11:13]}-{text[14:16]}{text[17:19]}{from_ms % 1000:03d}"
