"""AD-11: each spot heard is one `ad` event, also over a restart in its middle."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from core.algorithms.audio.fingerprint_index import Clip
from core.algorithms.audio.frames import FRAMES_A_SECOND
from core.contracts.ad_detection import VerdictLine, instant_text
from ingestion.ad_plays import AdPlay
from serving.ad_detection.airplay import NOBODY, Airplay, Viewer
from serving.ad_detection.verdict_log import VerdictLog

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
CLIPS = [Clip("cola", "ad", 20 * FRAMES_A_SECOND), Clip("bank", "ad", 20 * FRAMES_A_SECOND)]


def line(second: int, spot_id: str | None, label: str = "ad") -> VerdictLine:
    shares = {"ad": 0.9, "talk": 0.05, "music": 0.05}
    at = instant_text(NOON + timedelta(seconds=second))
    return VerdictLine(at=at, label=label, confidence=0.9, probabilities=shares, level_db=-9.0, spot_id=spot_id)


def kept(plays: Path) -> list[AdPlay]:
    files = sorted(plays.glob("hour=*/heard-radio-1.jsonl"))
    return [AdPlay.model_validate(json.loads(text)) for file in files for text in file.read_text().splitlines()]


def hear(home: Path, lines: list[VerdictLine], viewer: Viewer = NOBODY) -> None:
    """One run of a watch, which ends like a kill: nothing is handed over but files."""
    log = VerdictLog(home / "verdicts", "radio-1")
    airplay = Airplay(home / "plays", "radio-1", CLIPS, viewer)
    if log.last_at:
        airplay.catch_up(log.folder, datetime.fromisoformat(log.last_at))
    for each in lines:
        if log.append(each):
            airplay.take(each)
    log.close()


def test_spots_of_one_break_share_it_and_the_same_spot_later_is_another(tmp_path: Path) -> None:
    seconds = [(second, "cola") for second in range(20)] + [(second, "bank") for second in range(20, 40)]
    later = [(second, "cola") for second in range(600, 620)]
    hear(tmp_path, [line(*each) for each in [*seconds, *later]], Viewer("d_" + "a" * 24))
    first, second, third = sorted(kept(tmp_path / "plays"), key=lambda play: play.at)
    assert [play.spot_id for play in (first, second, third)] == ["cola", "bank", "cola"]
    assert [play.at for play in (first, third)] == [NOON, NOON + timedelta(minutes=10)]
    assert first.break_id == second.break_id != third.break_id
    assert first.device_key == "d_" + "a" * 24


def test_a_restart_in_the_middle_of_a_spot_makes_no_second_event(tmp_path: Path) -> None:
    for begin, end in ((0, 2), (3, 9), (12, 20)):
        hear(tmp_path, [line(second, "cola") for second in range(begin, end)])
    (play,) = kept(tmp_path / "plays")
    assert play.at == NOON
    assert play.device_key is None


def test_what_was_heard_but_not_yet_told_is_told_after_the_restart(tmp_path: Path) -> None:
    hear(tmp_path, [line(second, "cola") for second in range(20)])
    (file,) = (tmp_path / "plays").glob("hour=*/*.jsonl")
    file.write_bytes(file.read_bytes()[:30])  # the kill came while it was written
    hear(tmp_path, [])
    assert [play.at for play in kept(tmp_path / "plays")] == [NOON]


def test_two_seconds_are_no_airing_and_a_spot_heard_twice_in_a_row_is_two(tmp_path: Path) -> None:
    hear(tmp_path, [line(second, "bank") for second in range(2)])
    assert kept(tmp_path / "plays") == []
    hear(tmp_path, [line(second, "cola") for second in range(100, 140)])
    assert len(kept(tmp_path / "plays")) == 2
