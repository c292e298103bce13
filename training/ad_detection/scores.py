"""How right segments are: frames of 0.1 s, F1 by class, confusion, and how far borders are off (contract)."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from training.ad_detection.corpus import LABELS, Segment

FRAME_S: Final = 0.1
_BORDER_REACH_S: Final = 10.0


class Stretch(Protocol):
    """A detected or a true segment."""

    @property
    def start_s(self) -> float: ...
    @property
    def end_s(self) -> float: ...
    @property
    def label(self) -> str: ...


def confusion_of(truth: Sequence[Segment], said: Sequence[Stretch]) -> npt.NDArray[np.int64]:
    """Frames (3, 3): true label by detected label; time that nobody labelled does not count."""
    end = max((each.end_s for each in truth), default=0.0)
    times = (np.arange(int(end / FRAME_S), dtype=np.float64) + 0.5) * FRAME_S
    wanted, found = labels_of(truth, times), labels_of(said, times)
    both = (wanted >= 0) & (found >= 0)
    result = np.zeros((3, 3), dtype=np.int64)
    np.add.at(result, (wanted[both], found[both]), 1)
    for label in range(3):  # what was not detected at all counts as wrong, for the label after it
        result[label, (label + 1) % 3] += int(((wanted == label) & (found < 0)).sum())
    return result


def border_errors(truth: Sequence[Stretch], said: Sequence[Stretch]) -> list[float]:
    """Seconds from every true border between labels to the nearest detected one, at most 10."""
    wanted, found = _borders(truth), _borders(said)
    if not wanted:
        return []
    if not found:
        return [_BORDER_REACH_S] * len(wanted)
    places = np.array(found)
    return [min(_BORDER_REACH_S, float(np.abs(places - at).min())) for at in wanted]


def figures(confusion: npt.NDArray[np.int64], errors: Iterable[float]) -> dict[str, Any]:
    """``frame_accuracy``, ``f1``, ``confusion`` and ``boundary_error_s`` as the contract names them."""
    right = np.diag(confusion)
    sums = confusion.sum(axis=0) + confusion.sum(axis=1)
    listed = list(errors)
    return {
        "frame_accuracy": round(float(right.sum() / max(1, confusion.sum())), 4),
        "f1": {
            name: round(float(2 * right[label] / sums[label]), 4) if sums[label] else None
            for label, name in enumerate(LABELS)
        },
        "confusion": {
            name: {other: int(confusion[row, column]) for column, other in enumerate(LABELS)}
            for row, name in enumerate(LABELS)
        },
        "boundary_error_s": round(float(np.median(listed)), 3) if listed else None,
    }


def labels_of(stretches: Sequence[Stretch], times: npt.NDArray[Any]) -> npt.NDArray[np.int8]:
    """Index into ``LABELS`` at each time (n,); -1 where no stretch is."""
    result = np.full(len(times), -1, dtype=np.int8)
    for each in stretches:
        result[(times >= each.start_s) & (times < each.end_s)] = LABELS.index(each.label)  # type: ignore[arg-type]
    return result


def _borders(stretches: Sequence[Stretch]) -> list[float]:
    return [after.start_s for before, after in pairwise(stretches) if before.label != after.label]
