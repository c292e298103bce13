"""Viewers: latent taste, mood, habits, consent and login."""

import random
from dataclasses import dataclass, field
from itertools import accumulate

from ingestion.simulate.catalogue import Catalogue
from ingestion.simulate.devices import Device
from ingestion.simulate.places import Place
from ingestion.simulate.scenario import Scenario

NO_CONSENT_SHARE = 0.10
LOGIN_SHARE = 0.35


@dataclass
class Person:
    """One viewer."""

    number: int
    home: Place
    is_kid: bool
    activity: float
    """Sessions a day on average."""
    binge: float
    """Chance of going on with the next episode."""
    mood: int
    motifs: list[int]
    motif_bounds: list[float]
    """Cumulated taste over ``motifs``."""
    has_personalisation: bool
    has_advertising: bool
    withdrawn_at_ms: int | None = None
    day_place: Place | None = None
    """Office or school."""
    devices: list[Device] = field(default_factory=list)
    """Own ones; the household's television besides."""
    television: Device | None = None
    seen: set[int] = field(default_factory=set)
    going_on: dict[str, int] = field(default_factory=dict)
    """Index of the next episode of each series begun."""
    last: int | None = None
    absences: list[tuple[int, int]] = field(default_factory=list)
    """Times (from, until; -1: for ever) at which they are not online as a member of this household."""
    mobile_share: float = 0.12
    """Share of sessions by day behind a mobile carrier."""
    wifi_share: float = 0.03
    """Share of sessions by day in a public network."""
    works_at_night: bool = False
    television_share: float = 1.0
    """How much they use the television, against the usual."""
    same_as: int = -1
    """Number of the same person in the household they came from; -1: this is the first one."""

    def is_absent(self, at_ms: int) -> bool:
        """Tell whether they have not moved in yet, have moved out, or are between two homes."""
        return any(start <= at_ms and (end < 0 or at_ms < end) for start, end in self.absences)

    def is_at_work(self, hour: int) -> bool:
        """Tell whether a local hour is one of work, or of school."""
        if self.works_at_night:
            return hour >= 21 or hour < 6
        return 8 <= hour < (13 if self.is_kid else 17)

    def consent_at(self, at_ms: int) -> tuple[bool, bool]:
        """Return (personalisation, advertising) as given at a time."""
        if self.withdrawn_at_ms is not None and at_ms >= self.withdrawn_at_ms:
            return False, False
        return self.has_personalisation, self.has_advertising


def make_person(
    scenario: Scenario, catalogue: Catalogue, stream: random.Random, number: int, home: Place, is_kid: bool
) -> Person:
    """Draw a person: three to seven favourite motifs, one mood to begin with."""
    favourites = [
        motif for motif in catalogue.motifs_of(is_kid)
        if catalogue.motif_themes[motif].name != "news"
    ]  # fmt: skip
    motifs = stream.sample(favourites, min(len(favourites), stream.randint(3, 7)))
    has_personalisation = stream.random() >= NO_CONSENT_SHARE
    has_advertising = stream.random() < (0.7 if has_personalisation else 0.15)
    withdrawn = None
    if stream.random() < 0.01:
        withdrawn = stream.randrange(scenario.start_ms, scenario.end_ms)
    return Person(
        number=number, home=home, is_kid=is_kid,
        activity=min(stream.lognormvariate(-1.2 if is_kid else -0.95, 0.8), 5.0),
        binge=stream.betavariate(2, 2), mood=stream.randrange(len(catalogue.next_motif)), motifs=motifs,
        motif_bounds=list(accumulate(stream.expovariate(1.0) for _ in motifs)),
        has_personalisation=has_personalisation, has_advertising=has_advertising, withdrawn_at_ms=withdrawn,
    )  # fmt: skip
