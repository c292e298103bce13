"""What a version must pass before it is served."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Gate:
    """One gate and what it found."""

    name: str
    value: float
    threshold: float
    is_passed: bool
    reading: str
    """One line for a person."""
