"""What makes households hard to tell (HH-1, HH-2), put into a town that is already drawn.

Somebody who changes the household, or a device that does, is there twice: once in each household, absent before or
after that day. So the truth needs no exception: each of the two has its own row, from and until.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ingestion.simulate.devices import Device
from ingestion.simulate.households import Town
from ingestion.simulate.persons import Person
from ingestion.simulate.places import Place
from ingestion.simulate.scenario import DAY_MS, HOUR_MS, Scenario

IPV4_EVERY = 9
"""A device that speaks both takes IPv4 now and then, which is what ties the two addresses of a router together."""
_MAC_BY_WIFI, _ROTATING, _SPEAKS_IPV6 = 0.01, 0.3, 0.97
_WIFI_COUNT = 3
_LEAST_ACTIVITY, _TELEVISION_SHARE, _VISITS = 0.5, 0.6, 0.4
"""Who shows something to friends also watches at home, on the same device, and more often than there."""


def add_hard_cases(town: Town, scenario: Scenario) -> None:
    """Put all hard cases into a town, by a random stream of their own."""
    stream = scenario.stream("hard-cases")
    homes = list(town.homes)
    stream.shuffle(homes)
    cases = _Cases(town, scenario, stream, iter(homes))
    cases.spare_what_cannot_be_told()
    cases.use_public_wifi()
    cases.work_at_night()
    cases.live_by_mobile()
    cases.use_rarely()
    for share, add in (
        (0.02, cases.sell_a_device), (0.02, cases.move_out), (0.01, cases.move_in), (0.03, cases.move_house),
        (0.0075, cases.share_a_router),
    ):  # fmt: skip
        for _ in range(max(1, round(share * scenario.households))):
            add()


@dataclass
class _Cases:
    town: Town
    scenario: Scenario
    stream: random.Random
    homes: Iterator[Place]
    """Households that no case has taken yet."""

    def spare_what_cannot_be_told(self) -> None:
        """Keep few what no evidence could tell: a MAC for every network, NAT without IPv6, use on visits alone."""
        for person in self.town.persons:
            person.activity = max(person.activity, _LEAST_ACTIVITY)
            person.television_share = _TELEVISION_SHARE
        self.town.links = [(one, other, chance * _VISITS) for one, other, chance in self.town.links]
        for device in self.town.devices:
            device.mac_scope = "every-wifi" if self.stream.random() < _MAC_BY_WIFI else "nowhere"
            device.is_rotating &= device.mac_scope == "nowhere" and self.stream.random() < _ROTATING
            if device.home.connection == "shared" and self.stream.random() < _SPEAKS_IPV6:
                device.has_ipv6 = True

    def use_public_wifi(self) -> None:
        """Open networks with hundreds of devices, and people who are often there."""
        wifis = [Place(f"place:wifi-{number:02d}", "fixed") for number in range(_WIFI_COUNT)]
        self.town.places.extend(wifis)
        self.town.cafes.extend(wifis * (1 + len(self.town.cafes) // _WIFI_COUNT))
        for person in self.town.persons:
            if not person.is_kid and self.stream.random() < 0.3:
                person.wifi_share = 0.12

    def work_at_night(self) -> None:
        """Shift workers: at work by night, at home by day."""
        for person in self.town.persons:
            if not person.is_kid and person.day_place and self.stream.random() < 0.08:
                person.works_at_night = True
                self.town.household_cases.append((person.home.place_id, "shift-worker"))

    def live_by_mobile(self) -> None:
        """People whose phone is hardly ever in the router's network."""
        for person in self.town.persons:
            if not person.is_kid and self.stream.random() < 0.06:
                person.mobile_share = 0.65
                for device in person.devices:
                    if device.device_class == "smartphone":
                        self.town.device_cases.append((device.number, "mostly-mobile"))

    def use_rarely(self) -> None:
        """Devices seen twice a month."""
        for device in self.town.devices:
            if self.stream.random() < 0.06:
                owner = self.town.persons[device.owner]
                device.use_share = min(1.0, 5 / max(30 * owner.activity, 1))
                self.town.device_cases.append((device.number, "rare"))

    def sell_a_device(self) -> None:
        """A device goes to a stranger, after some days without a sign."""
        seller = self._home(lambda person: any(self._is_plain(device) for device in person.devices))
        buyer = self._home(lambda person: not person.is_kid)
        if seller is None or buyer is None:
            return
        device = next(device for device in seller.devices if self._is_plain(device))
        device.is_randomised, device.is_rotating = False, False
        at_ms = self._day_of_change()
        silent_ms = self.stream.randrange(HOUR_MS, 4 * DAY_MS)
        again = self._same_device(device, buyer, at_ms + silent_ms)
        device.until_ms = at_ms
        buyer.devices.insert(0, again)
        self.town.device_cases.extend((number, "sold") for number in (device.number, again.number))

    def move_out(self) -> None:
        """Somebody leaves for a flat of their own, and visits from time to time."""
        person = self._home(lambda person: bool(person.devices) and not person.is_kid, least=2)
        if person is None:
            return
        home = Place(f"h{len(self.town.homes):06d}", self.stream.choice(("daily", "long", "shared")))
        home.reassigned_at_ms = self.stream.randrange(HOUR_MS, 5 * HOUR_MS)
        self.town.homes.append(home)
        self.town.places.append(home)
        self.town.members.append([])
        number = len(self.town.homes) - 1
        self._change_home(person, home, number, self._day_of_change())
        self.town.links.append((number, self._number(person.home), 0.12))
        self.town.household_cases.extend((place.place_id, "moved-out") for place in (person.home, home))

    def move_in(self) -> None:
        """Somebody who lived alone moves in with somebody else."""
        person = self._home(lambda person: bool(person.devices), most=1)
        host = self._home(lambda person: not person.is_kid)
        if person is None or host is None:
            return
        at_ms = self._day_of_change()
        self._change_home(person, host.home, self._number(host.home), at_ms)
        if person.television is not None:
            person.television.until_ms = at_ms
        self.town.household_cases.extend((place.place_id, "moved-in") for place in (person.home, host.home))

    def move_house(self) -> None:
        """A whole household gets another provider, half of them by moving: some days without a line."""
        person = self._home(lambda person: True)
        if person is None:
            return
        home, at_ms = person.home, self._day_of_change()
        home.moves_at_ms = at_ms
        home.moves_to = self.stream.choice([kind for kind in ("daily", "long", "shared") if kind != home.connection])
        gap_ms = self.stream.choice((0, self.stream.randrange(DAY_MS, 4 * DAY_MS)))
        for member in self.town.members[self._number(home)] if gap_ms else ():
            self.town.persons[member].absences.append((at_ms - gap_ms // 2, at_ms + gap_ms // 2))
        self.town.household_cases.append((home.place_id, "moved"))

    def share_a_router(self) -> None:
        """Two households behind one router: not separable by addresses."""
        landlord, tenant = self._home(lambda person: True), self._home(lambda person: True)
        if landlord is None or tenant is None:
            return
        tenant.home.put_behind(landlord.home)
        self.town.household_cases.extend((place.place_id, "one-router") for place in (landlord.home, tenant.home))

    def _change_home(self, person: Person, home: Place, number: int, at_ms: int) -> None:
        """Let a person and their own devices live in another household from a time on."""
        there = replace(
            person, number=len(self.town.persons), same_as=person.number, home=home, devices=[], television=None,
            seen=set(person.seen), going_on=dict(person.going_on), absences=[*person.absences, (0, at_ms)],
        )  # fmt: skip
        person.absences.append((at_ms, -1))
        self.town.persons.append(there)
        self.town.members[number].append(there.number)
        for device in person.devices:
            if device.until_ms < 0:
                there.devices.append(self._same_device(device, there, max(at_ms, device.from_ms)))
                device.until_ms = max(at_ms, device.from_ms)

    def _same_device(self, device: Device, owner: Person, from_ms: int) -> Device:
        again = replace(
            device, number=len(self.town.devices), identity=device.number, home=owner.home, owner=owner.number,
            from_ms=from_ms, until_ms=-1, macs_used={},
        )  # fmt: skip
        self.town.devices.append(again)
        return again

    def _home(self, is_fit, least: int = 1, most: int = 99) -> Person | None:  # type: ignore[no-untyped-def]
        """Take the next household that no case has, and one of its members; None where there is none left."""
        for home in self.homes:
            members = [self.town.persons[number] for number in self.town.members[self._number(home)]]
            fit = [member for member in members if is_fit(member)]
            if least <= len(members) <= most and fit:
                return fit[-1]
        return None

    @staticmethod
    def _number(home: Place) -> int:
        """Return the place of a household in the town's list, which its id tells."""
        return int(home.place_id[1:])

    def _is_plain(self, device: Device) -> bool:
        return device.device_class in ("smartphone", "tablet") and device.until_ms < 0

    def _day_of_change(self) -> int:
        length = self.scenario.end_ms - self.scenario.start_ms
        return self.scenario.start_ms + round(length * self.stream.uniform(0.3, 0.7))
