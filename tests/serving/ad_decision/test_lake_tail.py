"""Every file of the lake is told once, also one that came while the folder was being listed (HH-11)."""

import os

from core.paths import Paths
from core.settings import Settings
from serving.ad_decision.lake_tail import LakeTail

HOUR = "hour=2026-05-01T12"


def put(paths: Paths, number: int, at_ns: int) -> None:
    """A commit whose folders say that they changed at a time."""
    folder = paths.events / HOUR
    folder.mkdir(parents=True, exist_ok=True)
    paths.ledger.mkdir(parents=True, exist_ok=True)
    (folder / f"{number:08d}.parquet").touch()
    (paths.ledger / f"{number:012d}.json").touch()
    for each in (folder, paths.ledger):
        os.utime(each, ns=(at_ns, at_ns))


def told(tail: LakeTail) -> list[str]:
    return [file.name for file in tail.new_files()[0]]


def test_a_commit_within_the_same_tick_is_seen_at_the_next_look(settings: Settings) -> None:
    tail = LakeTail(settings.paths)
    assert told(tail) == []
    put(settings.paths, 1, 10**18)
    assert told(tail) == ["00000001.parquet"]
    put(settings.paths, 2, 10**18)
    assert told(tail) == ["00000002.parquet"]
    assert told(tail) == []
    put(settings.paths, 3, 10**18 + 1)
    assert told(tail) == ["00000003.parquet"]


def test_what_is_being_put_in_place_is_looked_at_again(settings: Settings) -> None:
    tail, staging = LakeTail(settings.paths), settings.paths.lake / ".staging" / "000000000002-1"
    put(settings.paths, 1, 10**18)
    staging.mkdir(parents=True)
    assert told(tail) == ["00000001.parquet"]
    assert told(tail) == told(tail) == []
    put(settings.paths, 2, 10**18)
    staging.rmdir()
    assert told(tail) == ["00000002.parquet"]
