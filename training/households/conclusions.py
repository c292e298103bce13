"""What follows from a clustering: links, inferences and features of households, in this order (HH-4, HH-6, HH-9)."""

from dataclasses import dataclass
from datetime import datetime

from core.errors import StageError
from core.logs import progress
from core.settings import Settings
from core.warehouse import Builder, build_household_features
from training.households.inference import infer
from training.households.links import link


@dataclass(frozen=True)
class Conclusions:
    """How many there are of each; all 0 where nothing was clustered yet."""

    links: int
    inferences: int
    devices_with_features: int
    households_with_features: int


def conclude(settings: Settings, as_of: datetime) -> Conclusions:
    """Write links and inferences of the last clustering, and bring its features into the warehouse.

    dbt is started first, as it reads its project while the rest is reckoned. Without a clustering nothing is done.

    Raises:
        StageError: the warehouse was not built, the lake is empty, or a model or a test of dbt failed.
        UserError: a file of ``config/households`` is wrong.
    """
    if not settings.paths.household_assignments.exists():
        progress("households: nothing was clustered yet, so there is nothing to conclude")
        return Conclusions(0, 0, 0, 0)
    if not settings.paths.warehouse.exists():
        raise StageError("households: their features need a warehouse; build it first")
    with Builder(settings) as builder:
        links = link(settings, as_of).num_rows
        inferences = infer(settings, as_of).num_rows
        progress(f"households: {links} links, {inferences} inferences")
        features = build_household_features(settings, as_of, builder)
    return Conclusions(links, inferences, features.devices, features.households)
