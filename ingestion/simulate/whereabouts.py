"""When somebody watches, on which device and where: daily and weekly rhythm, office, school, cafe, visits."""

from bisect import bisect
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from ingestion.simulate.devices import Device
from ingestion.simulate.households import Town
from ingestion.simulate.persons import Person
from ingestion.simulate.places import Place
from ingestion.simulate.scenario import DAY_MS, HOUR_MS, LOCAL_OFFSET_MS, Scenario

# share of sessions by local hour, working day and weekend
_WORKDAY = (8, 4, 2, 1, 1, 3, 12, 20, 18, 14, 13, 15, 24, 20, 16, 18, 24, 34, 52, 78, 96, 90, 56, 24)
_WEEKEND = (14, 8, 4, 2, 1, 2, 6, 14, 26, 36, 36, 34, 36, 36, 38, 42, 46, 52, 66, 88, 100, 92, 64, 32)
_KIDS = (0, 0, 0, 0, 0, 1, 10, 14, 8, 8, 8, 8, 14, 24, 30, 36, 44, 50, 52, 30, 8, 2, 0, 0)
_DAY_VOLUME = (0.94, 0.92, 0.95, 0.96, 1.02, 1.12, 1.2)


@dataclass(frozen=True)
class Visit:
    """A person of one household spends an evening in another."""

    day: int
    visitor: int
    visiting: int
    visited: int
    from_ms: int
    until_ms: int


@dataclass(frozen=True)
class Session:
    """A person sits down to watch."""

    at_ms: int
    person: Person
    device: Device
    place: Place


class Whereabouts:
    """Draws the sessions of one day."""

    def __init__(self, scenario: Scenario, town: Town, day: int) -> None:
        self._town = town
        self._day = day
        self._weekday = (day + 3) % 7  # 1970-01-01 was a Thursday
        self._stream = scenario.stream("whereabouts", day)
        self._counts = np.random.default_rng([scenario.seed, day, 1])
        self.visits: dict[int, Visit] = {}
        """By the number of the visiting person."""
        self._draw_visits()

    def sessions(self) -> list[Session]:
        """Return the day's sessions in the order of their times."""
        activities = np.array([person.activity for person in self._town.persons])
        counts = self._counts.poisson(activities * _DAY_VOLUME[self._weekday])
        drawn = []
        for number in np.flatnonzero(counts).tolist():
            for _ in range(int(counts[number])):
                session = self._session(self._town.persons[number])
                if session is not None and not session.person.is_absent(session.at_ms):
                    drawn.append(session)
        for visit in self.visits.values():  # who visits shows something to the hosts
            person = self._town.persons[visit.visitor]
            at_ms = self._stream.randrange(visit.from_ms, visit.until_ms)
            device = self._portable(person, at_ms)
            if device is not None and self._stream.random() < 0.7 and not person.is_absent(at_ms):
                drawn.append(Session(at_ms, person, device, self._town.homes[visit.visited]))
        return sorted(drawn, key=lambda session: (session.at_ms, session.person.number))

    def _draw_visits(self) -> None:
        weekend = 1.6 if self._weekday >= 4 else 0.8
        for visiting, visited, chance in self._town.links:
            if self._stream.random() < chance * weekend:
                visitor = self._stream.choice(self._town.members[visiting])
                start = self._day * DAY_MS + self._stream.randrange(15, 19) * HOUR_MS - LOCAL_OFFSET_MS
                until = start + self._stream.randrange(2, 6) * HOUR_MS
                self.visits[visitor] = Visit(self._day, visitor, visiting, visited, start, until)

    def _session(self, person: Person) -> Session | None:
        hour = bisect(_bounds(person.is_kid, self._weekday >= 5), self._stream.random())
        if person.works_at_night:
            hour = (hour + 10) % 24
        local_ms = hour * HOUR_MS + self._stream.randrange(HOUR_MS)
        at_ms = self._day * DAY_MS + (local_ms - LOCAL_OFFSET_MS) % DAY_MS
        visit = self.visits.get(person.number)
        if visit and visit.from_ms <= at_ms < visit.until_ms:
            device, place = self._portable(person, at_ms), self._town.homes[visit.visited]
        else:
            device, place = self._at_home_or_out(person, hour, at_ms)
        if device is None or (device.use_share < 1 and self._stream.random() >= device.use_share):
            return None
        return Session(at_ms, person, device, place)

    def _at_home_or_out(self, person: Person, hour: int, at_ms: int) -> tuple[Device | None, Place]:
        is_workday, chance = self._weekday < 5, self._stream.random()
        portable = self._portable(person, at_ms)
        if portable is not None:
            if is_workday and person.day_place and person.is_at_work(hour) and chance < 0.7:
                return portable, person.day_place
            if (
                not person.is_kid
                and 7 <= hour < 22
                and chance < person.mobile_share
                and portable.device_class == "smartphone"
            ):
                return portable, self._town.carriers[person.number % len(self._town.carriers)]
            if not person.is_kid and 10 <= hour < 19 and chance > 1 - person.wifi_share:
                return portable, self._stream.choice(self._town.cafes)
        evening = 0.72 if hour >= 18 or hour < 1 else 0.3
        if person.television and self._stream.random() < evening * person.television_share:
            return person.television if _is_there(person.television, at_ms) else None, person.home
        own = [device for device in person.devices if _is_there(device, at_ms)]
        return (self._stream.choice(own) if own else person.television), person.home

    def _portable(self, person: Person, at_ms: int) -> Device | None:
        for device in person.devices:
            if device.device_class in ("smartphone", "tablet") and _is_there(device, at_ms):
                return device
        return None


def _is_there(device: Device, at_ms: int) -> bool:
    return device.from_ms <= at_ms and (device.until_ms < 0 or at_ms < device.until_ms)


def _bounds(is_kid: bool, is_weekend: bool) -> list[float]:
    weights = _KIDS if is_kid else _WEEKEND if is_weekend else _WORKDAY
    total = sum(weights)
    return [bound / total for bound in accumulate(weights)][:-1]
