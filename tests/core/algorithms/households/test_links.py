"""Links between households (HH-4): visits prove them, shared content strengthens them, time wears them off."""

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from core.algorithms.households.links import PLAYS, LinkParameters, link
from core.contracts.households import LINKS, VISITS

AS_OF = datetime(2026, 6, 30, 12, tzinfo=UTC)
SATURDAY = date(2026, 6, 27)


def visit(home: str, host: str, day: date, is_night: bool = False, **more: Any) -> dict[str, Any]:
    last_at = datetime(day.year, day.month, day.day, 20)
    row = {"device_key": f"d_{home}", "household_id": home, "host_household_id": host, "day": day, "minutes": 40.0}
    return row | {"is_night": is_night, "last_at": last_at} | more


def town() -> list[dict[str, Any]]:
    """Sixty pairs that visit each other on four to six days each: what the estimates are made from."""
    return [
        visit(f"v{number:02d}", f"w{number:02d}", SATURDAY - timedelta(days=step * 4 + number % 4))
        for number in range(60)
        for step in range(4 + number % 3)
    ]


def table(rows: list[dict[str, Any]]) -> pa.Table:
    more = [pa.field("confidence", pa.float64()), pa.field("days_seen", pa.int64())]
    return pa.Table.from_pylist(
        rows, schema=pa.schema([*VISITS, *(field for field in more if any(field.name in row for row in rows))])
    )


def linked(rows: list[dict[str, Any]], plays: pa.Table | None = None, **changed: Any) -> dict[tuple[str, str], Any]:
    found = link(table(rows), plays, AS_OF, LinkParameters(**changed))
    assert found.schema == LINKS
    return {(row["household_a"], row["household_b"]): row for row in found.to_pylist()}


def test_two_visits_on_different_days_link_two_households_and_one_does_not() -> None:
    twice = [visit("b", "a", SATURDAY), visit("b", "a", SATURDAY - timedelta(days=9))]
    once = [visit("d", "c", SATURDAY), visit("d", "c", SATURDAY, last_at=datetime(2026, 6, 27, 22))]
    found = linked([*town(), *twice, *once])
    assert found["a", "b"]["visit_days"] == 2
    assert found["a", "b"]["weight"] > 0.9
    assert ("c", "d") not in found
    expected = "Devices of b at the home of a on 2 days, last on 2026-06-27."
    assert found["a", "b"]["evidence"] == expected


def test_visits_of_both_directions_count_for_one_link() -> None:
    found = linked([*town(), visit("b", "a", SATURDAY), visit("a", "b", SATURDAY - timedelta(days=9))])
    text = "Devices of a at the home of b on 1 day and of b at the home of a on 1 day, last on 2026-06-27."
    assert found["a", "b"]["evidence"] == text


def test_a_place_that_half_the_town_visits_proves_nothing_for_each_of_its_guests() -> None:
    """A cafe that was taken for a home: forty guests, two days each, beside a friend with as many visits elsewhere."""
    guests = [
        visit(f"v{number:02d}", "cafe", SATURDAY - timedelta(days=days)) for number in range(40) for days in (1, 6)
    ]
    friend = [visit("b", "a", SATURDAY - timedelta(days=days)) for days in (1, 6)]
    weights = {pair: row["weight"] for pair, row in linked([*town(), *guests, *friend], min_weight=0).items()}
    at_the_cafe = [weight for pair, weight in weights.items() if "cafe" in pair]
    assert len(at_the_cafe) == 40
    assert weights["a", "b"] > 0.9
    assert max(at_the_cafe) < 0.5


def test_who_comes_on_working_days_only_and_never_at_night_may_be_at_work() -> None:
    working_days = [date(2026, 6, day) for day in range(1, 29) if date(2026, 6, day).weekday() < 5]
    at_work = [visit("b", "a", day) for day in working_days]
    family = [visit("d", "c", day) for day in [*working_days, SATURDAY]]
    by_night = [visit("f", "e", day, is_night=day.day == 5) for day in working_days]
    found = linked([*town(), *at_work, *family, *by_night], min_weight=0)
    assert found["a", "b"]["weight"] < 0.1
    assert found["c", "d"]["weight"] > 0.9
    assert found["e", "f"]["weight"] > 0.9


def test_links_age() -> None:
    """The same visits, first fresh and then a month and a half older; ninety days back they are forgotten."""

    def weight(days_ago: int) -> float:
        rows = [visit("b", "a", SATURDAY - timedelta(days=days_ago + step)) for step in (0, 5)]
        return linked([*town(), *rows], min_weight=0).get(("a", "b"), {"weight": -1.0})["weight"]

    assert weight(0) > weight(45) > 0
    assert weight(100) == -1.0


def test_a_visitor_whose_own_home_is_doubtful_proves_less() -> None:
    rows = [visit("b", "a", SATURDAY - timedelta(days=step), confidence=0.2) for step in (0, 5)]
    rows += [visit("d", "c", SATURDAY - timedelta(days=step), confidence=1.0) for step in (0, 5)]
    found = linked([*town(), *rows], min_weight=0)
    assert found["a", "b"]["weight"] < found["c", "d"]["weight"]


