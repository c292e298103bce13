"""Write a whole simulation into a directory, or send its events to Kafka."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from core.errors import UserError
from core.logs import progress
from core.storage import write_text
from ingestion.simulate.campaigns import campaign_lines
from ingestion.simulate.catalogue_files import write_catalogue
from ingestion.simulate.landing import Landing
from ingestion.simulate.month import Simulation
from ingestion.simulate.scenario import DAY_MS, Scenario, rfc3339
from ingestion.simulate.truth import expected, write_truth

MANIFEST = "simulation.json"


@dataclass(frozen=True)
class SimulationReport:
    """What was written."""

    out: str
    from_: str
    until: str
    events: dict[str, object]
    catalogue_lines: int
    households: int
    persons: int
    devices: int


def write_month(
    scenario: Scenario, out: Path, write_events: Callable[[Landing, int], None] = Landing.write_hours
) -> tuple[SimulationReport, Simulation, Landing]:
    """Write ``out/landing`` and ``out/truth``; the same scenario writes the same bytes again.

    ``write_events(landing, until_ms)`` says where the events of each day go.
    Raises UserError where ``out`` holds another simulation.
    """
    _claim(out, scenario)
    simulation, landing = Simulation(scenario), Landing(out / "landing")
    lines = write_catalogue(landing, scenario, simulation.catalogue)
    landing.write_objects("campaigns", "campaigns", campaign_lines(scenario))
    for _ in range(scenario.first_day, scenario.last_day + 1):
        day = simulation.run_day(landing.receive)
        write_events(landing, min((day + 1) * DAY_MS, scenario.end_ms))
        progress(f"simulate: {rfc3339(day * DAY_MS)[:10]} written, {sum(landing.counts.values()):,} events so far")
    write_truth(out / "truth", simulation, landing, scenario.end_ms)
    town = simulation.town
    report = SimulationReport(
        str(out), rfc3339(scenario.start_ms), rfc3339(scenario.end_ms), expected(landing), lines, len(town.homes),
        len(town.persons), len(town.devices),
    )  # fmt: skip
    return report, simulation, landing


def manifest_of(scenario: Scenario) -> dict[str, object]:
    """Return the options as they are kept beside the data."""
    return asdict(scenario) | {"as_of": rfc3339(scenario.end_ms)}


def _claim(out: Path, scenario: Scenario) -> None:
    """Keep two simulations from mixing in one directory."""
    manifest = out / MANIFEST
    wanted = manifest_of(scenario)
    if manifest.exists():
        found = json.loads(manifest.read_text(encoding="utf-8"))
        differing = [name for name in wanted if found.get(name) != wanted[name]]
        if differing:
            options = ", ".join(f"{name} {found.get(name)}" for name in differing)
            raise UserError(
                f"out: {out} holds another simulation ({options}); give another directory, or remove this one first"
            )
    write_text(manifest, json.dumps(wanted, indent=1) + "\n")
