"""The batch: the lake becomes households under ids that last, exported and scored as the contract says."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from core.contracts.households import ASSIGNMENTS, CHANGES, LINKS
from core.errors import StageError, UserError
from core.privacy import Pseudonyms
from core.settings import Settings
from tests.training.households.live_lake import FIRST_DAY, commit, device, seen
from training.households import handover, ownership, scores
from training.households.export import exported_homes, exported_links
from training.households.run import cluster
from training.households.simple_methods import same_address_ever, same_address_on_days
from training.households.truth import read_truth

AS_OF = FIRST_DAY + timedelta(days=20)


def evening(numbers: tuple[int, ...], address: str, day: int) -> list[dict[str, object]]:
    at = FIRST_DAY + timedelta(days=day, hours=19)
    return [seen(number, address, at + timedelta(minutes=number)) for number in numbers]


def fill(settings: Settings, batch_id: int, days: range) -> None:
    """Two families and one that lives alone, every evening."""
    rows = [
        row
        for day in days
        for row in (*evening((0, 1, 2), "x", day), *evening((3, 4), "y", day), *evening((6,), "z", day))
    ]
    commit(settings.paths, batch_id, rows, as_of=AS_OF)


def homes(settings: Settings) -> dict[str, str]:
    return {row["device_key"]: row["household_id"] for row in exported_homes(settings.paths)}


def test_every_device_is_exported_and_who_lives_together_is_together(settings: Settings) -> None:
    fill(settings, 1, range(6))
    report = cluster(settings, AS_OF)
    found = homes(settings)
    assert (report.devices, report.households) == (6, 3)
    assert found[device(0)] == found[device(1)] == found[device(2)] != found[device(3)] == found[device(4)]
    assert pq.read_schema(settings.paths.household_assignments).names == ASSIGNMENTS.names
    assert pq.read_schema(settings.paths.household_changes).names == CHANGES.names


def test_a_second_run_changes_nothing_and_ids_last_as_the_lake_grows(settings: Settings) -> None:
    """HH-3: a month's batch keeps the ids of the run before, of those too whose consent was withdrawn."""
    fill(settings, 1, range(6))
    cluster(settings, AS_OF)
    before = homes(settings)
    assert cluster(settings, AS_OF).changes == 0
    rows = [row for day in range(6, 9) for row in evening((0, 1, 2, 9), "x", day)]
    commit(settings.paths, 2, rows, withdrawn=[(4, FIRST_DAY + timedelta(days=7))], as_of=AS_OF)
    cluster(settings, AS_OF)
    after = homes(settings)
    assert before.items() <= after.items()
    assert after[device(9)] == before[device(0)]
    assert cluster(settings, AS_OF).changes == 0


def test_events_after_the_time_of_the_run_are_not_read(settings: Settings) -> None:
    fill(settings, 1, range(6))
    assert cluster(settings, FIRST_DAY + timedelta(days=2)).events == 12


def test_beside_the_live_consumer_the_batch_hands_over_and_publishes_nothing(settings: Settings) -> None:
    fill(settings, 1, range(4))
    with ownership.owned(settings.paths, ownership.LIVE):
        report = cluster(settings, AS_OF)
    assert report.is_handed_over
    assert not settings.paths.household_assignments.exists()
    assert len(handover.waiting(settings.paths)) == 1


def test_an_export_at_a_time_has_what_was_so_then(settings: Settings) -> None:
    fill(settings, 1, range(4))
    commit(settings.paths, 2, evening((7,), "late", 8), withdrawn=[(6, FIRST_DAY + timedelta(days=5))], as_of=AS_OF)
    cluster(settings, AS_OF)
    early = {row["device_key"] for row in exported_homes(settings.paths, FIRST_DAY + timedelta(days=4))}
    late = {row["device_key"] for row in exported_homes(settings.paths, FIRST_DAY + timedelta(days=9))}
    assert device(6) in early - late
    assert device(7) in late - early
    row = next(row for row in exported_homes(settings.paths) if row["device_key"] == device(6))
    assert list(row) == ["device_key", "household_id", "from", "until"]
    assert row["until"] == "2026-05-06T00:00:00.000Z"


def test_links_of_one_visit_are_not_exported(settings: Settings) -> None:
    import pyarrow as pa

    at = datetime(2026, 5, 2)
    rows = [
        {"household_a": "hh-a", "household_b": other, "weight": 0.9, "visit_days": days, "first_at": at, "last_at": at,
         "evidence": "Visits."}
        for other, days in (("hh-b", 2), ("hh-c", 1))
    ]  # fmt: skip
    settings.paths.household_links.parent.mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist(rows, schema=LINKS), settings.paths.household_links)
    assert [json.loads(json.dumps(row)) for row in exported_links(settings.paths)] == [
        {"household_a": "hh-a", "household_b": "hh-b", "weight": 0.9, "evidence": "Visits."}
    ]


def test_an_export_before_any_clustering_says_what_to_do(settings: Settings) -> None:
    with pytest.raises(StageError, match="mediathek pipeline"):
        list(exported_homes(settings.paths))


def test_an_empty_lake_has_no_households(settings: Settings) -> None:
    assert cluster(settings, datetime(2026, 5, 1, tzinfo=UTC)).households == 0


def test_scores_count_pairs_and_neighbours() -> None:
    true = {"a": "1", "b": "1", "c": "1", "d": "2"}
    found = {"a": "x", "b": "x", "c": "y", "d": "y"}
    pairs, cubed = scores.pairwise(found, true), scores.bcubed(found, true)
    assert (pairs.precision, pairs.recall) == (1 / 2, 1 / 3)
    assert (cubed.precision, round(cubed.recall, 4)) == (0.75, 0.6667)
    of_d = scores.pairwise_of_case(found, true, {"d"})
    assert (of_d.precision, of_d.recall) == (0.0, 1.0)
    names = scores.names_of(found, true)
    assert names == {"x": "1", "y": "1"}
    assert scores.linked({("x", "z")}, {("2", "1")}, {"x": "1", "z": "2"}).f1 == 1


def test_the_simple_methods_join_what_they_say() -> None:
    places = {"p1": {"a", "b"}, "p2": {"a", "b", "c"}, "p3": {"d"}}
    assert len(set(same_address_ever(places).values())) == 2
    on_two_days = same_address_on_days(places, 2)
    assert on_two_days["a"] == on_two_days["b"] != on_two_days["c"]


def test_a_truth_takes_where_a_device_lived_last_and_names_what_is_wrong(tmp_path: Path) -> None:
    names = Pseudonyms(b"k" * 32)
    (tmp_path / "household_link.csv").write_text("household_a,household_b\nh1,h2\n")
    with pytest.raises(UserError, match="device_household"):
        read_truth(tmp_path, names)
    (tmp_path / "device_household.csv").write_text(
        "mac,household_id,from,until\n"
        "02:00:00:00:00:01,h1,2026-05-01T00:00:00Z,2026-05-09T00:00:00Z\n"
        "02-00-00-00-00-01,h2,2026-05-09T00:00:00Z,\n"
    )
    truth = read_truth(tmp_path, names)
    assert truth.homes == {names.device_key("020000000001"): "h2"}
    assert truth.links == {("h1", "h2")}
