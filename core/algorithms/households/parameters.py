"""The fixed numbers of household evidence. Chosen by hand on development seeds of the simulator and of generators with
other habits, never on the seeds that the figures are measured with (benchmarks/households.md)."""

from dataclasses import dataclass

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS


@dataclass(frozen=True)
class Parameters:
    """See each field; times in the unit of their name, weights in nats (natural logarithm of odds).

    Where there is one number a device class, the order is tv, desktop, tablet, smartphone: the less it travels, the
    more its being at an address says, and the more its being elsewhere says.
    """

    # --- sightings and hours ---------------------------------------------------------------------------------
    bucket_minutes: int = 10
    """A device at an address within so many minutes is one sighting, however many events it sends."""
    local_offset_hours: float = 1.0
    """Viewers' clocks against UTC (CET); summer time moves the edges below by an hour, which matters little."""
    evening_from_hour: float = 17.5
    morning_until_hour: float = 7.5
    """Home hours are evening, night, early morning and the weekend; the rest are work hours."""
    night_from_hour: float = 22.5
    night_until_hour: float = 6.0

    # --- one lease or two, within an address and day ---------------------------------------------------------
    gap_hazard: float = 0.03
    """Chance an hour that an address changes hands between two devices' sightings."""
    night_survival: float = 0.55
    """Chance that a lease outlives the hours in which providers cut: 24-hour leases are common."""
    cut_from_hour: float = 1.0
    cut_until_hour: float = 5.0
    """UTC hours in which providers cut."""

    change_minutes: int = 20
    """Who is seen at one address and within so many minutes at another has changed between the two."""
    changes: int = 2
    """So many changes between two addresses on a day, and they are one router's (IPv4 and IPv6): who leaves one place
    for another changes once."""

    # --- crowds ----------------------------------------------------------------------------------------------
    max_devices: int = 8
    """More devices at an address on a day are a crowd: a carrier's NAT, an office, a school."""
    crowd_from: float = 5.0
    """Above so many devices, what each pair's being there proves is divided among them."""
    max_family: int = 16
    """Up to so many are a large family after all, if it is the same ones again and again."""
    max_partners: int = 16
    """Who meets more devices than this on such days is no member of a family there."""
    dweller_days: int = 3
    dweller_ratio: tuple[float, float, float, float] = (1.5, 1.5, 3.0, 4.5)
    """A device lives behind a shared address if it was seen in crowds, at home hours, on so many days and so many times
    as often as elsewhere; an address that is quiet on some day is shared too if half of those there are such."""

    # --- pairs of devices (Fellegi and Sunter 1969: agreement and disagreement weights) ------------------------
    together_home: float = 2.2
    """Seen in one lease at home hours, a day."""
    together_work: float = 0.5
    """Seen in one lease at work hours only: colleagues are too."""
    apart: float = 0.7
    """Both seen at home hours of a day, and not together."""
    sure_chance: float = 0.5
    """Below this chance of one lease, a day at one address is a day apart as well."""
    same_login: float = 4.0
    max_login_devices: int = 10
    """A login on more devices than this is nobody's own."""
    two_televisions: float = 3.0
    """Most households have one: against two of them."""
    core_from: float = 1.6
    """Pairs weaker than this do not found a household."""
    core_share: float = 0.3
    """Nor do pairs weaker than this share of the best pair of either: a guest is more at home elsewhere."""
    pair_limit: float = 25.0
    """No pair says more than this: the others must be able to outvote it."""
    merge_from: float = 2.0
    """Households whose devices together say more than this are one."""

    # --- whose a lease is, and where a device lives ----------------------------------------------------------
    owner: tuple[float, float, float, float] = (4.0, 3.0, 2.5, 2.0)
    """What a device's being there says for the lease being its household's, against being a guest there."""
    owner_local: float = 0.8
    """Share of that for a randomised MAC."""
    own_share: float = 0.5
    """Share of that which a device may count for its own household while it is asked where it lives itself."""
    public: tuple[float, float, float, float] = (-3.0, -1.0, 0.5, 1.0)
    """What it says for a public place, against being a guest in a home."""
    public_home: float = -1.0
    public_work: float = 1.0
    """A place's being public beforehand, by the hour."""
    at_home: float = 2.4
    at_work: float = 2.2
    at_night: float = 4.0
    """A day in a household's lease, for living there: at home hours, at work hours, and at night."""
    away_home: tuple[float, float, float, float] = (0.8, 0.8, 0.8, 0.6)
    away_work: tuple[float, float, float, float] = (0.5, 0.4, 0.3, 0.2)
    """A day elsewhere while others of the household are seen at home, against living there. Little: a router has
    several addresses a day, by IPv4 and IPv6 and by the night's cut."""
    login_there: float = 4.0
    """The same login as a device that lives there."""
    other_television: float = 2.0
    """For a television: another one lives there."""
    alone: float = 1.0
    """A device lives on its own unless a household has more than this."""
    move: float = 6.0
    """What a move must explain better than staying."""
    move_days: int = 2
    """A move needs so many days at the new home: a guest who stays the night does not move."""
    rounds: int = 3
    visit_chance: float = 0.8
    """A guest was in a household's lease if that is at least so likely by the time between their sightings."""
    max_household: float = 14.0
    """Weighted size above which a household is not one but a shared address: a television counts twice, a randomised
    MAC 0.3, for one device shows many."""


CLASSES = ("tv", "desktop", "tablet", "smartphone")
"""The order of classes in ``Parameters``."""
SCALE = 1024
"""Weights are summed as integers of 1/SCALE: exactly the same in whatever order sightings came."""
