"""Why an item was recommended, in one sentence for the public that is true to the model.

What spoke for an item is found by leaving things out: each entry of the history, and the current video, is taken away
and the half of the model that decided is asked again (occlusion: Zeiler and Fergus, ECCV 2014). What lowers the item's
place most is named; where nothing does, nothing is named.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np

from core.algorithms.next_video.bundle import ClassModel
from core.algorithms.next_video.catalogue import Catalogue
from core.algorithms.next_video.decision import Decision
from core.algorithms.next_video.history import UsedHistory
from core.algorithms.next_video.ranking import standardised
from core.algorithms.next_video.ranking_controls import Control
from core.algorithms.next_video.sequences import known_rows, model_input

Because = Literal["next-episode", "history", "current", "popular"]
_NAMED = 2
_ENTRIES = 20
"""Newest entries of a history that are taken away one by one."""
_LEAST = 0.05
"""Standard deviations of the scores: less is noise."""

TEXTS: Final[dict[tuple[Because, int], dict[str, str]]] = {
    ("next-episode", 0): {
        "de": "Das ist die nächste Folge der Serie, die gerade läuft.",
        "en": "This is the next episode of the series that is playing.",
    },
    ("history", 1): {
        "de": "Weil nach „{0}“ oft dieses Video gesehen wird.",
        "en": "Because this is often watched after “{0}”.",
    },
    ("history", 2): {
        "de": "Weil nach „{0}“ und „{1}“ oft dieses Video gesehen wird.",
        "en": "Because this is often watched after “{0}” and “{1}”.",
    },
    ("current", 1): {
        "de": "Weil viele, die „{0}“ sehen, auch dieses Video sehen.",
        "en": "Because many who watch “{0}” watch this too.",
    },
    ("current", 2): {
        "de": "Weil viele, die „{0}“ und „{1}“ sehen, auch dieses Video sehen.",
        "en": "Because many who watch “{0}” and “{1}” watch this too.",
    },
    ("popular", 0): {
        "de": "Weil dieses Video zurzeit viel gesehen wird.",
        "en": "Because this video is watched a lot at the moment.",
    },
}

MOVED: Final[dict[Control, dict[str, str]]] = {
    "diversity": {
        "de": "Es steht weiter vorn, damit die Auswahl abwechslungsreich ist.",
        "en": "It stands higher to keep the selection varied.",
    },
    "freshness": {"de": "Es steht weiter vorn, weil es neu ist.", "en": "It stands higher because it is new."},
    "long_tail": {
        "de": "Es steht weiter vorn, damit auch weniger Bekanntes Platz hat.",
        "en": "It stands higher to leave room for what is less known.",
    },
}


@dataclass(frozen=True)
class Why:
    """What spoke for one item, strongest first, and what editors' controls did to its place."""

    because: Because
    content_ids: tuple[str, ...]
    moved_by: tuple[Control, ...] = ()

    def text(self, titles: Mapping[str, str], language: str) -> str:
        """A sentence in German ("de") or English ("en"), and one more for each control that moved the item up."""
        language = "de" if language == "de" else "en"
        named = [titles.get(content_id, content_id) for content_id in self.content_ids]
        because = TEXTS[self.because, len(named)][language].format(*named)
        return " ".join([because, *(MOVED[control][language] for control in self.moved_by)])


def why(
    catalogue: Catalogue, model: ClassModel | None, current: str, history: UsedHistory, decision: Decision
) -> list[Why]:
    """Say for each item of an answer what spoke for it; in the items' order."""
    if decision.case != "regular" or model is None:
        return [Why("next-episode", ()) for _ in decision.items]
    known = [each for each in history.content_ids if each in model.row_of][-_ENTRIES:]
    effects = {half: _effects(model, half, known, current) for half in {item.source for item in decision.items}}
    asked = _proposed(catalogue, model, decision)
    return [
        replace(_named(item.source, effects[item.source], asked[item.content_id]), moved_by=item.moved_by)
        for item in decision.items
    ]


_Effects = list[tuple[str, "np.ndarray[tuple[int], np.dtype[np.float32]]"]]


def _effects(model: ClassModel, half: str, history: Sequence[str], current: str) -> _Effects:
    """For each thing that was known: how much every item of the vocabulary gains by it (n,)."""
    rows, current_row = known_rows(history, model.row_of), model.row_of.get(current)

    def scores(rows: Sequence[int], current_row: int | None) -> "np.ndarray[tuple[int], np.dtype[np.float32]]":
        if half == "similarity":
            return standardised(model.similarity_scores(current_row, rows))
        read = model_input(rows, current_row, model.sequence.max_length)
        return standardised(model.sequence_scores(read)) if read else np.zeros(len(model.vocabulary), np.float32)

    whole = scores(rows, current_row)
    effects: _Effects = [
        (content_id, whole - scores([*rows[:place], *rows[place + 1 :]], current_row))
        for place, content_id in enumerate(history)
    ]
    if current_row is not None:
        effects.append((current, whole - scores(rows, None)))
    return effects


def _proposed(catalogue: Catalogue, model: ClassModel, decision: Decision) -> dict[str, list[int]]:
    """Vocabulary rows that may have led to an item: itself, and the episodes for which it stands (NV-R4)."""
    rows_of_vocabulary = catalogue.rows_of_vocabulary(model.vocabulary)
    series_of_vocabulary = np.append(catalogue.series, -1)[rows_of_vocabulary]
    result = {}
    for item in decision.items:
        series = catalogue.series[catalogue.row_of[item.content_id]]
        own = model.row_of.get(item.content_id)
        rows = np.flatnonzero(series_of_vocabulary == series).tolist() if series >= 0 else []
        result[item.content_id] = rows or ([own] if own is not None else [])
    return result


def _named(source: str, effects: _Effects, rows: Sequence[int]) -> Why:
    gains: dict[str, float] = {}
    for content_id, effect in effects:
        gain = float(effect[list(rows)].max()) if rows else 0.0
        gains[content_id] = max(gain, gains.get(content_id, 0.0))
    best = sorted((each for each in gains if gains[each] > _LEAST), key=lambda each: -gains[each])[:_NAMED]
    if not best:
        return Why("popular", ())
    return Why("history" if source == "sequence" else "current", tuple(best))
