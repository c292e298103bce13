"""Kills real live consumers and prints what became of them; run by test_live_kills.py in a process of its own.

A process that has imported everything forks one child a run. Nothing here is patched but the rhythm of publishing and
saving, and of clustering, which is by the number of rounds instead of by seconds, and, for the systematic part, the moment of death: the
n-th call of a function that changes the disk. A write that is the last one leaves half of its bytes.
"""

import argparse
import json
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from core.algorithms.households.model import Households
from core.settings import Settings, load
from tests.training.households.live_lake import FIRST_DAY, commit, device, half_day
from training.households import checkpoint, erasure, handover, live
from training.households.documents_embedded import EmbeddedDocuments
from training.households.live_state import observe
from training.households.tail import Tail

DISK = [
    (os, "fsync"), (os, "replace"), (os, "rename"), (os, "unlink"), (os, "rmdir"), (os, "mkdir"), (os, "truncate"),
    (os, "write"),
]  # fmt: skip
NOW = datetime(2026, 5, 20, tzinfo=UTC)
ERASED = 21


class ByRounds:
    """Every third time, or as asked, instead of every so many seconds."""

    def __init__(self, seconds: float, _: float = 0.0) -> None:
        self._every, self._count = max(1, int(seconds)), 0

    def perhaps(self, work: Callable[[], None]) -> None:
        self._count += 1
        if self._count % self._every == 0:
            work()


def settings_of(home: Path) -> Settings:
    return load(
        {
            "MEDIATHEK_HOME": str(home),
            "MEDIATHEK_LIVE_HOUSEHOLDS__FEED_SEGMENT_MEGABYTES": "0.008",
            "MEDIATHEK_LIVE_HOUSEHOLDS__STEP_EVENTS": "1",
            "MEDIATHEK_LIVE_HOUSEHOLDS__PUBLISH_SECONDS": "2",
            "MEDIATHEK_LIVE_HOUSEHOLDS__CHECKPOINT_SECONDS": "3",
        }
    )


def follow(home: Path) -> None:
    """Follow until there is nothing to do."""
    is_idle = []
    live._Rhythm = ByRounds  # type: ignore[assignment, misc]
    live.follow(settings_of(home), lambda: NOW, lambda: bool(is_idle), is_idle.append)


def prepare_first(home: Path) -> None:
    """Four commits: events, one without any, a withdrawal."""
    rng, paths = random.Random(5), settings_of(home).paths
    for number in range(1, 5):
        events = [] if number == 3 else half_day(number, rng)
        commit(paths, number, events, withdrawn=[(12, FIRST_DAY + timedelta(days=2))] if number == 4 else [])


def prepare_second(home: Path) -> None:
    """The state of a batch run that had seen less, retention, and more commits."""
    rng, paths = random.Random(6), settings_of(home).paths
    households, tail = Households(), Tail(paths, lambda: NOW)
    for number in range(3):
        batch = tail.next(number)
        assert batch is not None
        observe(households, batch)
    households.refresh(int(NOW.timestamp() * 1000))
    handover.hand_over(paths, households, 3, NOW)
    for number in range(5, 8):
        kept_from = FIRST_DAY + timedelta(days=1) if number == 6 else None
        commit(paths, number, [] if kept_from else half_day(number, rng), kept_from=kept_from)


def prepare_third(home: Path) -> None:
    """The lake has been cleaned; the order comes."""
    paths = settings_of(home).paths
    for file in paths.events.rglob("*.parquet"):
        rows = pq.ParquetFile(file).read()
        pq.write_table(rows.filter([key != device(ERASED) for key in rows["device_key"].to_pylist()]), file)
    (paths.household_erasures).mkdir(parents=True)
    (paths.household_erasures / "order.json").write_text(json.dumps({"device_keys": [device(ERASED)]}))
    commit(paths, 8, half_day(2, random.Random(8), households=2))


PHASES = (prepare_first, prepare_second, prepare_third)


