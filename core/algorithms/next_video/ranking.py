"""NV-T4: sequence, similarity and taste become one score; editorial filters come after it, on the whole vocabulary."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from core.algorithms.next_video.arrays import SEQUENCE, SIMILARITY, FloatArray
from core.algorithms.next_video.bundle import ClassModel
from core.algorithms.next_video.sequences import model_input


class BlendShares(Protocol):
    """Shares of the final score: ``settings.next_video.blend``."""

    @property
    def sequence(self) -> float: ...
    @property
    def similarity(self) -> float: ...
    @property
    def taste(self) -> float: ...


@dataclass(frozen=True)
class Ranking:
    """Scores of the whole vocabulary and where each comes from."""

    scores: FloatArray
    """(n,) higher is better; comparable within one answer only."""
    is_from_sequence: npt.NDArray[np.bool_]
    """(n,) the sequence half contributed more than the similarity half; never without a history."""

    def source(self, row: int) -> str:
        """``sequence`` or ``similarity``, the contract's ``source``."""
        return SEQUENCE if self.is_from_sequence[row] else SIMILARITY


def combine(
    model: ClassModel,
    history_rows: Sequence[int],
    current_row: int | None,
    blend: BlendShares,
    taste_scores: FloatArray | None = None,
) -> Ranking:
    """Rank the whole vocabulary.

    Each half is standardised over the vocabulary (mean 0, deviation 1), then weighted. Without a history the sequence
    half has no say (NV-T4), and the other shares alone decide.

    Args:
        model: of the device class (NV-X2).
        history_rows: rows of the history that NV-U1..U4 chose, oldest first; may be empty.
        current_row: row of the current video (NV-X1), None where the model does not know it.
        blend: the shares.
        taste_scores: (n,) from ``taste_scores``, or None where nothing is known about the device.
    """
    similarity = standardised(model.similarity_scores(current_row, history_rows))
    scores = np.float32(blend.similarity) * similarity
    from_similarity = scores.copy()
    is_from_sequence = np.zeros(len(scores), dtype=bool)
    rows = model_input(history_rows, current_row, model.sequence.max_length)
    if history_rows and rows:
        from_sequence = np.float32(blend.sequence) * standardised(model.sequence_scores(rows))
        is_from_sequence = from_sequence > from_similarity
        scores = scores + from_sequence
    if taste_scores is not None:
        scores = scores + np.float32(blend.taste) * standardised(taste_scores)
    return Ranking(scores, is_from_sequence)


def standardised(scores: FloatArray) -> FloatArray:
    """Mean 0 and deviation 1; constant scores become zeros."""
    if scores.size == 0:
        return scores
    deviation = scores.std()
    if deviation < 1e-12:
        return np.zeros_like(scores)
    result: FloatArray = (scores - scores.mean()) / deviation
    return result


def genre_codes(genres: Sequence[str | None], known: Sequence[str]) -> npt.NDArray[np.int16]:
    """Index into ``known`` for the genre of each vocabulary row; ``len(known)`` for any other. Made once a bundle."""
    place = {genre: index for index, genre in enumerate(known)}
    return np.array([place.get(genre or "", len(known)) for genre in genres], dtype=np.int16)


def taste_scores(taste: Mapping[str, float], codes: npt.NDArray[np.int16], known: Sequence[str]) -> FloatArray:
    """A device's share of the genre of each item (n,), from Feast's features; 0 for genres without one."""
    shares = np.array([*(taste.get(genre, 0.0) for genre in known), 0.0], dtype=np.float32)
    result: FloatArray = shares[codes]
    return result
