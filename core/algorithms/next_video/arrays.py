"""Names for the arrays that a model's bundle is made of."""

from typing import Final

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int32]

SEQUENCE: Final = "sequence"
SIMILARITY: Final = "similarity"
