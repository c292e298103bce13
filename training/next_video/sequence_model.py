"""The sequence half in Keras: self-attentive sequential recommendation with a loss fit for full ranking.

Architecture: SASRec (Kang and McAuley, ICDM 2018) with pre-norm blocks, learned positions, tied item embeddings and a
bias per item. Loss: cross entropy over the whole vocabulary (Klenitskiy and Vasilev, RecSys 2023, "Turning Dross Into
Gold Loss"); above ``full_softmax_items`` items, over shared uniform negatives, for a few negatives make SASRec
overconfident (Petrov and Macdonald, RecSys 2023, gSASRec).

Its arrays have the names that ``core.algorithms.next_video.sequence_scorer`` reads: serving computes the same in numpy.
"""

from collections.abc import Sequence

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from core.algorithms.next_video.arrays import FloatArray
from core.algorithms.next_video.sequence_scorer import SequenceScorer
from training.next_video.config import SequenceConfig

_EPSILON = 1e-6
_NEVER = -1e9


class SequenceModel(keras.Model):
    """Next item after every place of packed sequences."""

    def __init__(self, item_count: int, config: SequenceConfig, popularity: npt.NDArray[np.int64], seed: int) -> None:
        super().__init__()
        self.config = config
        self.item_count = item_count
        self.arrays: dict[str, keras.Variable] = {}
        d = config.width
        initial = keras.initializers.TruncatedNormal(stddev=0.02, seed=seed)
        self._add("items", (item_count, d), initial)
        self._add("positions", (config.max_length, d), initial)
        self._add("item_bias", (item_count,), "zeros")
        shares = np.log((popularity + 1.0) / (popularity.sum() + item_count))
        self.arrays["item_bias"].assign(shares - shares.mean())
        self._add_norm("final")
        for block in range(config.block_count):
            prefix = f"block{block}_"
            for place, name in enumerate(("query", "key", "value", "output", "widen", "narrow")):
                glorot = keras.initializers.GlorotUniform(seed=seed + 10 * block + place + 1)
                self._add(prefix + name, (d, d), glorot)
            for name in ("widen_bias", "narrow_bias"):
                self._add(prefix + name, (d,), "zeros")
            self._add_norm(prefix + "norm1")
            self._add_norm(prefix + "norm2")
        self.built = True

    def _add(self, name: str, shape: tuple[int, ...], initial: object) -> None:
        self.arrays[name] = self.add_weight(shape=shape, initializer=initial, name=name)

    def _add_norm(self, name: str) -> None:
        self._add(f"{name}_scale", (self.config.width,), "ones")
        self._add(f"{name}_shift", (self.config.width,), "zeros")

    def call(
        self, rows: tf.Tensor, positions: tf.Tensor, segments: tf.Tensor, seed: tf.Tensor | None = None
    ) -> tf.Tensor:
        """States (batch, length, d) after every place; dropout only where a ``seed`` (2,) int32 is given."""
        a, d = self.arrays, self.config.width
        state = tf.gather(a["items"].value, rows) * d**0.5 + tf.gather(a["positions"].value, positions)
        state = self._dropped(state, seed, 0)
        length = tf.shape(rows)[1]
        is_earlier = tf.linalg.band_part(tf.ones((length, length), dtype=tf.bool), -1, 0)
        is_same = segments[:, None, :, None] == segments[:, None, None, :]
        mask = tf.where(is_earlier[None, None] & is_same, 0.0, _NEVER)
        for block in range(self.config.block_count):
            prefix = f"block{block}_"
            normed = self._normed(state, prefix + "norm1")
            state += self._dropped(self._attention(normed, mask, prefix), seed, 3 * block + 1)
            normed = self._normed(state, prefix + "norm2")
            wide = tf.nn.relu(normed @ a[prefix + "widen"].value + a[prefix + "widen_bias"].value)
            wide = self._dropped(wide, seed, 3 * block + 2)
            narrow = wide @ a[prefix + "narrow"].value + a[prefix + "narrow_bias"].value
            state += self._dropped(narrow, seed, 3 * block + 3)
        return self._normed(state, "final")

    def _attention(self, normed: tf.Tensor, mask: tf.Tensor, prefix: str) -> tf.Tensor:
        a, heads = self.arrays, self.config.head_count
        head_width = self.config.width // heads

        def split(name: str) -> tf.Tensor:
            projected = normed @ a[prefix + name].value
            shape = (tf.shape(projected)[0], tf.shape(projected)[1], heads, head_width)
            return tf.transpose(tf.reshape(projected, shape), (0, 2, 1, 3))

        weights = tf.nn.softmax(tf.matmul(split("query"), split("key"), transpose_b=True) * head_width**-0.5 + mask)
        joined = tf.transpose(tf.matmul(weights, split("value")), (0, 2, 1, 3))
        return tf.reshape(joined, tf.shape(normed)) @ a[prefix + "output"].value

    def _normed(self, state: tf.Tensor, name: str) -> tf.Tensor:
        centred = state - tf.reduce_mean(state, axis=-1, keepdims=True)
        variance = tf.reduce_mean(tf.square(centred), axis=-1, keepdims=True)
        scale, shift = self.arrays[f"{name}_scale"].value, self.arrays[f"{name}_shift"].value
        return centred * tf.math.rsqrt(variance + _EPSILON) * scale + shift

    def _dropped(self, state: tf.Tensor, seed: tf.Tensor | None, place: int) -> tf.Tensor:
        if seed is None or self.config.dropout == 0:
            return state
        kept = 1 - self.config.dropout
        noise = tf.random.stateless_uniform(tf.shape(state), seed + tf.constant([0, place]), alg="philox")
        return tf.where(noise < kept, state / kept, 0.0)

    def ranking_loss(self, states: tf.Tensor, targets: tf.Tensor, is_place: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        """Mean cross entropy of the next items over the places that are filled."""
        flat = tf.reshape(states, (-1, self.config.width))
        wanted = tf.reshape(targets, (-1,))
        if self.item_count <= self.config.full_softmax_items:
            losses = self._full_softmax(flat, wanted)
        else:
            losses = self._sampled_softmax(flat, wanted, seed)
        weights = tf.reshape(is_place, (-1,))
        return tf.reduce_sum(losses * weights) / tf.maximum(tf.reduce_sum(weights), 1.0)

    def _full_softmax(self, flat: tf.Tensor, wanted: tf.Tensor) -> tf.Tensor:
        logits = tf.matmul(flat, self.arrays["items"].value, transpose_b=True) + self.arrays["item_bias"].value
        return tf.nn.sparse_softmax_cross_entropy_with_logits(labels=wanted, logits=logits)

    def _sampled_softmax(self, flat: tf.Tensor, wanted: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        """Negatives are shared by the step and corrected for being a sample; chance hits on the target are masked."""
        items, bias, count = self.arrays["items"].value, self.arrays["item_bias"].value, self.config.negatives
        drawn = tf.random.stateless_uniform((count,), seed, 0, self.item_count, dtype=tf.int32, alg="philox")
        own = tf.reduce_sum(flat * tf.gather(items, wanted), axis=-1, keepdims=True) + tf.gather(bias, wanted)[:, None]
        others = tf.matmul(flat, tf.gather(items, drawn), transpose_b=True) + tf.gather(bias, drawn)
        others += float(np.log((self.item_count - 1) / count))
        others = tf.where(drawn[None, :] == wanted[:, None], _NEVER, others)
        return tf.reduce_logsumexp(tf.concat([own, others], axis=1), axis=1) - own[:, 0]

    def scorer(self) -> SequenceScorer:
        """The trained arrays for serving."""
        arrays: dict[str, FloatArray] = {
            name: np.ascontiguousarray(variable.numpy(), dtype=np.float32) for name, variable in self.arrays.items()
        }
        return SequenceScorer(arrays, self.config.block_count, self.config.head_count)

    def logits(self, rows: Sequence[int]) -> FloatArray:
        """Scores (n,) after one sequence, by TensorFlow: what ``SequenceScorer.scores`` must equal."""
        newest = np.asarray([list(rows)[-self.config.max_length :]], dtype=np.int32)
        positions = np.arange(newest.shape[1], dtype=np.int32)[None]
        states = self(newest, positions, np.ones_like(newest))
        result: FloatArray = (
            states[:, -1] @ tf.transpose(self.arrays["items"].value) + self.arrays["item_bias"].value
        )[0].numpy()
        return result
