"""Read-outs of experiments (NV-M2): words and figures for people; nothing acts on them (NV-T6)."""

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.settings import Settings
    from monitoring.experiments.readout import Readout


def run(settings: "Settings", as_of: datetime) -> "list[Readout]":
    """Read out every experiment that has begun."""
    from core.algorithms.experiments import load_experiments
    from monitoring.experiments.readout import read_out

    begun = [each for each in load_experiments(settings.config / "experiments") if each.start <= as_of]
    return [read_out(settings, experiment, as_of) for experiment in begun]
