"""The acoustic classifier in Keras (AD-2): small convolutions over log-mel maps, then a GRU both ways."""

from typing import Any, Final

import keras
import numpy as np

from core.algorithms.audio.detector_net import MARGIN_FRAMES, STEP_FRAMES
from core.algorithms.audio.frames import MEL_BANDS, FloatArray
from core.algorithms.audio.normalisation import CHANNELS

_FILTERS: Final = (16, 24, 32)
_WIDTH: Final = 64
_UNITS: Final = 48


def build(seed: int) -> Any:
    """A model from frames (batch, steps * STEP_FRAMES + 2 * MARGIN_FRAMES, bands, channels) to (batch, steps, 3).

    ``core.algorithms.audio.detector_net`` computes the same from ``weights_of``.
    """
    keras.utils.set_random_seed(seed)
    layers = keras.layers
    frames = keras.Input((None, MEL_BANDS, CHANNELS))
    state = frames
    for number, filters in enumerate(_FILTERS, start=1):
        tall, stride = (4, 2) if number == 1 else (3, 1)
        state = keras.ops.pad(state, ((0, 0), (0, 0), (1, 1), (0, 0)))
        state = layers.Conv2D(filters, (tall, 3), (stride, 1), use_bias=False, name=f"conv{number}")(state)
        state = layers.BatchNormalization(name=f"norm{number}", momentum=0.95)(state)
        state = layers.MaxPooling2D((1, 2))(layers.ReLU()(state))
    state = layers.Cropping2D(((3, 2), (0, 0)))(state)
    state = layers.Reshape((-1, _FILTERS[-1] * MEL_BANDS // 8))(state)
    state = layers.Dense(_WIDTH, activation="relu", name="narrow")(layers.Dropout(0.2)(state))
    state = layers.Reshape((-1, STEP_FRAMES // 2, _WIDTH))(state)
    pooled = layers.Concatenate()([keras.ops.mean(state, axis=2), keras.ops.max(state, axis=2)])
    embedded = layers.Dense(_WIDTH, activation="relu", name="joined")(layers.Dropout(0.2)(pooled))
    forward = layers.GRU(_UNITS, return_sequences=True, name="forward")(embedded)
    backward = layers.GRU(_UNITS, return_sequences=True, go_backwards=True, name="backward")(embedded)
    both = layers.Concatenate()([embedded, forward, keras.ops.flip(backward, axis=1)])
    hidden = layers.Dense(_WIDTH, activation="relu", name="hidden")(layers.Dropout(0.3)(both))
    answer = layers.Dense(3, name="output")(hidden)
    return keras.Model(frames, layers.Softmax()(answer))


def weights_of(model: Any) -> dict[str, FloatArray]:
    """The arrays for inference without Keras, batch normalisation folded into the convolutions."""
    arrays: dict[str, Any] = {}
    for number in range(1, len(_FILTERS) + 1):
        (kernel,) = model.get_layer(f"conv{number}").get_weights()
        scale, shift, mean, variance = model.get_layer(f"norm{number}").get_weights()
        factor = scale / np.sqrt(variance + model.get_layer(f"norm{number}").epsilon)
        arrays[f"conv{number}_kernel"], arrays[f"conv{number}_bias"] = kernel * factor, shift - mean * factor
    for name in ("narrow", "joined", "hidden", "output"):
        arrays[f"{name}_kernel"], arrays[f"{name}_bias"] = model.get_layer(name).get_weights()
    for name in ("forward", "backward"):
        kernel, recurrent, bias = model.get_layer(name).get_weights()
        arrays |= {f"{name}_kernel": kernel, f"{name}_recurrent": recurrent, f"{name}_bias": bias}
    return {name: np.ascontiguousarray(array, dtype=np.float32) for name, array in arrays.items()}


def frames_for(steps: int) -> int:
    """Frames that the net needs to answer for so many steps."""
    return steps * STEP_FRAMES + 2 * MARGIN_FRAMES
