"""The simulation as a whole: day by day from the scenario alone, state in memory, every line to one receiver."""

from collections.abc import Callable

from ingestion.simulate.catalogue import Catalogue, build
from ingestion.simulate.choosing import Chooser
from ingestion.simulate.hard_cases import IPV4_EVERY, add_hard_cases
from ingestion.simulate.households import Town, build_town
from ingestion.simulate.leases import LeaseBook
from ingestion.simulate.lines import Lines
from ingestion.simulate.popularity import Popularity
from ingestion.simulate.scenario import HOUR_MS, Scenario
from ingestion.simulate.transport import Delivery, Transport
from ingestion.simulate.watching import Watching
from ingestion.simulate.whereabouts import Whereabouts

_POPULARITY_HOURS = 2


class Simulation:
    """A town and its catalogue. Days must be run in order, each once; a day's lines may arrive on the next."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.catalogue: Catalogue = build(scenario)
        self.town: Town = build_town(scenario, self.catalogue)
        if scenario.is_hard:
            add_hard_cases(self.town, scenario)
        self.leases = LeaseBook(scenario, scenario.stream("leases"))
        self.leases.open(self.town.places, scenario.start_ms)
        self.leases.pass_night(self.town.places, scenario.first_day)
        self.next_day = scenario.first_day
        self.visit_days: dict[tuple[str, str], set[int]] = {}
        self._lines = Lines(scenario.seed, ipv4_every=IPV4_EVERY if scenario.is_hard else 0)

    def run_day(self, deliver: Callable[[Delivery], None]) -> int:
        """Run the next day (UTC) and return its number since the epoch."""
        day, scenario = self.next_day, self.scenario
        self.next_day += 1
        self.leases.pass_night(self.town.places, day + 1)  # sessions may last into the next day
        chooser = Chooser(self.catalogue, scenario.stream("choosing", day))
        transport = Transport(scenario.stream("transport", day), deliver, 4.0 if scenario.is_hard else 1.0)
        watching = Watching(
            self.catalogue, chooser, self._lines, transport, scenario.stream("watching", day), self.town.persons,
            self.visit_days,
        )  # fmt: skip
        slot = -1
        for session in Whereabouts(scenario, self.town, day).sessions():
            if session.at_ms < scenario.start_ms:
                continue
            now = session.at_ms // (_POPULARITY_HOURS * HOUR_MS)
            if now != slot:
                slot, chooser.popularity = now, Popularity(self.catalogue, session.at_ms)
            watching.play(session)
        return day
