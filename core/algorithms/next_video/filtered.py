"""NV-C1 to NV-R3 applied to a vocabulary; what does not depend on the current video is done once an offer.

An offer lasts until some video's availability changes. In between, requests differ only in the current video: whether
it is for children, a documentary, of a series, and that it never leads to itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from core.algorithms.next_video.bundle import ClassModel
from core.algorithms.next_video.candidates import Candidates
from core.algorithms.next_video.filters import FILTERS, Surroundings
from core.algorithms.next_video.series_index import NONE, IntArray

_VOCABULARIES_KEPT = 16
_CURRENT_ITSELF = "NV-C1"


@dataclass(frozen=True)
class _Prepared:
    """What is left of a vocabulary when the current video plays no part, and how many each rule left."""

    vocabulary: Sequence[str]
    model_rows: IntArray
    rows: IntArray
    counts: dict[str, tuple[int, int]]


def filtered(around: Surroundings, model: ClassModel, explain: bool) -> Candidates:
    """The candidates that NV-C1, NV-C2, NV-R1, NV-R2 and NV-R3 leave; with ``explain``, each drop is noted."""
    if explain:
        candidates = Candidates.all_of(around.catalogue, model.vocabulary, explain)
        _apply(around, candidates, tuple(FILTERS))
        return candidates
    prepared = _prepared(around, model.vocabulary)
    is_known = around.catalogue.ids[around.current_row] in model.row_of
    counts = _without_current(around, prepared, is_known)
    candidates = Candidates(around.catalogue, prepared.model_rows, prepared.rows, counts)
    is_other = prepared.rows != around.current_row
    if not is_other.all():
        candidates.model_rows, candidates.rows = prepared.model_rows[is_other], prepared.rows[is_other]
    _apply(around, candidates, ("NV-R3",))
    return candidates


def _apply(around: Surroundings, candidates: Candidates, rules: Sequence[str]) -> None:
    for rule in rules:
        if (kept := FILTERS[rule](around, candidates.rows)) is not None:
            candidates.keep(rule, kept)


def _prepared(around: Surroundings, vocabulary: Sequence[str]) -> _Prepared:
    key = (id(vocabulary), around.kids_only, around.documentaries_only)
    known = around.offer.kept.get(key)
    if isinstance(known, _Prepared) and known.vocabulary is vocabulary:
        return known
    candidates = Candidates.all_of(around.catalogue, vocabulary, explain=False)
    nobody = Surroundings(around.catalogue, around.offer, around.rules, NONE)
    candidates.keep(_CURRENT_ITSELF, around.offer.is_playable[candidates.rows])
    for rule in ("NV-C2", "NV-R1", "NV-R2"):
        of = nobody if rule == "NV-C2" else around
        if (kept := FILTERS[rule](of, candidates.rows)) is not None:
            candidates.keep(rule, kept)
    made = _Prepared(vocabulary, candidates.model_rows, candidates.rows, candidates.counts)
    while len(around.offer.kept) >= _VOCABULARIES_KEPT:
        around.offer.kept.pop(next(iter(around.offer.kept)), None)
    around.offer.kept[key] = made  # holding the vocabulary keeps its identity unique
    return made


def _without_current(around: Surroundings, prepared: _Prepared, is_known: bool) -> dict[str, tuple[int, int]]:
    """The counts had NV-C1 dropped the current video; NV-R1 and NV-R2 it passes itself, for they follow from it."""
    is_counted = int(is_known and bool(around.offer.is_playable[around.current_row]))
    counts = {}
    for rule, (before, after) in prepared.counts.items():
        left = is_counted
        if rule != _CURRENT_ITSELF:
            before -= is_counted  # noqa: PLW2901
            left = is_counted = is_counted * int(not around.catalogue.is_excluded[around.current_row])
        counts[rule] = (before, after - left)
    return counts
