"""AD-4: what the source wished for, a decoder that knows how long things last."""

import numpy as np

from core.algorithms.audio import author_decoder
from core.algorithms.audio.segment_model import AD, MUSIC, TALK, SegmentModel


def answers(*stretches: tuple[int, float, float]) -> np.ndarray:
    """(label, seconds, the net's share for it) one after the other, five steps a second."""
    rows = []
    for label, seconds, share in stretches:
        row = np.full(3, (1 - share) / 2, dtype=np.float32)
        row[label] = share
        rows += [row] * round(seconds * 5)
    return np.array(rows)


def decoded(said: np.ndarray) -> np.ndarray:
    model = SegmentModel()
    return model.decode(model.evidence(said))


def test_two_seconds_of_music_in_a_spot_stay_a_spot() -> None:
    said = answers((TALK, 60, 0.9), (AD, 12, 0.8), (MUSIC, 2, 0.7), (AD, 14, 0.8), (TALK, 60, 0.9))
    labels = decoded(said)
    assert (labels[60 * 5 : 88 * 5] == AD).all()


def test_three_spots_follow_each_other_into_one_break() -> None:
    labels = decoded(answers((MUSIC, 120, 0.9), (AD, 20, 0.7), (AD, 30, 0.7), (AD, 15, 0.7), (MUSIC, 120, 0.9)))
    assert (labels == AD).sum() == 65 * 5


def test_a_doubtful_second_in_a_long_talk_is_not_an_ad() -> None:
    assert (decoded(answers((TALK, 90, 0.8), (AD, 1, 0.6), (TALK, 90, 0.8))) == TALK).all()


def test_borders_lie_where_the_evidence_changes() -> None:
    labels = decoded(answers((TALK, 45, 0.85), (AD, 30, 0.85), (MUSIC, 100, 0.85)))
    assert np.flatnonzero(np.diff(labels)).tolist() == [45 * 5 - 1, 75 * 5 - 1]


def test_music_may_last_for_ten_minutes() -> None:
    assert (decoded(answers((MUSIC, 600, 0.8))) == MUSIC).all()


def test_nothing_heard_gives_nothing() -> None:
    assert len(decoded(np.zeros((0, 3), dtype=np.float32))) == 0


def test_the_authors_thresholds_hold_a_verdict_until_a_sure_one() -> None:
    labels = author_decoder.decode(answers((TALK, 30, 0.9), (AD, 10, 0.5), (TALK, 10, 0.9)))
    assert (labels == TALK).all()
