"""PRV-3: one command erases, whatever interrupts it; one exports. The stores' own tests say what each of them does."""

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import privacy_erase
from core import erasure_journal
from core.device_search import files_naming
from core.errors import StageError, UserError
from core.privacy import device_mac, load_pseudonyms
from core.settings import Settings, load
from ingestion.device_traces import units_of
from ingestion.landing import ingest_source
from ingestion.ledger import staging_folder
from privacy_export import export
from tests.simulated_day import mediathek

AS_OF = datetime(2026, 5, 2, 12, 0, tzinfo=UTC)
MAC, OTHER = "3c9a77102030", "60d248000007"
DISK = ("fsync", "replace", "rename", "link", "unlink", "rmdir", "mkdir")


def _view(event_id: str, mac: str, hour: int, **fields: Any) -> dict[str, Any]:
    return {
        "event_id": event_id, "event": "view", "at": f"2026-05-01T{hour:02d}:00:00Z", "ip": "84.130.7.9", "mac": mac,
        "user": None, "device_class": "tv", "content_id": "film-1", "playback_id": f"play-{event_id}", "watched_s": 60,
        "position_s": 60, "duration_s": 5400, "page": "/start", "consent": {"personalisation": True},
    } | fields  # fmt: skip


def _fill(settings: Settings, source: Path) -> None:
    """A lake with two devices, a refused line of the one to erase, a decision about it and a report that names it."""
    lines = [_view(f"e{hour}-{mac[:2]}", mac, hour) for hour in range(9, 12) for mac in (MAC, OTHER)]
    lines.append(_view("broken", MAC, 9, watched_s=-1, playback_id="play-e9-3c"))
    (source / "events").mkdir(parents=True, exist_ok=True)
    (source / "catalogue").mkdir(exist_ok=True)
    (source / "events" / "a.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    ingest_source(settings, source, AS_OF)
    key = _key(settings)
    log = settings.paths.decision_log / "hour=2026-05-01T12" / "writer.jsonl"
    log.parent.mkdir(parents=True)
    log.write_text(json.dumps({"decision_id": "d1", "unit_key": key}) + "\n")
    report = settings.paths.reports / "drift" / "report.html"
    report.parent.mkdir(parents=True)
    report.write_text(f"<p>{key}</p>")


def _key(settings: Settings, mac: str = MAC) -> str:
    return load_pseudonyms(settings.paths.keys).device_key(mac)


def _erase(settings: Settings, mac: str = MAC) -> privacy_erase.ErasureReport:
    return privacy_erase.erase(settings, units_of(load_pseudonyms(settings.paths.keys), mac), lambda: AS_OF)


def test_it_goes_from_everywhere_and_the_others_stay(settings: Settings, tmp_path: Path) -> None:
    _fill(settings, tmp_path / "landing")
    report = _erase(settings)
    assert report.gone["lake/events"] == 3
    assert report.gone["lake/quarantine"] == 1
    assert report.gone["other files"] == 1
    assert list(files_naming(settings.paths.home, report.device_key)) == []
    assert list(files_naming(settings.paths.home, _key(settings, OTHER)))
    assert not settings.paths.erasure_journal.exists()


def test_what_is_stored_is_exported_and_after_the_erasure_nothing_is(settings: Settings, tmp_path: Path) -> None:
    _fill(settings, tmp_path / "landing")
    stored = export(settings, "3C-9A-77-10-20-30", AS_OF)
    counts = {store: len(rows) for store, rows in stored.stores.items()}
    assert counts == {"lake/events": 3, "lake/quarantine": 1, "decision_log": 1}
    assert stored.erased_until is None
    _erase(settings)
    after = export(settings, "3c:9a:77:10:20:30", AS_OF)
    assert (after.stores, after.copies) == ({}, {})
    assert after.erased_until == AS_OF.replace(tzinfo=None)


def test_one_that_cannot_go_on_leaves_a_journal_that_the_next_one_finishes(settings: Settings, tmp_path: Path) -> None:
    """A file of a kind nobody can clean stands for a process that still writes."""
    _fill(settings, tmp_path / "landing")
    stuck = settings.paths.home / "somewhere" / "file.bin"
    stuck.parent.mkdir()
    stuck.write_text(_key(settings))
    with pytest.raises(StageError, match=r"still stands in somewhere/file\.bin"):
        _erase(settings)
    assert settings.paths.erasure_journal.exists()
    stuck.unlink()
    report = _erase(settings, OTHER)
    assert report.resumed == 1
    assert not any(list(files_naming(settings.paths.home, _key(settings, mac))) for mac in (MAC, OTHER))


@pytest.mark.parametrize("folder", ["checkpoint", "handover"])
def test_a_state_whose_rows_are_counted_by_their_place_is_never_cut(folder: str, settings: Settings) -> None:
    """Whoever owns it must forget; to take a row out behind its back would give devices other households."""
    (settings.paths.erasure_journal.parent).mkdir(parents=True)
    file = settings.paths.households / folder / "state" / "devices.parquet"
    file.parent.mkdir(parents=True)
    key = _key(settings)
    pq.write_table(pa.table({"device_key": ["d_other", key]}), file)
    run = privacy_erase._Run(settings, privacy_erase.Erasure([key], "", ""), lambda: AS_OF)
    with pytest.raises(StageError, match=rf"still stands in households/{folder}/state/devices\.parquet"):
        run._rest()
    assert pq.ParquetFile(file).metadata.num_rows == 2


def test_two_do_not_run_at_once(settings: Settings) -> None:
    with erasure_journal.one_at_a_time(settings.paths), pytest.raises(StageError, match="another erasure is running"):
        _erase(settings)


@pytest.mark.parametrize("text", ["hello", "00:00:00:00:00:00", "ff-ff-ff-ff-ff-ff", "3c:9a:77", ""])
def test_what_is_no_mac_of_a_device_is_a_mistake_in_words(text: str) -> None:
    with pytest.raises(UserError, match=f"mac: '{text}' is no MAC address of a device; write e.g."):
        device_mac(text)


@pytest.mark.parametrize("command", ["export", "erase"])
def test_a_mistake_ends_with_one_line_and_code_2(command: str, tmp_path: Path) -> None:
    done: subprocess.CompletedProcess[str] = mediathek(tmp_path / "home", "privacy", command, "hello")
    assert done.returncode == 2
    assert done.stderr.startswith("mediathek: mac: 'hello' is no MAC address")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("arguments", [[], ["--resume", "3c:9a:77:10:20:30"]])
def test_either_a_device_or_what_was_broken_off(arguments: list[str], tmp_path: Path) -> None:
    done: subprocess.CompletedProcess[str] = mediathek(tmp_path / "home", "privacy", "erase", *arguments)
    assert done.returncode == 2
    assert done.stderr.startswith("mediathek: mac: name the device to erase, or finish one that was broken off")


def test_nothing_to_finish_is_said(settings: Settings) -> None:
    with pytest.raises(UserError, match="no erasure is unfinished"):
        privacy_erase.resumed(settings, lambda: AS_OF)


# --- kill -9 ------------------------------------------------------------------------------------------------------
def _in_child(work: Callable[[], object]) -> int:
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            work()
            code = 0
        finally:
            os._exit(code)
    return os.waitpid(pid, 0)[1]


def _erase_until_call(home: Path, last_call: int) -> None:
    """Die at the n-th change of the disk."""
    calls = 0

    def counted(real: Callable[..., object]) -> Callable[..., object]:
        def call(*args: object, **kwargs: object) -> object:
            nonlocal calls
            calls += 1
            if calls == last_call:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*args, **kwargs)

        return call

    for name in DISK:
        setattr(os, name, counted(getattr(os, name)))
    _erase(load({"MEDIATHEK_HOME": str(home)}))


