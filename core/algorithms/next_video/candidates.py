"""Candidates of one request: every video the model knows and the catalogue still has, thinned out rule by rule."""

from collections.abc import Mapping, Sequence

import numpy as np

from core.algorithms.next_video.catalogue import Catalogue
from core.algorithms.next_video.decision import Dropped
from core.algorithms.next_video.series_index import NONE, BoolArray, IntArray


class Candidates:
    """The candidates left, in the vocabulary's order, and the account of those that went."""

    def __init__(
        self,
        catalogue: Catalogue,
        model_rows: IntArray,
        rows: IntArray,
        counts: Mapping[str, tuple[int, int]] | None = None,
        *,
        explain: bool = False,
    ) -> None:
        self.model_rows = model_rows
        """Rows in the model's vocabulary."""
        self.rows = rows
        """Rows in the catalogue, of what would be shown: NV-R4 puts other ones here."""
        self.counts: dict[str, tuple[int, int]] = dict(counts or {})
        self.dropped: list[Dropped] = []
        self._ids = catalogue.ids
        self._explain = explain

    @staticmethod
    def all_of(catalogue: Catalogue, vocabulary: Sequence[str], explain: bool) -> "Candidates":
        """Every item of a vocabulary that the catalogue knows."""
        rows_of_vocabulary = catalogue.rows_of_vocabulary(vocabulary)
        model_rows = np.flatnonzero(rows_of_vocabulary != NONE)
        return Candidates(catalogue, model_rows, rows_of_vocabulary[model_rows], explain=explain)

    def __len__(self) -> int:
        return len(self.rows)

    def keep(self, rule: str, kept: BoolArray) -> None:
        """Drop what a rule does not keep."""
        if self._explain:
            self.dropped += [Dropped(self._ids[row], rule) for row in self.rows[~kept]]
        self._narrow(rule, kept)

    def replace(self, rule: str, replacements: IntArray, kept: BoolArray, shown: IntArray) -> None:
        """Put other rows in the candidates' places and drop what a rule does not keep.

        Args:
            rule: its number.
            replacements: (k) the row in each candidate's place; its own where it stays, ``NONE`` where nothing can.
            kept: (k) whether the candidate goes on.
            shown: (k) the row that goes on in the end in the name of the candidate's series; its own, or ``NONE``.
        """
        if self._explain:
            for own, instead in zip(self.rows, shown, strict=True):
                if own != instead:
                    by = None if instead == NONE else self._ids[instead]
                    self.dropped.append(Dropped(self._ids[own], rule, by))
        self.rows = replacements
        self._narrow(rule, kept)

    def _narrow(self, rule: str, kept: BoolArray) -> None:
        before = len(self)
        self.rows = self.rows[kept]
        self.model_rows = self.model_rows[kept]
        self.counts[rule] = (before, len(self))
