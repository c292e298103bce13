"""Read-outs of experiments (NV-M2): words and figures for people; nothing acts on them (NV-T6)."""

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.settings import Settings
    from monitoring.experiments.readout import Readout


def run(settings: "Settings", as_of: datetime) -> "list[Readout]":
    """Read out every experiment: of those that have not begun, what they could find.

    One that was read out after its end stays as it is: the logs that it rests on are deleted some time (PRV-4).
    """
    from core.algorithms.experiments import read_experiments
    from core.logs import progress
    from monitoring.experiments.readout import is_final, read_out

    known, wrong = read_experiments(settings.config / "experiments")
    for message in wrong:  # serving goes on with the last good one; one broken file stops no other's read-out
        progress(message)
    return [read_out(settings, each, as_of) for each in known if not is_final(settings, each, as_of)]
