"""Packed rows hold every target once, and places know what belongs together."""

from itertools import pairwise

import numpy as np

from training.next_video.packing import packed


def test_every_target_is_packed_once_beside_its_input() -> None:
    rng = np.random.default_rng(2)
    sequences = [rng.permutation(50)[: rng.integers(2, 30)].tolist() for _ in range(40)]
    rows = packed(sequences, length=10)
    pairs = sorted(zip(rows.inputs[rows.segments > 0].tolist(), rows.targets[rows.segments > 0].tolist(), strict=True))
    assert pairs == sorted(pair for sequence in sequences for pair in pairwise(sequence))


def test_positions_start_anew_in_each_segment() -> None:
    rows = packed([[1, 2, 3, 4], [5, 6, 7]], length=6)
    assert rows.segments.tolist() == [[1, 1, 1, 2, 2, 0]]
    assert rows.positions.tolist() == [[0, 1, 2, 0, 1, 0]]
    assert rows.inputs.tolist() == [[1, 2, 3, 5, 6, 0]]
    assert rows.targets.tolist() == [[2, 3, 4, 6, 7, 0]]


def test_little_room_is_wasted() -> None:
    rows = packed([[0, 1, 2, 3]] * 100, length=30)
    assert len(rows) == 10
    assert len(packed([[1]], length=30)) == 0
