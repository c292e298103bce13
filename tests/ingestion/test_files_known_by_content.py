"""A file once seen may come again: whole or longer, under its name or another, compressed, torn, cut, filled anew."""

import gzip
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from core.settings import Settings
from ingestion.landing import ingest_source

View = Callable[..., dict[str, Any]]


@pytest.fixture
def run(settings: Settings, landing: Any, as_of: datetime) -> Callable[[], Any]:
    return lambda: ingest_source(settings, landing.root, as_of)


def test_the_same_file_renamed_brings_nothing_not_even_its_broken_lines(
    landing: Any, lake: Any, view: View, run: Any
) -> None:
    path = landing.put("events/a.jsonl", [view("e1"), "broken", "broken"])
    run()
    (landing.root / "events/old").mkdir()
    path.rename(landing.root / "events/old/moved.jsonl")
    report = run()
    assert not report.has_changes
    assert lake.reasons() == ["not_json", "not_json"]


def test_the_same_file_copied_and_compressed_is_known(landing: Any, lake: Any, view: View, run: Any) -> None:
    path = landing.put("events/a.jsonl", [view(f"e{i}") for i in range(50)] + ["broken"])
    run()
    landing.put_bytes("events/copy.jsonl.gz", path.read_bytes())
    assert not run().has_changes
    assert len(lake.quarantine()) == 1


def test_a_longer_file_goes_on_where_it_ended(landing: Any, lake: Any, view: View, run: Any) -> None:
    landing.put("events/a.jsonl", [view("e1"), "broken"])
    run()
    landing.put("events/renamed.jsonl", [view("e1"), "broken", view("e2"), "broken"])
    report = run()
    assert (report.events.accepted, report.events.repeated) == (1, 0)
    assert [(row["file"], row["line"]) for row in lake.quarantine()] == [
        ("events/a.jsonl", 2),
        ("events/renamed.jsonl", 4),
    ]


def test_a_file_cut_and_filled_anew_loses_nothing_and_doubles_nothing(
    landing: Any, lake: Any, view: View, run: Any
) -> None:
    landing.put("events/a.jsonl", [view("e1"), view("e2"), view("bad", device_class="fridge")])
    run()
    landing.put("events/a.jsonl", [view("e2"), view("bad", device_class="fridge"), view("e3"), view("e4")])
    report = run()
    assert (report.events.accepted, report.events.repeated) == (2, 2)
    assert sorted(lake.events()) == ["e1", "e2", "e3", "e4"]
    assert lake.reasons() == ["unknown_device_class"]


def test_a_rotated_log_is_read_on_under_both_names(landing: Any, lake: Any, view: View, run: Any) -> None:
    path = landing.put("events/log.jsonl", [view("e1")])
    run()
    path.rename(landing.root / "events/log.1.jsonl")
    with (landing.root / "events/log.1.jsonl").open("a") as late:
        late.write(json.dumps(view("e2")) + "\n")
    landing.put("events/log.jsonl", [view("e3")])
    assert run().events.accepted == 2
    assert sorted(lake.events()) == ["e1", "e2", "e3"]


def test_a_torn_last_line_is_quarantined_until_the_longer_file_completes_it(
    landing: Any, lake: Any, view: View, run: Any
) -> None:
    whole = json.dumps(view("e1")) + "\n" + json.dumps(view("e2")) + "\n"
    landing.put_bytes("events/a.jsonl", whole[:-40].encode())
    first = run()
    assert first.events.accepted == 1
    assert lake.reasons() == ["not_json"]
    assert not run().has_changes
    landing.put_bytes("events/renamed.jsonl", whole[:-30].encode())  # longer, and torn still
    run()
    assert lake.reasons() == ["not_json"]
    landing.put_bytes("events/a.jsonl", whole.encode())
    last = run()
    assert (last.events.accepted, last.resolved) == (1, 1)
    assert lake.quarantine() == []
    assert sorted(lake.events()) == ["e1", "e2"]


def test_a_torn_line_completed_leaves_the_quarantine_and_does_not_return_with_the_old_file(
    landing: Any, lake: Any, view: View, run: Any
) -> None:
    whole = json.dumps(view("e1")) + "\n" + json.dumps(view("e2")) + "\n"
    landing.put_bytes("events/a.jsonl", whole[:-40].encode())
    run()
    landing.put_bytes("events/a.jsonl", whole.encode())
    assert run().resolved == 1
    assert lake.quarantine() == []
    landing.put_bytes("events/old_again.jsonl", whole[:-40].encode())
    run()
    assert lake.quarantine() == []
    assert sorted(lake.events()) == ["e1", "e2"]


def test_a_last_line_without_a_newline_is_a_line(landing: Any, lake: Any, view: View, run: Any) -> None:
    landing.put("events/a.jsonl", [view("e1"), view("e2")], end="")
    assert run().events.accepted == 2
    landing.put("events/a.jsonl", [view("e1"), view("e2"), "broken"])
    report = run()
    assert (report.events.accepted, report.events.repeated) == (0, 0)
    assert [row["line"] for row in lake.quarantine()] == [3]


def test_of_a_gzip_file_cut_off_the_whole_lines_are_taken_and_the_rest_when_it_is_whole(
    landing: Any, lake: Any, view: View, run: Any
) -> None:
    data = gzip.compress("".join(json.dumps(view(f"e{i:04d}")) + "\n" for i in range(3000)).encode())
    path = landing.put("events/a.jsonl.gz", [])
    path.write_bytes(data[: len(data) // 2])
    report = run()
    assert 0 < report.events.accepted < 3000
    assert report.notes == [
        "events/a.jsonl.gz: the gzip file is cut off; its whole lines are taken, more when it is whole"
    ]
    assert lake.quarantine() == []
    path.write_bytes(data)
    assert report.events.accepted + run().events.accepted == 3000
    assert len(lake.events()) == 3000


def test_a_gzip_file_of_several_members_is_one_file(landing: Any, lake: Any, view: View, run: Any) -> None:
    path = landing.put("events/a.jsonl.gz", [view("e1")])
    with path.open("ab") as more:
        more.write(gzip.compress((json.dumps(view("e2")) + "\n").encode()))
    run()
    assert sorted(lake.events()) == ["e1", "e2"]
