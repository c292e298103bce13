"""One small simulated month for all tests here: read, never written to."""

import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ingestion.simulate.run import Run
from ingestion.simulate.scenario import Scenario

AS_OF = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def _small(**changes: Any) -> Scenario:
    options: dict[str, Any] = {"as_of": AS_OF, "days": 4, "households": 120, "seed": 11, "videos": 300}
    return Scenario(**(options | changes))


def event_files(directory: Path) -> list[Path]:
    return sorted(file for file in (directory / "landing" / "events").rglob("*.jsonl*"))


def lines_of(directory: Path) -> Iterator[str]:
    for file in event_files(directory):
        text = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
        yield from text.decode().splitlines()


@dataclass
class Month:
    run: Run | None
    directory: Path
    whole: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Good events by their id."""
    broken: list[str] = field(default_factory=list)
    repeated_count: int = 0
    not_json_count: int = 0

    def __post_init__(self) -> None:
        for line in lines_of(self.directory):
            try:
                event = json.loads(line)
            except ValueError:
                self.not_json_count += 1
                continue
            if event["event_id"].startswith("broken-"):
                self.broken.append(line)
            elif event["event_id"] in self.whole:
                self.repeated_count += 1
            else:
                self.whole[event["event_id"]] = event


@pytest.fixture(scope="session")
def small() -> Callable[..., Scenario]:
    """Make a small scenario, with changes."""
    return _small


@pytest.fixture(scope="session")
def read_month() -> Callable[[Path], Month]:
    """Read what lies in a directory; the run that made it is not known."""
    return lambda directory: Month(None, directory)


@pytest.fixture(scope="session")
def month(tmp_path_factory: pytest.TempPathFactory) -> Month:
    directory = tmp_path_factory.mktemp("simulated")
    run = Run(_small(is_hard=True), directory)
    run.write_month()
    return Month(run, directory)
