"""How loud each second of a stream was."""

from typing import Final

import numpy as np
import numpy.typing as npt

from core.audio_decoding import SAMPLE_RATE

SILENCE_DB: Final = -96.0


def level_db(samples: npt.NDArray[np.float32]) -> float:
    """RMS of samples (n,) in decibels against full scale, not below ``SILENCE_DB``."""
    power = float(np.mean(np.square(samples, dtype=np.float64))) if len(samples) else 0.0
    return round(max(SILENCE_DB, 10 * float(np.log10(power + 1e-12))), 1)


class LevelMeter:
    """Push sound as it comes; levels of whole seconds are kept until they are asked for."""

    def __init__(self) -> None:
        self._rest = np.zeros(0, dtype=np.float32)
        self._levels: dict[int, float] = {}
        self._second = 0

    def push(self, samples: npt.NDArray[np.float32]) -> None:
        """Take more sound (n,)."""
        sound = np.concatenate([self._rest, samples])
        whole = len(sound) // SAMPLE_RATE
        for number in range(whole):
            self._levels[self._second + number] = level_db(sound[number * SAMPLE_RATE : (number + 1) * SAMPLE_RATE])
        self._rest, self._second = sound[whole * SAMPLE_RATE :], self._second + whole

    def of(self, second: int) -> float:
        """The level of a second, which is forgotten with all before it; of the last, unfinished one what there is."""
        found = self._levels.pop(second, None)
        for old in [each for each in self._levels if each < second]:
            del self._levels[old]
        return level_db(self._rest) if found is None else found
