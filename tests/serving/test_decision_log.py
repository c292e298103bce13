"""The decision log: durable within a second, by the hour, and never in the way of an answer."""

import errno
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.contracts.lake import DECISIONS
from serving.decision_log import DecisionLog

AT = datetime(2026, 5, 1, 11, 59, 59, tzinfo=UTC)


def lines(folder: Path) -> list[dict[str, Any]]:
    files = sorted(folder.glob("hour=*/*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text().splitlines()]


def test_records_lie_in_the_hour_they_were_decided_in(tmp_path: Path) -> None:
    log = DecisionLog(tmp_path, 0.05)
    log.append(AT, {"decision_id": "a"})
    log.append(AT + timedelta(seconds=1), {"decision_id": "b"})
    log.flush()
    assert {file.parent.name for file in tmp_path.glob("*/*")} == {"hour=2026-05-01T11", "hour=2026-05-01T12"}
    assert [line["decision_id"] for line in lines(tmp_path)] == ["a", "b"]


def test_what_waits_at_the_end_is_written(tmp_path: Path) -> None:
    log = DecisionLog(tmp_path, 1.0)
    log.start()
    log.append(AT, {"decision_id": "a"})
    log.stop()
    assert [line["decision_id"] for line in lines(tmp_path)] == ["a"]


def test_a_full_disk_keeps_records_for_later_and_leaves_no_torn_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    errors: list[str] = []
    log = DecisionLog(tmp_path, 1.0, on_error=lambda: errors.append("error"))
    log.append(AT, {"decision_id": "a"})
    log.flush()
    real_write = os.write

    def full(descriptor: int, data: bytes) -> int:
        if len(data) > 5:
            return real_write(descriptor, bytes(data[:5]))  # a part still fits ...
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        log.append(AT, {"decision_id": "b"})
        log.flush()
    assert (len(errors), log.waiting()) == (1, 1)
    assert log.error is not None
    assert [line["decision_id"] for line in lines(tmp_path)] == ["a"]
    log.append(AT, {"decision_id": "c"})
    log.flush()
    assert log.error is None
    assert sorted(line["decision_id"] for line in lines(tmp_path)) == ["a", "b", "c"]


def test_a_failed_fsync_is_never_tried_again_on_the_same_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = DecisionLog(tmp_path, 1.0)
    log.append(AT, {"decision_id": "a"})
    log.flush()
    with monkeypatch.context() as patched:

        def broken(_: int) -> None:
            raise OSError(errno.EIO, "Input/output error")

        patched.setattr(os, "fsync", broken)
        log.append(AT, {"decision_id": "b"})
        log.flush()
    log.flush()
    assert len(list(tmp_path.glob("*/*.jsonl"))) == 2
    assert sorted(line["decision_id"] for line in lines(tmp_path)) == ["a", "b"]


def test_memory_is_bounded_and_what_is_given_up_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("serving.decision_log._MAX_WAITING", 3)
    lost: list[int] = []
    log = DecisionLog(tmp_path, 1.0, on_lost=lost.append)
    for number in range(5):
        log.append(AT, {"decision_id": str(number)})
    log.flush()
    assert sum(lost) == 2
    assert [line["decision_id"] for line in lines(tmp_path)] == ["2", "3", "4"]


def test_every_answer_leaves_a_record_without_login(world: Any) -> None:
    """PRV-1; the record has the lake's columns."""
    view = {"content_id": "film-2", "watched_s": 31, "at": "2026-04-30T12:00:00Z"}
    request = {"current": "film-1", "device_class": "tablet", "user": "jo@example.org", "unit": "jo@example.org"}
    device_key = "d_" + "0" * 24
    with world.running() as client:
        client.post("/api/v1/next-video", json=request | {"history": {"views": [view]}})
        client.post("/api/v1/next-video", json=request | {"current": "news-1", "unit": device_key})
        client.post("/api/v1/next-video", json=request | {"current": "unknown"})
        folder = world.settings.paths.decision_log
        world.until(lambda: len(lines(folder)) == 2)
    first, second = lines(folder)
    assert set(first) == set(DECISIONS.names) - {"batch_id"}
    assert (first["case"], first["model_version"], first["history_source"]) == ("regular", "1", "NV-U1")
    assert first["history_count"] == 1
    assert first["counts"]["NV-P1"][0] - first["counts"]["NV-P1"][1] == 1
    assert len(first["items"]) == len(first["sources"]) == len(first["scores"])
    assert first["unit_key"].startswith("u_")
    assert (second["reason"], second["unit_key"]) == ("NV-H2", device_key)
    assert "jo@example.org" not in "".join(file.read_text() for file in folder.glob("*/*"))


def test_a_log_that_cannot_be_written_costs_no_answer_and_is_told(world: Any) -> None:
    world.settings.paths.decision_log.parent.mkdir(parents=True, exist_ok=True)
    world.settings.paths.decision_log.write_text("a file where the folder should be")
    with world.running() as client:
        request = {"current": "film-1", "device_class": "tv"}
        assert client.post("/api/v1/next-video", json=request).status_code == 200
        world.until(lambda: client.get("/readyz").json()["decision_log"]["error"] is not None)
        assert client.get("/readyz").status_code == 200
        assert "mediathek_decision_log_waiting 1.0" in client.get("/metrics").text