def test_a_device_that_is_with_its_host_on_most_days_lives_there() -> None:
    """A wrong home looks like visits, day after day; a guest is elsewhere on most days on which it is seen."""
    days = [SATURDAY - timedelta(days=step) for step in range(0, 20, 2)]
    rows = [visit("b", "a", day, days_seen=11) for day in days] + [visit("d", "c", day, days_seen=30) for day in days]
    found = linked([*town(), *rows], min_weight=0)
    assert found["a", "b"]["weight"] < 0.3
    assert found["c", "d"]["weight"] > 0.9


def test_one_certain_guest_is_enough_for_a_pair_of_which_another_device_is_doubtful() -> None:
    days = [SATURDAY - timedelta(days=step) for step in range(0, 20, 2)]
    doubtful = [visit("b", "a", day, days_seen=11) for day in days]
    certain = [visit("b", "a", day, days_seen=30, device_key="d_other") for day in days[:2]]
    assert linked([*town(), *doubtful, *certain], min_weight=0)["a", "b"]["weight"] > 0.9


def plays_of(shared: int, is_popular: bool) -> pa.Table:
    """Everybody watches ten of a hundred contents; ``a`` and ``b`` also share some, which all or nobody else watch."""
    drawn = random.Random(5)
    households = sorted({row["household_id"] for row in town()} | {row["host_household_id"] for row in town()})
    rows = [(home, f"c{content}") for home in [*households, "a", "b"] for content in drawn.sample(range(100), 10)]
    both = ["a", "b", *(households if is_popular else [])]
    rows += [(home, f"s{content}") for home in both for content in range(shared)]
    return pa.table({"household_id": [row[0] for row in rows], "content_id": [row[1] for row in rows]}, schema=PLAYS)


def test_shared_content_strengthens_a_link_only_beyond_what_its_popularity_explains() -> None:
    rows = [*town(), *(visit("b", "a", SATURDAY - timedelta(days=step), confidence=0.5) for step in (0, 9))]
    alone = linked(rows, plays_of(0, is_popular=False), min_weight=0)["a", "b"]
    rare = linked(rows, plays_of(8, is_popular=False), min_weight=0)["a", "b"]
    popular = linked(rows, plays_of(8, is_popular=True), min_weight=0)["a", "b"]
    assert rare["shared_lift_low"] > 1
    assert rare["shared_lift_low"] < rare["shared_lift"] < rare["shared_lift_high"]
    assert "contents shared" in rare["evidence"]
    assert popular["shared_lift_low"] < 1
    assert rare["weight"] > alone["weight"]
    assert popular["weight"] == pytest.approx(alone["weight"])


def test_shared_content_alone_makes_no_link() -> None:
    assert ("a", "b") not in linked(town(), plays_of(30, is_popular=False), min_weight=0)


def test_links_do_not_depend_on_the_order_of_the_rows_nor_on_the_future() -> None:
    rows = [*town(), visit("b", "a", SATURDAY), visit("b", "a", SATURDAY - timedelta(days=9))]
    shuffled = random.Random(1).sample(rows, len(rows))
    later = [visit("b", "a", date(2026, 7, day)) for day in (1, 2, 3)]
    once = link(table(rows), None, AS_OF)
    assert link(table(shuffled), None, AS_OF).equals(once)
    assert link(table([*rows, *later]), None, AS_OF).equals(once)


def test_no_visits_give_an_empty_table_of_the_schema() -> None:
    assert link(VISITS.empty_table(), None, AS_OF).equals(LINKS.empty_table())
    assert link(VISITS.empty_table(), PLAYS.empty_table(), AS_OF).equals(LINKS.empty_table())


def test_mistakes_scattered_over_the_town_hardly_make_links() -> None:
    """Leases told wrongly: 300 visits between random households, many by chance twice, beside the sixty true pairs."""
    drawn = random.Random(3)
    names = [f"{side}{number:02d}" for side in "vw" for number in range(60)]
    wrong = []
    for _ in range(300):
        home, host = drawn.sample(names, 2)
        wrong.append(visit(home, host, SATURDAY - timedelta(days=drawn.randrange(28))))
    found = linked([*town(), *wrong])
    true = {(f"v{number:02d}", f"w{number:02d}") for number in range(60)}
    assert len(true & found.keys()) == 60
    assert len(true & found.keys()) / len(found) > 0.9


def test_rare_visits_among_many_mistakes_are_told_apart() -> None:
    """900 households, 200 pairs that show a visit once in 25 days, and more mistakes than visits, scattered."""
    drawn = random.Random(8)
    names = [f"h{number:03d}" for number in range(900)]
    true = {(f"h{number:03d}", f"h{number + 450:03d}") for number in range(200)}
    rows = [
        visit(one, other, SATURDAY - timedelta(days=step))
        for one, other in sorted(true)
        for step in range(31)
        if drawn.random() < 0.04
    ]
    rows += [visit(*drawn.sample(names, 2), SATURDAY - timedelta(days=drawn.randrange(31))) for _ in range(600)]
    days: dict[tuple[str, str], set[date]] = {}
    for row in rows:
        one, other = sorted((row["household_id"], row["host_household_id"]))
        days.setdefault((one, other), set()).add(row["day"])
    shown = {pair for pair in true if len(days.get(pair, ())) >= 2}
    found = linked(rows).keys()
    assert len(shown) > 50
    assert len(found & true) / len(found) > 0.9
    assert len(found & shown) / len(shown) > 0.8
