"""A device's taste by genre over the model's vocabulary (NV-T4), from Feast's online store."""

import logging
from collections.abc import Mapping
from typing import Protocol

import numpy as np
import numpy.typing as npt

from core.algorithms.next_video.arrays import FloatArray
from core.algorithms.next_video.bundle import ClassModel
from core.algorithms.next_video.catalogue import Catalogue
from core.algorithms.next_video.ranking import genre_codes, taste_scores
from core.contracts.exports import GENRES_WITH_TASTE

_log = logging.getLogger("mediathek")
_CODES_KEPT = 16
_Codes = npt.NDArray[np.int16]


class Features(Protocol):
    """``serving.online_features.OnlineFeatures``."""

    def refresh(self) -> None: ...
    def taste(self, unit: str | None) -> Mapping[str, float] | None: ...


class Taste:
    """Turns shares by genre into scores; the genres of a vocabulary are looked up once a (catalogue, model)."""

    def __init__(self, features: Features) -> None:
        self._features = features
        self._codes: dict[tuple[int, int], tuple[Catalogue, ClassModel, _Codes]] = {}

    def refresh(self) -> None:
        """Take up newly published features; what fails is logged, and the last ones serve on."""
        try:
            self._features.refresh()
        except Exception as error:
            _log.error("online features: %s: %s; going on with the last ones", type(error).__name__, error)

    def of(self, unit: str | None) -> Mapping[str, float] | None:
        """Shares by genre, or None where nothing is known about the unit."""
        return self._features.taste(unit)

    def scores(
        self, shares: Mapping[str, float] | None, catalogue: Catalogue, model: ClassModel | None
    ) -> FloatArray | None:
        """(n) over the model's vocabulary, or None where nothing is known about the unit."""
        if shares is None or model is None:
            return None
        return taste_scores(shares, self._codes_of(catalogue, model), GENRES_WITH_TASTE)

    def _codes_of(self, catalogue: Catalogue, model: ClassModel) -> _Codes:
        key = (id(catalogue), id(model))
        known = self._codes.get(key)
        if known is None or known[0] is not catalogue or known[1] is not model:
            while len(self._codes) >= _CODES_KEPT:
                self._codes.pop(next(iter(self._codes)), None)
            known = (catalogue, model, genre_codes(catalogue.genres_of(model.vocabulary), GENRES_WITH_TASTE))
            self._codes[key] = known
        return known[2]
