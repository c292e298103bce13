"""Which lake files a build reads: laid out as links in one folder, so that dbt's sources are a fixed address."""

import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow.parquet as pq

from core.contracts import households, lake
from core.paths import Paths
from core.storage import connect


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
        pq.ParquetWriter(target / "empty.parquet", schema).close()  # a table, even an empty one, would import pandas
        for name in names:
            (target / name.replace("/", "__")).symlink_to(paths.lake / name)
    lay_out_households(paths, folder)
    lay_out_run(folder, as_of, build_id)


def lay_out_households(paths: Paths, folder: Path) -> None:
    """Link what is known of households (model output); where nothing was clustered yet, an empty file is alone."""
    for source, schema, file in (
        ("household_assignments", households.ASSIGNMENTS, paths.household_assignments),
        ("household_visits", households.VISITS, paths.household_visits),
        ("household_inferences", households.INFERENCES, paths.household_inferences),
    ):
        target = folder / source
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        pq.ParquetWriter(target / "empty.parquet", schema).close()  # a table, even an empty one, would import pandas
        if file.exists():
            (target / "current.parquet").symlink_to(file)


def lay_out_run(folder: Path, as_of: datetime, build_id: int) -> None:
    """Write the run's own row."""
    run = folder / "run"
    run.mkdir(exist_ok=True)
    row = f"timestamp '{as_of.replace(tzinfo=None)}' as as_of, {build_id}::bigint as build_id"
    with connect() as connection:  # not pyarrow, which would import pandas to look at one row
        connection.execute(f"copy (select {row}) to '{run / 'run.parquet'}' (format parquet)")
