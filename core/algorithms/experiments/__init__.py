"""Experiments (NV-M2): which unit gets which arm. Serving, the read-out and the card use this one package.

An experiment is a versioned YAML file that people write (NV-T6: nothing in the platform ever starts, ends or changes
one, and no read-out moves a share). Assignment is a pure function of the experiment and the unit: a salted hash, so
that it is sticky without a store, independent between experiments, and the same offline and online.
"""

from core.algorithms.experiments.assignment import assign, position_of, running
from core.algorithms.experiments.experiment import Arm, Eligibility, Experiment, Guardrail, RampStep, Traffic
from core.algorithms.experiments.files import clash, load_experiment, load_experiments, read_experiments

__all__ = [
    "Arm",
    "Eligibility",
    "Experiment",
    "Guardrail",
    "RampStep",
    "Traffic",
    "assign",
    "clash",
    "load_experiment",
    "load_experiments",
    "position_of",
    "read_experiments",
    "running",
]
