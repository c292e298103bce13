"""The seed's design in Keras (``--model seed``): an LSTM over maps of cepstra; ``seed_net`` computes the same."""

from typing import Any, Final

import keras
import numpy as np

from core.algorithms.audio import seed_net
from core.algorithms.audio.detector_net import MARGIN_FRAMES, STEPS_A_SECOND
from core.algorithms.audio.frames import FRAMES_A_SECOND, MEL_BANDS, FloatArray
from core.algorithms.audio.normalisation import CHANNELS, SCALE

_UNITS: Final = 64


def build(seed: int) -> Any:
    """A model with the inputs and outputs of ``net.build``: one answer a second, told five times."""
    keras.utils.set_random_seed(seed)
    layers, ops = keras.layers, keras.ops
    frames = keras.Input((None, MEL_BANDS, CHANNELS))
    beyond = seed_net.BEFORE_FRAMES - MARGIN_FRAMES
    power = ops.exp(ops.pad(frames[..., 0], ((0, 0), (beyond, beyond), (0, 0))) * SCALE)
    known = ops.matmul(ops.log(ops.matmul(power, seed_net.wide_filters()) + 1e-6), seed_net.cosines())
    maps = layers.Lambda(_maps, output_shape=(None, seed_net.MAP_FRAMES, seed_net.CEPSTRA))(known)
    single = layers.Lambda(_one_by_one, output_shape=(seed_net.MAP_FRAMES, seed_net.CEPSTRA))(maps)
    state = layers.Dropout(0.2)(layers.LSTM(_UNITS, name="lstm")(single))
    answer = layers.Softmax()(layers.Dense(3, name="seed_output")(state))
    by_second = layers.Lambda(_together, output_shape=(None, 3))([answer, maps])
    return keras.Model(frames, ops.repeat(by_second, STEPS_A_SECOND, axis=1))


def weights_of(model: Any) -> dict[str, FloatArray]:
    """The arrays for ``core.algorithms.audio.seed_net``."""
    kernel, recurrent, bias = model.get_layer("lstm").get_weights()
    out_kernel, out_bias = model.get_layer("seed_output").get_weights()
    arrays = {
        "lstm_kernel": kernel,
        "lstm_recurrent": recurrent,
        "lstm_bias": bias,
        "seed_output_kernel": out_kernel,
        "seed_output_bias": out_bias,
    }
    return {name: np.ascontiguousarray(array, dtype=np.float32) for name, array in arrays.items()}


def _maps(known: Any) -> Any:
    import tensorflow as tf

    return tf.signal.frame(known, seed_net.MAP_FRAMES, FRAMES_A_SECOND, axis=1)


def _one_by_one(maps: Any) -> Any:
    return keras.ops.reshape(maps, (-1, seed_net.MAP_FRAMES, seed_net.CEPSTRA))


def _together(both: Any) -> Any:
    answer, maps = both
    shape = keras.ops.shape(maps)
    return keras.ops.reshape(answer, (shape[0], shape[1], 3))
