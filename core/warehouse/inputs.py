"""Which lake files a build reads: laid out as links in one folder, so that dbt's sources are a fixed address."""

import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from core.contracts import lake
from core.paths import Paths

RUN = pa.schema([("as_of", pa.timestamp("us")), ("build_id", pa.int64())])


@dataclass(frozen=True)
class LakeFile:
    """One Parquet file of the lake with what shows that it is still the same."""

    name: str  # relative to the lake
    size: int
    modified_ns: int

    @property
    def mark(self) -> str:
        return f"{self.size}:{self.modified_ns}"


@dataclass(frozen=True)
class LakeState:
    """All files of the lake by name: hourly events, hourly decisions, and the one of the catalogue."""

    events: dict[str, str]
    decisions: dict[str, str]
    catalogue: str

    @classmethod
    def of(cls, paths: Paths) -> "LakeState":
        """Look at the lake as it is now; folders that are not there yet are empty."""
        catalogue = f"{_mark(paths.catalogue)}" if paths.catalogue.exists() else ""
        return cls(_hourly(paths.events, paths.lake), _hourly(paths.decisions, paths.lake), catalogue)

    def new_events(self, before: "LakeState") -> list[str]:
        return sorted(name for name in self.events if name not in before.events)

    def decisions_of_changed_hours(self, before: "LakeState") -> list[str]:
        """All files of every hour of which something is new: a percentile cannot be added up."""
        hours = {_hour(name) for name in self.decisions if name not in before.decisions}
        return sorted(name for name in self.decisions if _hour(name) in hours)

    def gone_or_changed(self, before: "LakeState") -> list[str]:
        """Files that an earlier build read and that are no longer there as they were: retention, erasure, repair."""
        now = self.events | self.decisions
        return sorted(name for name, mark in (before.events | before.decisions).items() if now.get(name) != mark)


def _mark(file: Path) -> str:
    stat = file.stat()
    return f"{stat.st_size}:{stat.st_mtime_ns}"


def _hour(name: str) -> str:
    return name.rsplit("/", 1)[0]


def _hourly(folder: Path, root: Path) -> dict[str, str]:
    return {
        str(file.relative_to(root)): _mark(file)
        for file in folder.glob("hour=*/*.parquet")
        if not file.name.startswith(".")
    }


def lay_out(
    paths: Paths, folder: Path, events: list[str], decisions: list[str], as_of: datetime, build_id: int
) -> None:
    """Fill ``folder`` anew: links to the files named, an empty file beside them, and the run's own row."""
    shutil.rmtree(folder, ignore_errors=True)
    catalogue = [str(paths.catalogue.relative_to(paths.lake))] if paths.catalogue.exists() else []
    for source, schema, names in (
        ("events", lake.EVENTS, events),
        ("decisions", lake.DECISIONS, decisions),
        ("catalogue", lake.CATALOGUE, catalogue),
    ):
        target = folder / source
        target.mkdir(parents=True)
        pq.write_table(schema.empty_table(), target / "empty.parquet")
        for name in names:
            (target / name.replace("/", "__")).symlink_to(paths.lake / name)
    run = folder / "run"
    run.mkdir()
    row = {"as_of": [as_of.replace(tzinfo=None)], "build_id": [build_id]}
    pq.write_table(pa.table(row, schema=RUN), run / "run.parquet")