def outcome(home: Path) -> dict[str, Any]:
    """What there is in the end: every step, every row, every document; and what should not be there."""
    paths = settings_of(home).paths
    lines = [line for file in sorted(paths.household_feed.glob("*.jsonl")) for line in file.read_text().splitlines()]
    files = (paths.household_assignments, paths.household_leases, paths.household_visits)
    found = checkpoint.load(paths.household_checkpoint)
    store, key = EmbeddedDocuments(paths.household_documents), device(ERASED).encode()
    return {
        "feed": lines,
        "tables": [sorted(map(str, pq.ParquetFile(file).read().to_pylist())) for file in files],
        "position": str(found[1]) if found else None,
        "documents": sorted(store.digests().items()),
        "left": sorted(str(file.relative_to(home)) for file in home.rglob("*") if file.name.endswith(".tmp")),
        "orders": len(erasure.waiting(paths)),
        "named": sorted(file.name for file in paths.households.rglob("*") if file.is_file() and key in file.read_bytes()),
    }  # fmt: skip


def fork(work: Callable[[], object]) -> int:
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return pid


def dies_at(last_call: int, work: Callable[[], object], told: Callable[[int], object] = lambda _: None) -> None:
    """Die at the n-th call that changes the disk."""
    calls = 0

    def counted(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == last_call:
                if name == "write":
                    real(args[0], args[1][: len(args[1]) // 2])
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*args, **kwargs)

        return call

    for module, name in DISK:
        setattr(module, name, counted(name, getattr(module, name)))
    work()
    told(calls)


class Trials:
    """Homes that went undisturbed up to a phase; a trial is a copy of one that does not."""

    def __init__(self, work: Path) -> None:
        self.work, self.killed = work, 0
        self.outcomes: list[tuple[str, dict[str, Any]]] = []
        self.references: list[dict[str, Any]] = []
        self.seconds = 0.0
        home = work / "reference"
        for phase, prepare in enumerate(PHASES):
            prepare(home)
            shutil.copytree(home, work / f"before{phase}")
            began = time.monotonic()
            follow(home)
            self.seconds = max(self.seconds, time.monotonic() - began)
            self.references.append(outcome(home))

    @property
    def wrong(self) -> list[tuple[str, dict[str, Any]]]:
        return [(name, found) for name, found in self.outcomes if found != self.references[int(name[0])]]

    def run(self, phase: int, name: str, runs: Iterable[Callable[[Path], int]]) -> None:
        """First the runs that are killed, then one that is not."""
        home = self.work / "trial"
        shutil.copytree(self.work / f"before{phase}", home)
        for run in runs:
            _, status = os.waitpid(run(home), 0)
            self.killed += os.WIFSIGNALED(status)
        follow(home)  # here, for a fork more costs more than the run
        self.outcomes.append((f"{phase} {name}", outcome(home)))
        shutil.rmtree(home)

    def count_calls(self, phase: int) -> int:
        """How often an undisturbed run changes the disk."""
        home = self.work / "counted"
        shutil.copytree(self.work / f"before{phase}", home)
        read, write = os.pipe()
        os.waitpid(fork(partial(dies_at, 0, partial(follow, home), partial(_tell, write))), 0)
        os.close(write)
        with open(read) as told:
            calls = int(told.read())
        shutil.rmtree(home)
        return calls


def _tell(out: int, calls: int) -> None:
    with open(out, "w") as opened:
        opened.write(str(calls))


def at_call(call: int) -> Callable[[Path], int]:
    return lambda home: fork(partial(dies_at, call, partial(follow, home)))


def at_random(rng: random.Random, seconds: float) -> Callable[[Path], int]:
    def run(home: Path) -> int:
        pid = fork(partial(follow, home))
        time.sleep(rng.uniform(0, seconds))
        os.kill(pid, signal.SIGKILL)
        return pid

    return run


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("work", type=Path)
    parser.add_argument("--kills", type=int, default=0, help="at random moments")
    parser.add_argument("--every-call", action="store_true")
    options = parser.parse_args()
    trials, rng, calls = Trials(options.work), random.Random(7), 0
    while trials.killed < options.kills:
        phase = rng.randrange(len(PHASES))
        trials.run(phase, "random", [at_random(rng, trials.seconds) for _ in range(rng.choice((1, 2, 4)))])
    for phase in range(len(PHASES)) if options.every_call else ():
        count = trials.count_calls(phase)
        calls += count
        for call in range(1, count + 1):
            recovery = [at_call(1 + call % 5)] if call % 3 == 0 else []
            trials.run(phase, f"call {call}", [at_call(call), *recovery])
    json.dump(
        {
            "references": trials.references, "calls": calls, "killed": trials.killed, "trials": len(trials.outcomes),
            "wrong": trials.wrong,
        },
        sys.stdout,
    )  # fmt: skip


if __name__ == "__main__":
    main()
