"""A month at once: into a directory, or its events to Kafka."""

from dataclasses import dataclass
from pathlib import Path

from core.logs import progress
from ingestion.simulate.campaigns import campaign_lines
from ingestion.simulate.catalogue_files import write_catalogue
from ingestion.simulate.kafka import EventTopic
from ingestion.simulate.landing import Landing
from ingestion.simulate.manifest import claim
from ingestion.simulate.month import Simulation
from ingestion.simulate.scenario import DAY_MS, Scenario, rfc3339
from ingestion.simulate.truth import expected, write_truth
from ingestion.simulate.truth_people import write_people


@dataclass(frozen=True)
class SimulationReport:
    """What was written."""

    out: str | None
    from_at: str
    until_at: str
    events: dict[str, object]
    catalogue_lines: int
    household_count: int
    person_count: int
    device_count: int


@dataclass
class Run:
    """A simulation and where it goes: files below ``out``, events to ``topic`` instead if there is one."""

    scenario: Scenario
    out: Path | None
    topic: EventTopic | None = None

    def __post_init__(self) -> None:
        """Claim the directory; raises UserError where it holds another simulation."""
        if self.out is not None:
            claim(self.out, self.scenario)
        self.simulation = Simulation(self.scenario)
        self.landing = Landing(self.out / "landing" if self.out else None)

    def write_month(self) -> SimulationReport:
        """Write the month day by day, in bounded memory; the same scenario writes the same bytes again."""
        lines = write_catalogue(self.landing, self.scenario, self.simulation.catalogue)
        self.landing.write_objects("campaigns", "campaigns", campaign_lines(self.scenario))
        for _ in range(self.scenario.first_day, self.scenario.last_day + 1):
            day = self.simulation.run_day(self.landing.receive)
            until_ms = min((day + 1) * DAY_MS, self.scenario.end_ms)
            if self.topic is not None:
                self.topic.send(self.landing.take(until_ms))
            else:
                self.landing.write_hours(until_ms)
            events = sum(self.landing.counts.values())
            progress(f"simulate: {rfc3339(day * DAY_MS)[:10]} written, {events:,} events so far")
        self.write_truth(self.scenario.end_ms)
        return self._report(lines)

    def write_truth(self, until_ms: int) -> None:
        """Write the truth up to a time."""
        if self.out is not None:
            write_truth(self.out / "truth", self.simulation, self.landing, until_ms)
            write_people(self.out / "truth", self.simulation)

    def _report(self, catalogue_lines: int) -> SimulationReport:
        town, scenario = self.simulation.town, self.scenario
        return SimulationReport(
            str(self.out) if self.out else None, rfc3339(scenario.start_ms), rfc3339(scenario.end_ms),
            expected(self.landing), catalogue_lines, len(town.homes), len(town.persons), len(town.devices),
        )  # fmt: skip
