"""Which hard case a household or a device belongs to, for a figure per case in ``households evaluate``."""

from collections import Counter
from collections.abc import Sequence

from ingestion.simulate.devices import Device, written
from ingestion.simulate.month import Simulation


def case_rows(simulation: Simulation) -> Sequence[Sequence[str]]:
    """Return (household_id, mac, case), sorted; ``mac`` is empty where the whole household is meant.

    Some cases were put in on purpose (``hard_cases``), the others any town has: ``single-device``, ``guest`` (a
    household whose members visit another), ``carrier-nat``, ``daily-lease``, ``random-mac`` and ``rotating-mac``.
    """
    town = simulation.town
    rows = {(place_id, "", case) for place_id, case in town.household_cases}
    sizes = Counter(device.home.place_id for device in town.devices)
    for home in town.homes:
        if sizes[home.place_id] == 1:
            rows.add((home.place_id, "", "single-device"))
        if home.connection in ("shared", "daily"):
            rows.add((home.place_id, "", "carrier-nat" if home.connection == "shared" else "daily-lease"))
    rows.update((town.homes[visiting].place_id, "", "guest") for visiting, _, _ in town.links)
    cases: list[tuple[Device, str]] = [(town.devices[number], case) for number, case in town.device_cases]
    cases += [
        (device, "rotating-mac" if device.is_rotating else "random-mac")
        for device in town.devices
        if device.is_randomised
    ]
    for device, case in cases:
        for mac in device.macs_used.values() if device.is_randomised else (device.mac,):
            rows.add((device.home.place_id, written(mac, 0), case))
    return sorted(rows)
