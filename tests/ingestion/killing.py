"""Kills real ingestions and prints what became of them; run by test_kills.py and test_kafka.py in a process of its own.

A process that has imported everything forks one child a run, so that a run costs no imports. Nothing here is patched
but, for the systematic part, the moment of death: the n-th call of a function that changes the disk.
"""

import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pyarrow.parquet as pq

from core.settings import Settings, load
from ingestion import kafka, landing, ledger
from ingestion.report import IngestReport

AS_OF = datetime(2026, 5, 2, 12, 0, tzinfo=UTC)
DISK = [(os, "fsync"), (os, "replace"), (os, "rename"), (os, "link"), (os, "unlink"), (os, "rmdir"), (os, "mkdir")]


def settings_of(home: Path) -> Settings:
    return load({"MEDIATHEK_HOME": str(home), "MEDIATHEK_INGESTION__BATCH_MEGABYTES": "1"})


def fork(work: Callable[[], object]) -> int:
    """Run ``work`` in a child; returns its process id."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            work()
            code = 0
        finally:
            os._exit(code)
    return pid


def ingest(home: Path, source: str) -> IngestReport:
    """Ingest a landing directory, or a topic: ``kafka:BOOTSTRAP/TOPIC``."""
    if source.startswith("kafka:"):
        bootstrap, _, topic = source.removeprefix("kafka:").partition("/")
        return kafka.ingest_topic(settings_of(home), bootstrap, topic, AS_OF)
    return landing.ingest_source(settings_of(home), Path(source), AS_OF)


def ingest_until_call(home: Path, source: str, last_call: int) -> None:
    """Die at the n-th call that changes the disk."""
    calls = 0

    def counted(real: Callable[..., object]) -> Callable[..., object]:
        def call(*args: object, **kwargs: object) -> object:
            nonlocal calls
            calls += 1
            if calls == last_call:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*args, **kwargs)

        return call

    for module, name in DISK:
        setattr(module, name, counted(getattr(module, name)))
    ingest(home, source)


def finish(home: Path, source: str, out: Path) -> None:
    """Run to the end, then write a digest of all rows; a further run must change nothing."""
    ingest(home, source)
    report = ingest(home, source)
    paths = settings_of(home).paths
    left = [str(file) for file in home.rglob("*.tmp")]
    if ledger.staging_folder(paths).is_dir():
        left += [str(folder) for folder in ledger.staging_folder(paths).iterdir()]
    out.write_text(json.dumps({"rows": digest(home), "is_quiet": not report.has_changes, "left": left}))


def digest(home: Path) -> str:
    """Digest of every row of the lake but for the number of its batch."""
    rows = []
    for file in (home / "lake").rglob("*.parquet"):
        kind = file.relative_to(home / "lake").parts[0]
        found = pq.ParquetFile(file).read().to_pylist()
        rows += [kind + json.dumps({**row, "batch_id": 0}, default=str, sort_keys=True) for row in found]
    return hashlib.sha256("\n".join(sorted(rows)).encode()).hexdigest() + f" {len(rows)} rows"


class Trials:
    """Homes that share one key, so that their rows can be compared."""

    def __init__(self, source: str, work: Path) -> None:
        self.source, self.work = source, work
        self.key = work / "pseudonym.key"

    def home(self, name: str) -> Path:
        home = self.work / name
        (home / "keys").mkdir(parents=True)
        if not self.key.exists():
            self.key.write_bytes(bytes(range(32)))
        shutil.copy(self.key, home / "keys")
        return home

    def end(self, home: Path) -> dict[str, object]:
        out = home.with_suffix(".json")
        _, status = os.waitpid(fork(lambda: finish(home, self.source, out)), 0)
        if status != 0:
            return {"rows": f"failed with status {status}"}
        shutil.rmtree(home)
        result: dict[str, object] = json.loads(out.read_text())
        return result

    def undisturbed_seconds(self) -> float:
        home, started = self.home("timed"), time.monotonic()
        os.waitpid(fork(lambda: ingest(home, self.source)), 0)
        return time.monotonic() - started

    def kill_at_random(
        self, name: str, rng: random.Random, seconds: float, kills: int
    ) -> tuple[dict[str, object], int]:
        """Kill up to ``kills`` runs in a row: the second and later ones die in recovery or after it."""
        home, killed = self.home(name), 0
        for _ in range(kills):
            pid = fork(lambda: ingest(home, self.source))
            time.sleep(rng.uniform(0, seconds))
            os.kill(pid, signal.SIGKILL)
            _, status = os.waitpid(pid, 0)
            killed += os.WIFSIGNALED(status)
        return self.end(home), killed

    def kill_at_call(self, name: str, call: int) -> tuple[dict[str, object], int]:
        """Die at one change of the disk; then again, early in the recovery."""
        home, killed = self.home(name), 0
        for last_call in (call, 1 + call % 7):
            _, status = os.waitpid(fork(partial(ingest_until_call, home, self.source, last_call)), 0)
            killed += os.WIFSIGNALED(status)
        return self.end(home), killed


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("source")
    parser.add_argument("work", type=Path)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--calls", type=int, nargs="*", default=[])
    options = parser.parse_args()
    trials, rng = Trials(options.source, options.work), random.Random(7)
    reference = trials.end(trials.home("reference"))
    outcomes, killed, number = [], 0, 0
    seconds = trials.undisturbed_seconds() if options.kills else 0.0
    while killed < options.kills:
        number += 1
        outcome, count = trials.kill_at_random(f"random{number}", rng, seconds, rng.choice((2, 4, 6)))
        outcomes.append(outcome)
        killed += count
    for call in options.calls:
        outcome, count = trials.kill_at_call(f"call{call}", call)
        outcomes.append(outcome)
        killed += count
    json.dump({"reference": reference, "outcomes": outcomes, "killed": killed}, sys.stdout)


if __name__ == "__main__":
    main()
