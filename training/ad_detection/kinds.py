"""Which kind of content is taken for what: ``kinds.csv`` beside a corpus' truth, and errors counted by it (AD-9)."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from core.errors import UserError
from core.storage import written_aside
from training.ad_detection.corpus import LABELS, Segment
from training.ad_detection.scores import FRAME_S, Stretch, labels_of

KINDS: Final = "kinds.csv"
_COLUMNS: Final = ("file", "start_s", "end_s", "kind")
_EXAMPLES: Final = 10


@dataclass(frozen=True)
class KindStretch:
    """A stretch of one file that is of one kind."""

    file: str
    start_s: float
    end_s: float
    kind: str


def write_kinds(folder: Path, stretches: Sequence[KindStretch]) -> None:
    """Write ``kinds.csv``, whole or not at all."""
    with written_aside(folder / KINDS) as aside, aside.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.writer(opened)
        writer.writerow(_COLUMNS)
        writer.writerows([each.file, f"{each.start_s:.3f}", f"{each.end_s:.3f}", each.kind] for each in stretches)


def read_kinds(folder: Path) -> dict[str, tuple[KindStretch, ...]]:
    """Kinds by file; empty where a corpus tells none.

    Raises:
        UserError: the file is there and is no such table; the line names the row.
    """
    file = folder / KINDS
    if not file.is_file():
        return {}
    found: dict[str, list[KindStretch]] = {}
    with file.open(newline="", encoding="utf-8-sig") as opened:
        for number, row in enumerate(csv.DictReader(opened), start=2):
            try:
                each = KindStretch(row["file"], float(row["start_s"]), float(row["end_s"]), row["kind"])
            except (KeyError, TypeError, ValueError):
                raise UserError(f"corpus: {KINDS} row {number}: it needs {','.join(_COLUMNS)}") from None
            found.setdefault(each.file, []).append(each)
    return {name: tuple(stretches) for name, stretches in found.items()}


def by_kind(
    truth: Mapping[str, Sequence[Segment]],
    said: Mapping[str, Sequence[Stretch]],
    kinds: Mapping[str, Sequence[KindStretch]],
) -> dict[str, dict[str, Any]]:
    """For each kind ``seconds``, ``frame_accuracy`` and ``wrong_as`` (seconds by the label it was taken for)."""
    counts: dict[str, npt.NDArray[np.int64]] = {}
    for name, stretches in kinds.items():
        wanted, found, times = _frames(truth.get(name, ()), said.get(name, ()))
        for each in stretches:
            inside = (times >= each.start_s) & (times < each.end_s) & (wanted >= 0) & (found >= 0)
            counted = counts.setdefault(each.kind, np.zeros((3, 3), dtype=np.int64))
            np.add.at(counted, (wanted[inside], found[inside]), 1)
    result = {}
    for kind in sorted(counts):
        counted = counts[kind]
        wrong = counted.sum(axis=0) - np.diag(counted)
        result[kind] = {
            "seconds": round(float(counted.sum()) * FRAME_S, 1),
            "frame_accuracy": round(float(np.diag(counted).sum() / max(1, counted.sum())), 4),
            "wrong_as": {label: round(float(wrong[place]) * FRAME_S, 1) for place, label in enumerate(LABELS)},
        }
    return result


def examples(
    truth: Mapping[str, Sequence[Segment]],
    said: Mapping[str, Sequence[Stretch]],
    kinds: Mapping[str, Sequence[KindStretch]],
) -> list[dict[str, Any]]:
    """The longest errors, longest first: ``file``, ``start_s``, ``end_s``, ``truth``, ``said``, ``kind`` (or None)."""
    errors: list[dict[str, Any]] = []
    for name, segments in truth.items():
        wanted, found, _ = _frames(segments, said.get(name, ()))
        code = np.where((wanted >= 0) & (found >= 0) & (wanted != found), wanted * 3 + found, -1)
        edges = [0, *(np.flatnonzero(np.diff(code)) + 1).tolist(), len(code)]
        for start, end in pairwise(edges):
            if end > start and code[start] >= 0:
                middle = (start + end) / 2 * FRAME_S
                kind = next((k.kind for k in kinds.get(name, ()) if k.start_s <= middle < k.end_s), None)
                errors.append(
                    {
                        "file": name,
                        "start_s": round(start * FRAME_S, 1),
                        "end_s": round(end * FRAME_S, 1),
                        "truth": LABELS[code[start] // 3],
                        "said": LABELS[code[start] % 3],
                        "kind": kind,
                    }
                )
    return sorted(errors, key=lambda each: each["start_s"] - each["end_s"])[:_EXAMPLES]


def _frames(
    truth: Sequence[Stretch], said: Sequence[Stretch]
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int8], npt.NDArray[np.float64]]:
    end = max((each.end_s for each in truth), default=0.0)
    times = (np.arange(int(end / FRAME_S), dtype=np.float64) + 0.5) * FRAME_S
    return labels_of(truth, times), labels_of(said, times), times
