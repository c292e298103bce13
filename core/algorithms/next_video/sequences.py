"""Preparation of sequences: the same when a model is trained and when it is asked (or the figures lie).

A sequence is a list of vocabulary rows, oldest first. Whoever plays an episode in three sittings did not choose it
three times, so an item that directly follows itself counts once.
"""

from collections.abc import Iterable, Mapping, Sequence


def known_rows(content_ids: Iterable[str], row_of: Mapping[str, int]) -> list[int]:
    """Rows of the ids that the model knows, in order; unknown ids are left out."""
    return [row_of[content_id] for content_id in content_ids if content_id in row_of]


def collapsed(rows: Sequence[int]) -> list[int]:
    """Drop every row that directly follows itself."""
    return [row for place, row in enumerate(rows) if place == 0 or row != rows[place - 1]]


def model_input(history_rows: Sequence[int], current_row: int | None, max_length: int) -> list[int]:
    """What the sequence model reads: the history, then the current video (NV-X1), cut to the newest ``max_length``."""
    rows = list(history_rows) if current_row is None else [*history_rows, current_row]
    return collapsed(rows)[-max_length:]


def training_windows(rows: Sequence[int], max_length: int) -> list[list[int]]:
    """Cut one device's sequence into windows of at most ``max_length + 1`` rows (inputs and shifted targets).

    Windows overlap by one row, so that every play but the first is a target exactly once; counted from the newest,
    so that the newest window is full. Sequences of fewer than two rows have no target and give no window.
    """
    rows = collapsed(rows)
    windows: list[list[int]] = []
    end = len(rows)
    while end >= 2:
        start = max(0, end - max_length - 1)
        windows.append(list(rows[start:end]))
        end = start + 1
    return windows[::-1]
