"""Counting after ``benchmarks.ad_caps``: every answer against the caps, and against what the counters hold."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.ad_caps_home import GAP, PER_DAY, World
from core.paths import Paths
from serving.ad_decision.sqlite_counters import SqliteCounters


@dataclass(frozen=True)
class Counted:
    """``breaches`` by kind, empty where every cap held."""

    answers: int
    asked_twice: int
    spots: int
    kills: int
    breaches: dict[str, int]


def count(home: Path, world: World, answers: dict[int, dict[str, Any]], kills: int) -> Counted:
    """Look for every way in which a cap can be broken."""
    breaches: Counter[str] = Counter()
    by_break: dict[str, dict[str, Any]] = {}
    shown: defaultdict[str, list[tuple[datetime, str, str, str]]] = defaultdict(list)
    for asked in world.asked:
        answer, break_id = answers[asked["number"]], asked["request"]["break_id"]
        if by_break.setdefault(break_id, answer) != answer:
            breaches["the same request answered otherwise"] += 1
            continue
        if by_break[break_id] is not answer:
            continue
        films = [world.films[spot["spot_id"]] for spot in answer["spots"]]
        breaches["a film twice in a break"] += len(films) - len(set(films))
        household = world.household_of[asked["request"]["device_key"]]
        at = datetime.fromisoformat(asked["at"])
        shown[household] += [
            (at, spot["campaign_id"], film, break_id) for spot, film in zip(answer["spots"], films, strict=True)
        ]
    breaches["more than per_day"] = sum(_over(plays) for plays in shown.values())
    breaches["within the gap"] = sum(_too_soon(plays) for plays in shown.values())
    breaches["given but not in the counters"] = _lost(home, world, shown)
    spots = sum(map(len, shown.values()))
    found = {kind: number for kind, number in breaches.items() if number}
    return Counted(len(by_break), len(world.asked) - len(by_break), spots, kills, found)


def _over(plays: list[tuple[datetime, str, str, str]]) -> int:
    by_campaign = Counter(campaign for _, campaign, _, _ in plays)
    return sum(number > PER_DAY for number in by_campaign.values())


def _too_soon(plays: list[tuple[datetime, str, str, str]]) -> int:
    last: dict[str, datetime] = {}
    found = 0
    for at, _, film, _ in sorted(plays):
        found += film in last and at - last[film] < GAP
        last[film] = at
    return found


def _lost(home: Path, world: World, shown: dict[str, list[tuple[datetime, str, str, str]]]) -> int:
    """Durability: whatever was answered is there after all kills, and nothing beyond it."""
    counters = SqliteCounters(Paths(home).ads.counters)
    devices: defaultdict[str, list[str]] = defaultdict(list)
    for device, household in world.household_of.items():
        devices[household].append(device)
    differing = 0
    for household, plays in shown.items():
        earliest = min((at for at, *_ in plays), default=None)
        if earliest is None:
            continue
        kept = counters.plays(devices[household], earliest - timedelta(days=1)).result(60)
        told = Counter((campaign, break_id) for _, campaign, _, break_id in plays)
        differing += Counter((play.campaign_id, play.break_id) for play in kept) != told
    counters.close()
    return differing
