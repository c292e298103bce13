"""PRV-3 in the lake: a device goes, stays away when old files come again, and is new when it comes back later."""

import gzip
import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.contracts.lake import DECISIONS
from core.errors import StageError
from core.privacy import load_pseudonyms
from core.settings import Settings
from ingestion.device_traces import Traces, stored_in_lake, traces_of, units_of
from ingestion.erased import ErasedDevices
from ingestion.erasure import erase_from_lake, right_to_rewrite
from ingestion.fence import held
from ingestion.giving_way import asked, following, is_asked
from ingestion.landing import ingest_source
from ingestion.ledger import head

MAC, OTHER = "3c:9a:77:10:20:30", "60:d2:48:00:00:07"
ERASED_AT = datetime(2026, 5, 1, 20, 0, tzinfo=UTC)


def erase(settings: Settings, mac: str = MAC) -> tuple[dict[str, int], Traces]:
    pseudonyms = load_pseudonyms(settings.paths.keys)
    with right_to_rewrite(settings.paths, 0) as fence:
        traces = traces_of(settings.paths, pseudonyms, units_of(pseudonyms, mac.replace(":", "")))
        return erase_from_lake(settings.paths, pseudonyms, fence, traces, ERASED_AT), traces


def test_only_the_devices_rows_go_and_the_lake_has_a_new_head(
    settings: Settings, landing: Any, lake: Any, view: Any, as_of: datetime
) -> None:
    landing.put("events/a.jsonl", [view("e1"), view("e2", mac=OTHER), view("e3", at="2026-05-01T14:00:00Z")])
    ingest_source(settings, landing.root, as_of)
    before = head(settings.paths)
    gone, traces = erase(settings)
    assert gone["lake/events"] == 2
    assert list(lake.events()) == ["e2"]
    assert head(settings.paths) == before + 1
    assert not list(settings.paths.events.glob("hour=2026-05-01T14"))
    assert traces.device_key.encode() not in b"".join(f.read_bytes() for f in settings.paths.home.rglob("*.parquet"))


@pytest.mark.parametrize("name", ["events/again.jsonl", "events/again.jsonl.gz"])
def test_an_old_file_that_comes_again_brings_nothing_back(
    name: str, settings: Settings, landing: Any, lake: Any, view: Any, as_of: datetime
) -> None:
    """Erased stays erased: under another name, packed, longer, with another notation of the MAC."""
    lines = [view("e1"), view("e2", mac=OTHER)]
    landing.put("events/a.jsonl", lines)
    ingest_source(settings, landing.root, as_of)
    erase(settings)
    late = view("e4", mac="3C-9A-77-10-20-30", at="2026-05-01T10:00:00Z")
    landing.put(name, [view("e0", mac=OTHER), *lines, late])
    counts = ingest_source(settings, landing.root, as_of).kinds["events"]
    assert sorted(lake.events()) == ["e0", "e2"]
    assert (counts.accepted, counts.repeated, counts.expired) == (1, 1, 2)


def test_what_happens_after_the_erasure_is_new_and_taken_in(
    settings: Settings, landing: Any, lake: Any, view: Any, as_of: datetime
) -> None:
    landing.put("events/a.jsonl", [view("e1")])
    ingest_source(settings, landing.root, as_of)
    erase(settings)
    landing.put(
        "events/b.jsonl", [view("e1"), view("e5", at="2026-05-01T20:00:00Z"), view("e6", at="2026-05-02T08:00:00Z")]
    )
    ingest_source(settings, landing.root, as_of)
    assert list(lake.events()) == ["e6"]


def test_a_consent_withdrawn_before_the_erasure_leaves_no_trace_when_its_file_comes_again(
    settings: Settings, landing: Any, view: Any, as_of: datetime
) -> None:
    """PRV-2, PRV-3."""
    lines = [view("e1"), view("e2", at="2026-05-01T13:00:00Z", consent=None)]
    landing.put("events/a.jsonl", lines)
    ingest_source(settings, landing.root, as_of)
    assert list(settings.paths.withdrawals.glob("*.parquet"))
    erase(settings)
    landing.put("events/b.jsonl", [view("e0", mac=OTHER), *lines])
    ingest_source(settings, landing.root, as_of)
    assert not list(settings.paths.withdrawals.glob("*.parquet"))


def test_an_erasure_of_a_device_never_seen_bars_it_all_the_same(
    settings: Settings, landing: Any, lake: Any, view: Any, as_of: datetime
) -> None:
    gone, _ = erase(settings)
    assert set(gone.values()) == {0}
    landing.put("events/a.jsonl", [view("e1")])
    ingest_source(settings, landing.root, as_of)
    assert lake.events() == {}


