"""Which experiment and which arm a request belongs to."""

from collections.abc import Iterable
from datetime import datetime

from core.algorithms.experiments.experiment import Arm, Experiment
from core.algorithms.experiments.position import position_of

__all__ = ["assign", "position_of", "running"]


def running(experiments: Iterable[Experiment], use_case: str, at: datetime) -> tuple[Experiment, ...]:
    """Return the experiments of a use case that run at ``at``; their units are disjoint (``files.clash``)."""
    return tuple(each for each in experiments if each.use_case == use_case and each.is_running(at))


def assign(
    experiments: Iterable[Experiment], use_case: str, unit: str | None, at: datetime, device_class: str | None = None
) -> tuple[Experiment, Arm] | None:
    """Return the experiment that the unit takes part in, and its arm; None without a unit or an experiment.

    Args:
        unit: a pseudonym: a device's key or that of a login.
        at: aware.
        device_class: of the request, for experiments that take some classes only.
    """
    if not unit:
        return None
    for experiment in running(experiments, use_case, at):
        if experiment.takes(unit, at, device_class):
            return experiment, experiment.arm_of(unit)
    return None