def _finish(home: Path, source: Path) -> None:
    settings = load({"MEDIATHEK_HOME": str(home)})
    _erase(settings)
    ingest_source(settings, source, AS_OF)
    assert list(files_naming(home, _key(settings))) == []
    assert not settings.paths.erasure_journal.exists()
    assert not [*home.rglob("*.tmp"), *staging_folder(settings.paths).glob("*")]
    stored = export(settings, OTHER, AS_OF)
    assert {store: len(rows) for store, rows in stored.stores.items()} == {"lake/events": 3}
    entries = list(settings.paths.quarantine.glob("*.parquet"))
    assert not any(list(files_naming(file.parent, "play-e9-3c")) for file in entries)


@pytest.mark.slow
def test_killed_at_some_change_of_the_disk_it_is_finished_by_the_next_one(tmp_path: Path) -> None:
    """PRV-3: nothing of the device is left, nothing of others is lost, and its old file brings nothing back.

    Every sixth change, for the sake of time; all of them were tried when this was written (step 1).
    """
    filled, source = tmp_path / "filled", tmp_path / "landing"
    assert _in_child(partial(_fill, load({"MEDIATHEK_HOME": str(filled)}), source)) == 0
    (source / "events" / "again.jsonl").write_text((source / "events" / "a.jsonl").read_text() + "\n")
    killed = 0
    for call in range(1, 1000, 6):
        home = tmp_path / f"home-{call}"
        shutil.copytree(filled, home)
        status = _in_child(partial(_erase_until_call, home, call))
        if status == 0:
            break  # it had fewer changes to make
        assert os.WTERMSIG(status) == signal.SIGKILL
        killed += 1
        assert _in_child(partial(_finish, home, source)) == 0, f"after a kill at change {call}"
    assert killed > 5


def test_one_that_was_killed_is_told_to_operators_and_finished_without_knowing_the_device(tmp_path: Path) -> None:
    """PRV-3: what /readyz says (``erasure_journal.state``), after a real kill."""
    home, source = tmp_path / "home", tmp_path / "landing"
    settings = load({"MEDIATHEK_HOME": str(home)})
    assert _in_child(partial(_fill, settings, source)) == 0
    assert erasure_journal.state(settings.paths) == {"state": "none"}
    with erasure_journal.one_at_a_time(settings.paths):
        erasure_journal.write(settings.paths, erasure_journal.Erasure(["d_x"], AS_OF.isoformat(), AS_OF.isoformat()))
        assert erasure_journal.state(settings.paths)["state"] == "running"
    erasure_journal.close(settings.paths)

    assert os.WTERMSIG(_in_child(partial(_erase_until_call, home, 40))) == signal.SIGKILL
    state = erasure_journal.state(settings.paths)
    assert (state["state"], state["since"]) == ("unfinished", AS_OF.isoformat())
    assert state["done"] + state["left"] == list(erasure_journal.STEPS)
    assert "`mediathek privacy erase --resume`" in state["error"]
    assert _key(settings) not in json.dumps(state)

    report = privacy_erase.resumed(settings, lambda: AS_OF)
    assert (report.device_key, report.resumed) == (_key(settings), 1)
    assert erasure_journal.state(settings.paths) == {"state": "none"}
    assert list(files_naming(home, _key(settings))) == []


def test_a_damaged_journal_is_told_and_not_taken_for_a_finished_erasure(settings: Settings) -> None:
    settings.paths.erasure_journal.parent.mkdir(parents=True)
    settings.paths.erasure_journal.write_text("{")
    state = erasure_journal.state(settings.paths)
    assert state["state"] == "unfinished"
    assert "is damaged" in state["error"]
