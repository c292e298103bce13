"""A corpus: audio files beside ``segments.csv`` (file,start_s,end_s,label,spot_id), composed or one's own (AD-1)."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final, Literal, get_args

import numpy as np
import numpy.typing as npt

from core.errors import UserError
from core.logs import progress
from core.storage import written_aside

Label = Literal["ad", "talk", "music"]
LABELS: Final[tuple[Label, ...]] = get_args(Label)
TRUTH: Final = "segments.csv"
COLUMNS: Final = ("file", "start_s", "end_s", "label", "spot_id")
_TOLERANCE_S: Final = 0.05
_GAP_S: Final = 1.0
_AUDIO: Final = (".wav", ".ogg", ".mp3", ".flac", ".opus", ".m4a", ".aac")


@dataclass(frozen=True)
class Segment:
    """One stretch of one file that is one thing."""

    file: str
    start_s: float
    end_s: float
    label: Label
    spot_id: str | None


@dataclass(frozen=True)
class Corpus:
    """A folder's files with their segments, in the order of time."""

    folder: Path
    files: dict[str, tuple[Segment, ...]]

    def path(self, file: str) -> Path:
        return self.folder / file


def read_corpus(folder: Path) -> Corpus:
    """Read and check a corpus.

    Raises:
        UserError: no ``segments.csv``, a missing column or file, a value that is none, segments that overlap; the line
            names file and row.
    """
    truth = folder / TRUTH
    if not truth.is_file():
        raise UserError(f"corpus: {folder} has no {TRUTH}; make one with `mediathek ad-detection compose --out DIR`")
    try:
        with truth.open(newline="", encoding="utf-8-sig") as opened:
            reader = csv.DictReader(opened)
            if missing := set(COLUMNS[:4]) - set(reader.fieldnames or ()):
                raise UserError(f"corpus: {truth} lacks the column {sorted(missing)[0]}; it needs {','.join(COLUMNS)}")
            segments = [_segment(row, number) for number, row in enumerate(reader, start=2)]
    except UnicodeDecodeError:
        raise UserError(f"corpus: {truth} is no UTF-8 text; save it as CSV in UTF-8") from None
    if not segments:
        raise UserError(f"corpus: {truth} has no segments; label some sound first")
    files: dict[str, list[Segment]] = {}
    for segment in segments:
        files.setdefault(segment.file, []).append(segment)
    corpus = Corpus(folder, {name: _in_order(folder, name, of) for name, of in sorted(files.items())})
    for line in unlabelled(corpus):
        progress(line)
    return corpus


def unlabelled(corpus: Corpus) -> list[str]:
    """What nobody labelled, in words: gaps between segments, files without any. It is neither learned nor scored."""
    lines = []
    for name, segments in corpus.files.items():
        gaps = [(a.end_s, b.start_s) for a, b in pairwise(segments) if b.start_s - a.end_s >= _GAP_S]
        if gaps:
            seconds, (start, end) = sum(b - a for a, b in gaps), gaps[0]
            lines.append(
                f"corpus: in {name} {seconds:.1f} s have no segment and count for nothing; the first: "
                f"{start:.2f}-{end:.2f}"
            )
    found = (f.name for f in corpus.folder.iterdir() if f.suffix.lower() in _AUDIO and f.name not in corpus.files)
    if bare := sorted(found):
        lines.append(f"corpus: {len(bare)} audio files are named nowhere in {TRUTH} and left out; the first: {bare[0]}")
    return lines


def write_truth(folder: Path, segments: Iterable[Segment]) -> None:
    """Write ``segments.csv``, whole or not at all."""
    with written_aside(folder / TRUTH) as aside, aside.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.writer(opened)
        writer.writerow(COLUMNS)
        for each in segments:
            writer.writerow([each.file, f"{each.start_s:.3f}", f"{each.end_s:.3f}", each.label, each.spot_id or ""])


def labels_at(segments: Sequence[Segment], times: npt.NDArray[np.float64]) -> npt.NDArray[np.int8]:
    """Index into ``LABELS`` at each time (n,); -1 where nothing is labelled."""
    result = np.full(len(times), -1, dtype=np.int8)
    for segment in segments:
        result[(times >= segment.start_s) & (times < segment.end_s)] = LABELS.index(segment.label)
    return result


def _segment(row: dict[str, str], number: int) -> Segment:
    where = f"corpus: {TRUTH} row {number}"
    try:
        start, end = float(row["start_s"]), float(row["end_s"])
    except (TypeError, ValueError):
        raise UserError(
            f"{where}: start_s and end_s must be seconds, not '{row['start_s']}', '{row['end_s']}'"
        ) from None
    if not (np.isfinite(start) and np.isfinite(end) and 0 <= start < end):
        raise UserError(f"{where}: a segment must end after it starts, at 0 or later; it has {start} to {end}")
    if row["label"] not in LABELS:
        raise UserError(f"{where}: label '{row['label']}' is unknown; use one of {', '.join(LABELS)}")
    if not row["file"]:
        raise UserError(f"{where}: file is empty; name an audio file in the folder")
    label: Label = row["label"]  # type: ignore[assignment]
    return Segment(row["file"], start, end, label, row.get("spot_id") or None)


def _in_order(folder: Path, name: str, segments: list[Segment]) -> tuple[Segment, ...]:
    if not (folder / name).is_file():
        raise UserError(f"corpus: {name} is named in {TRUTH} but missing in {folder}; add it or remove its rows")
    ordered = sorted(segments, key=lambda segment: segment.start_s)
    for before, after in pairwise(ordered):
        if after.start_s < before.end_s - _TOLERANCE_S:
            raise UserError(
                f"corpus: in {name} the segments {before.start_s:.2f}-{before.end_s:.2f} ({before.label}) and "
                f"{after.start_s:.2f}-{after.end_s:.2f} ({after.label}) overlap; correct {TRUTH}"
            )
    return tuple(ordered)
