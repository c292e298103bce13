"""Many short sequences in rows of one length: no computing on padding, and one shape for XLA to compile."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.algorithms.next_video.sequences import training_windows

PackedArray = npt.NDArray[np.int32]


@dataclass(frozen=True)
class PackedRows:
    """All arrays (rows, length). Places of one ``segment`` number (1, 2, ...) belong together; 0 is empty."""

    inputs: PackedArray
    targets: PackedArray
    positions: PackedArray
    segments: PackedArray

    def __len__(self) -> int:
        return len(self.inputs)


def packed(sequences: Sequence[Sequence[int]], length: int) -> PackedRows:
    """Cut sequences into windows and lay them side by side, longest first into the first row with room for it."""
    windows = [window for sequence in sequences for window in training_windows(sequence, length)]
    windows.sort(key=len, reverse=True)
    rows: list[list[list[int]]] = []
    rows_with_room: list[list[int]] = [[] for _ in range(length + 1)]
    for window in windows:
        need = len(window) - 1
        room = next((room for room in range(need, length + 1) if rows_with_room[room]), None)
        if room is None:
            rows.append([window])
            row, room = len(rows) - 1, length
        else:
            row = rows_with_room[room].pop()
            rows[row].append(window)
        if room > need:
            rows_with_room[room - need].append(row)
    return _filled(rows, length)


def _filled(rows: Sequence[Sequence[Sequence[int]]], length: int) -> PackedRows:
    result = PackedRows(*(np.zeros((len(rows), length), dtype=np.int32) for _ in range(4)))
    for row, windows in enumerate(rows):
        at = 0
        for segment, window in enumerate(windows, start=1):
            part = slice(at, at + len(window) - 1)
            result.inputs[row, part] = window[:-1]
            result.targets[row, part] = window[1:]
            result.positions[row, part] = np.arange(len(window) - 1)
            result.segments[row, part] = segment
            at = part.stop
    return result
