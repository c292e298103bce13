"""AD-7: the verdict log is appended by one, read by many, and found in by time."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from core.contracts.ad_detection import VerdictLine, instant_text
from core.errors import UserError
from serving.ad_detection.verdict_log import VerdictLog, VerdictTail, newest_verdict, place_of, stations, verdicts

MIDNIGHT = datetime(2026, 5, 2, tzinfo=UTC)


def line(second: float, spot_id: str | None = None) -> VerdictLine:
    shares = {"ad": 0.2, "talk": 0.7, "music": 0.1}
    at = instant_text(MIDNIGHT + timedelta(seconds=second))
    return VerdictLine(
        at=at, label="talk", confidence=0.7, probabilities=shares, level_db=-20.5, spot_id=spot_id or None
    )


def filled(folder: Path, seconds: range) -> Path:
    log = VerdictLog(folder, "radio-1")
    assert all(log.append(line(second, "s" * (second % 7))) for second in seconds)
    log.close()
    return folder / "radio-1"


def test_lines_are_read_back_by_time_over_midnight(tmp_path: Path) -> None:
    folder = filled(tmp_path, range(-120, 120))
    assert {file.name for file in folder.glob("*.jsonl")} == {"2026-05-01.jsonl", "2026-05-02.jsonl"}
    found = list(verdicts(folder, MIDNIGHT - timedelta(seconds=3), MIDNIGHT + timedelta(seconds=2)))
    assert [each["at"] for each in found] == [line(second)["at"] for second in range(-3, 2)]
    assert found[0] == line(-3, "s" * 4)


def test_every_place_is_found(tmp_path: Path) -> None:
    folder = filled(tmp_path, range(0, 60, 2))
    with (folder / "2026-05-02.jsonl").open("rb") as opened:
        for second in range(61):
            opened.seek(place_of(opened, line(second)["at"]))
            text = opened.readline().decode()
            assert text.startswith(f'{{"at":"{line(second + second % 2)["at"]}"') or (second > 58 and not text)


def test_a_second_is_written_once_even_if_the_clock_is_set_back(tmp_path: Path) -> None:
    filled(tmp_path, range(10))
    log = VerdictLog(tmp_path, "radio-1")
    assert not log.append(line(9))
    assert log.append(line(10))
    log.close()


def test_a_torn_line_is_cut_off_and_the_log_goes_on(tmp_path: Path) -> None:
    folder = filled(tmp_path, range(3))
    with (folder / "2026-05-02.jsonl").open("ab") as opened:
        opened.write(b'{"at":"2026-05-02T00:00:03')
    newest = newest_verdict(folder)
    assert newest is not None
    assert newest["at"] == line(2)["at"]
    filled(tmp_path, range(3, 5))
    assert len(list(verdicts(folder, MIDNIGHT, MIDNIGHT + timedelta(minutes=1)))) == 5


def test_two_cannot_write_for_one_station(tmp_path: Path) -> None:
    log = VerdictLog(tmp_path, "radio-1")
    with pytest.raises(UserError, match="watched already"):
        VerdictLog(tmp_path, "radio-1")
    log.close()
    VerdictLog(tmp_path, "radio-1").close()


@pytest.mark.parametrize("name", ["", "Radio", "../x", "a/b", "-a", "a" * 41])
def test_a_name_that_is_none_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError, match="station"):
        VerdictLog(tmp_path, name)


def test_old_days_are_dropped(tmp_path: Path) -> None:
    """PRV-4"""
    filled(tmp_path, range(-2, 2))
    log = VerdictLog(tmp_path, "radio-1")
    assert log.drop_before(date(2026, 5, 2)) == 1
    log.close()
    assert stations(tmp_path) == ["radio-1"]


def test_a_tail_gives_what_comes_over_midnight_and_nothing_twice(tmp_path: Path) -> None:
    folder = filled(tmp_path, range(-5, -1))
    tail = VerdictTail(folder, line(-4)["at"])
    assert [at for at, _ in tail.new(10)] == [line(-3)["at"], line(-2)["at"]]
    assert tail.new(10) == []
    filled(tmp_path, range(-1, 3))
    assert [at for at, _ in tail.new(2)] == [line(-1)["at"], line(0)["at"]]
    assert [at for at, _ in tail.new(10)] == [line(1)["at"], line(2)["at"]]
