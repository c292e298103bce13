"""Kills real ingestions of a topic and real live households, both at once; run by test_kafka_to_households.py.

A process that has imported everything forks the producer, the ingestion and the live consumer; it uses no Kafka itself.
"""

import argparse
import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from core import clock
from core.settings import Settings, load
from ingestion import kafka, ledger
from ingestion.simulate.kafka import EventTopic
from ingestion.simulate.transport import Delivery
from tests.ingestion.killing import fork
from training.households import live

HOMES, DAYS, PARTITIONS = 8, 6, 3


def settings_of(home: Path) -> Settings:
    return load(
        {
            "MEDIATHEK_HOME": str(home),
            "MEDIATHEK_INGESTION__FOLLOW_SECONDS": "0.02",
            "MEDIATHEK_LIVE_HOUSEHOLDS__POLL_SECONDS": "0.01",
            "MEDIATHEK_LIVE_HOUSEHOLDS__PUBLISH_SECONDS": "0.1",
            "MEDIATHEK_LIVE_HOUSEHOLDS__CHECKPOINT_SECONDS": "0.3",
        }
    )


def lines(first_day: datetime) -> list[str]:
    """Evenings at home: two or three devices of each home, one address a day; an event in twelve comes twice."""
    found = []
    for day in range(DAYS):
        for home in range(HOMES):
            for member in range(2 + home % 2):
                for view in range(3):
                    at = first_day + timedelta(days=day, hours=20 + view, minutes=7 * member)
                    found.append(_line(day, home, member, view, at))
    return [line for number, line in enumerate(found) for _ in range(1 + (number % 12 == 0))]


def _line(day: int, home: int, member: int, view: int, at: datetime) -> str:
    return json.dumps(
        {
            "event_id": f"{day}-{home}-{member}-{view}",
            "event": "view",
            "at": at.isoformat(),
            "ip": f"84.130.{home}.{10 + day}",
            "mac": f"3c:9a:77:10:{home:02x}:{member:02x}",
            "user": None,
            "device_class": ("tv", "smartphone", "tablet")[member],
            "content_id": f"film-{view}",
            "playback_id": f"play-{day}-{home}-{member}-{view}",
            "watched_s": 600,
            "position_s": 610.5,
            "duration_s": 5400,
            "page": "/start",
            "consent": {"personalisation": True, "advertising": False},
        }
    )


def produce(bootstrap: str, topic: str, texts: list[str], pieces: int, pause: float) -> None:
    """Write by the simulator's own writer, piece by piece."""
    out = EventTopic(bootstrap, topic)
    for piece in range(pieces):
        part = texts[piece::pieces]
        out.send([Delivery(1_000, number % 17, text, "whole") for number, text in enumerate(part)])
        time.sleep(pause)


def ingest(home: Path, bootstrap: str, topic: str) -> None:
    kafka.follow_topic(settings_of(home), bootstrap, topic, clock.now, lambda: False)


def follow(home: Path) -> None:
    live.follow(settings_of(home), clock.now, lambda: False)


def finish(home: Path, bootstrap: str, topic: str) -> None:
    """Take what is left and end in order."""
    kafka.ingest_topic(settings_of(home), bootstrap, topic, clock.now())
    is_idle: list[float] = []
    live.follow(settings_of(home), clock.now, lambda: bool(is_idle), is_idle.append)


def outcome(home: Path, topic: str) -> dict[str, Any]:
    paths = settings_of(home).paths
    homes: dict[str, list[str]] = {}
    for row in pq.ParquetFile(paths.household_assignments).read().to_pylist():
        homes.setdefault(row["household_id"], []).append(row["device_key"])
    steps = [
        json.loads(line)
        for file in sorted(paths.household_feed.glob("*.jsonl"))
        for line in file.read_text().splitlines()
    ]
    position = json.loads(next(paths.household_checkpoint.glob("[0-9]*/position.json")).read_text())
    events = [row for file in paths.events.rglob("*.parquet") for row in pq.ParquetFile(file).read().to_pylist()]
    told = [tuple(sighting) for step in steps for sighting in step["sightings"]]
    return {
        "homes": sorted(sorted(members) for members in homes.values()),
        "is_in_order": [step["seq"] for step in steps] == list(range(1, len(steps) + 1)),
        "events": len(events),
        "told": len(told),
        "told_twice": len(told) - len(set(told)),
        "is_at_head": position["batch_id"] == ledger.head(paths),
        "offsets": sum(ledger.load(paths).topics[topic].offsets.values()),
    }


def disturb(work: list[Callable[[], object]], producer: int, rng: random.Random) -> int:
    """Run both and kill them, each at moments of its own, until all is produced; returns how many were killed."""
    killed, pids = 0, [fork(each) for each in work]
    while os.waitpid(producer, os.WNOHANG) == (0, 0) or killed < 8:
        time.sleep(rng.uniform(0.05, 0.4))
        victims = [0, 1] if rng.random() < 0.4 else [rng.randrange(2)]
        for victim in victims:
            os.kill(pids[victim], signal.SIGKILL)
        for victim in victims:
            _, status = os.waitpid(pids[victim], 0)
            killed += os.WIFSIGNALED(status)
            pids[victim] = fork(work[victim])
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    return killed


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("bootstrap", "topic"):
        parser.add_argument(name)
    parser.add_argument("work", type=Path)
    options = parser.parse_args()
    rng, (bootstrap, topic) = random.Random(3), (options.bootstrap, options.topic)
    texts = lines(clock.now().astimezone(UTC).replace(hour=0, minute=0) - timedelta(days=DAYS + 1))
    disturbed, undisturbed = (options.work / name for name in ("disturbed", "undisturbed"))
    for home in (disturbed, undisturbed):
        (home / "keys").mkdir(parents=True)
        (home / "keys" / "pseudonym.key").write_bytes(bytes(range(32)))
    producer = fork(partial(produce, bootstrap, topic, texts, 12, 0.2))
    work = [partial(ingest, disturbed, bootstrap, topic), partial(follow, disturbed)]
    killed = disturb(work, producer, rng)
    for home in (disturbed, undisturbed):
        _, status = os.waitpid(fork(partial(finish, home, bootstrap, topic)), 0)
        assert status == 0, f"{home.name}: could not be finished"
    found = {home.name: outcome(home, topic) for home in (disturbed, undisturbed)}
    json.dump({**found, "killed": killed, "lines": len(texts), "distinct": len(set(texts))}, sys.stdout)


if __name__ == "__main__":
    main()