def test_quarantined_lines_are_linked_by_playback_or_a_login_of_its_own_and_stay_settled(
    settings: Settings, landing: Any, lake: Any, view: Any, as_of: datetime
) -> None:
    """Masked text names no MAC; what it shares with the device's rows does."""
    lines = [
        view("e1", user="anna"), view("e2", user="both"), view("e3", mac=OTHER, user="both"),
        view("b1", playback_id="play-e1", watched_s=-1), view("b2", user="anna", device_class="fridge"),
        view("b3", user="both", device_class="fridge"), view("b4", mac=OTHER, device_class="fridge"),
    ]  # fmt: skip
    landing.put("events/a.jsonl", lines)
    ingest_source(settings, landing.root, as_of)
    gone, traces = erase(settings)
    assert gone["lake/quarantine"] == 2
    assert sorted(json.loads(row["raw"])["event_id"] for row in lake.quarantine()) == ["b3", "b4"]
    landing.put("events/b.jsonl", [view("e0", mac=OTHER), *lines])
    ingest_source(settings, landing.root, as_of)
    assert len(lake.quarantine()) == 2
    assert not any(rows for _, rows in stored_in_lake(settings.paths, Traces(traces.device_key, [], [])))


def test_decisions_become_decisions_of_nobody_also_in_a_log_that_is_being_written(settings: Settings) -> None:
    pseudonyms = load_pseudonyms(settings.paths.keys)
    key, unit = pseudonyms.device_key(MAC.replace(":", "")), pseudonyms.user_key("3C:9A:77:10:20:30")
    history = json.dumps({"history": {"views": [{"content_id": "film-1", "at": "2026-05-01T11:00:00Z"}]}})
    units = (("d1", key), ("d2", unit), ("d3", "u_other"))
    rows = [{"decision_id": name, "unit_key": of, "inputs": history} for name, of in units]
    file = settings.paths.decisions / "hour=2026-05-01T12" / "00000001.parquet"
    file.parent.mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist(rows, schema=DECISIONS), file)
    log = settings.paths.decision_log / "hour=2026-05-01T12" / "writer.jsonl"
    log.parent.mkdir(parents=True)
    with log.open("w") as writer:
        writer.writelines(json.dumps(row | {"inputs": json.loads(history)}) + "\n" for row in rows)
        writer.flush()
        gone, _ = erase(settings)
        writer.write(json.dumps({"decision_id": "d4", "unit_key": "u_later"}) + "\n")
    assert (gone["lake/decisions"], gone["decision_log"]) == (2, 2)
    in_lake = pq.ParquetFile(file).read().to_pylist()
    assert [(row["unit_key"], row["inputs"]) for row in in_lake] == [(None, None), (None, None), ("u_other", history)]
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [line["unit_key"] for line in lines] == [None, None, "u_other", "u_later"]
    assert [bool(line.get("inputs")) for line in lines] == [False, False, True, False]
    assert [line["decision_id"] for line in lines] == ["d1", "d2", "d3", "d4"]


def test_the_list_of_erased_devices_names_none(settings: Settings) -> None:
    _, traces = erase(settings)
    text = settings.paths.erased_devices.read_text()
    assert traces.device_key not in text
    assert traces.device_key[2:] not in text
    known = ErasedDevices(settings.paths, load_pseudonyms(settings.paths.keys))
    assert known.erased_until(traces.device_key) == ERASED_AT.replace(tzinfo=None)
    assert known.erased_until("d_" + "0" * 24) is None


def test_a_damaged_list_stops_ingestion_instead_of_letting_everything_in(
    settings: Settings, landing: Any, view: Any, as_of: datetime
) -> None:
    settings.paths.erased_devices.parent.mkdir(parents=True)
    settings.paths.erased_devices.write_text('{"l_')
    landing.put("events/a.jsonl", [view("e1")])
    with pytest.raises(StageError, match=r"erasures: .* is damaged"):
        ingest_source(settings, landing.root, as_of)


def test_whoever_ingests_is_named_when_it_does_not_give_way(settings: Settings) -> None:
    with held(settings.paths), pytest.raises(StageError, match="is ingesting into"):
        erase(settings)


def test_a_follower_gives_way_while_somebody_asks_and_goes_on_after(settings: Settings) -> None:
    stop, rounds = threading.Event(), []

    def follow(is_stopped: Callable[[], bool]) -> None:
        with held(settings.paths):
            rounds.append(1)
            while not is_stopped():
                stop.wait(0.01)

    follower = threading.Thread(target=following, args=(settings.paths, stop.is_set, follow))
    follower.start()
    try:
        while not rounds:
            pass
        with right_to_rewrite(settings.paths, 30):
            assert is_asked(settings.paths)
            assert len(rounds) == 1
        for _ in range(3000):
            if len(rounds) == 2:
                break
            stop.wait(0.01)
        assert len(rounds) == 2
    finally:
        stop.set()
        follower.join()
    assert not is_asked(settings.paths)


def test_who_asks_is_forgotten_with_its_process_or_its_block(settings: Settings) -> None:
    assert not is_asked(settings.paths)
    with asked(settings.paths):
        assert is_asked(settings.paths)
    assert not is_asked(settings.paths)


def test_files_of_any_form_are_unpacked_by_ingestion_alone(tmp_path: Any) -> None:
    """The search for a key must see through packing: a guard for ``core.device_search`` used on a home."""
    from core.device_search import files_naming

    key = "d_" + "ab" * 12
    (tmp_path / "a.json.gz").write_bytes(gzip.compress(key.encode()))
    (tmp_path / "b.txt").write_text("nothing")
    assert [file.name for file in files_naming(tmp_path, key)] == ["a.json.gz"]
