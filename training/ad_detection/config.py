"""What a training of the detector can be told."""

from dataclasses import asdict, dataclass
from typing import Any, Final

MODELS: Final = ("crnn", "seed")
"""Nets that ``fit`` can build: ours, and the seed's design, which is the baseline."""


@dataclass(frozen=True)
class DetectorConfig:
    """Settings of one run; the defaults are what is served."""

    model: str = MODELS[0]
    """One of ``MODELS``."""
    epochs: int = 24
    batch_size: int = 4
    """Stretches of 48 s a step: few, as hours of sound make few steps and the net needs more than a thousand."""
    learning_rate: float = 2e-3
    label_smoothing: float = 0.05
    validation_share: float = 0.15
    """Of the files, by station: they choose the epoch and set the decoder's scale, never the weights."""
    seed: int = 20_261_124
    threads: int = 2

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)
