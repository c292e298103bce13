"""Links from what clustering wrote: visits, whose certainty is that of the visitor's home, and playbacks (HH-4)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.contracts import exports
from core.contracts.households import ASSIGNMENTS, EVIDENCE, LINKS, VISITS
from core.errors import StageError
from core.settings import Settings
from training.households.links import link

AS_OF = datetime(2026, 6, 30, tzinfo=UTC)
START = datetime(2026, 6, 1, 20)


def write(settings: Settings, confidence: float, plays: list[tuple[str, str, datetime]]) -> None:
    """Thirty pairs of households that visit each other, and ``guest`` at ``host`` on two days."""
    paths = settings.paths
    paths.households.mkdir(parents=True, exist_ok=True)
    visits = [visit(f"v{n:02d}", f"w{n:02d}", n % 5 + 5 * step) for n in range(30) for step in range(4)]
    visits += [visit("guest", "host", day) for day in (3, 20)]
    pq.write_table(pa.Table.from_pylist(visits, schema=VISITS), paths.household_visits)
    names = sorted({row["household_id"] for row in visits} | {row["host_household_id"] for row in visits})
    homes = [
        {"device_key": f"d_{name}", "household_id": name, "from_at": START - timedelta(days=2),
         "confidence": confidence if name == "guest" else 1.0, "until_at": None}
        for name in names
    ]  # fmt: skip
    pq.write_table(pa.Table.from_pylist(homes, schema=ASSIGNMENTS), paths.household_assignments)
    if plays:
        file = paths.export(exports.FCT_PLAYBACKS)
        file.parent.mkdir(parents=True, exist_ok=True)
        rows = [{"device_key": f"d_{home}", "content_id": content, "started_at": at} for home, content, at in plays]
        pq.write_table(pa.Table.from_pylist(rows), file)


def visit(home: str, host: str, day: int) -> dict[str, Any]:
    at = START + timedelta(days=day)
    row = {"device_key": f"d_{home}", "household_id": home, "host_household_id": host, "day": at.date()}
    return row | {"is_night": False, "minutes": 30.0, "last_at": at}


def guest_and_host(settings: Settings) -> dict[str, Any]:
    table = link(settings, AS_OF)
    assert table.schema == LINKS
    assert pq.read_table(settings.paths.household_links).equals(table)
    (found,) = [row for row in table.to_pylist() if row["household_a"] == "guest"]
    return dict(found)


def test_a_doubtful_home_of_the_visitor_weakens_the_link(settings: Settings) -> None:
    write(settings, 1.0, [])
    sure = guest_and_host(settings)
    assert sure["visit_days"] == 2
    assert sure["shared_lift"] is None
    write(settings, 0.8, [])
    assert guest_and_host(settings)["weight"] < sure["weight"]


def test_content_is_shared_by_those_who_lived_there_when_it_was_played(settings: Settings) -> None:
    during, before, after = START, START - timedelta(days=9), AS_OF.replace(tzinfo=None) + timedelta(days=1)
    others = [(f"v{n:02d}", f"c{n % 7}", during) for n in range(30)]
    both = [(home, f"c{number}", during) for home in ("guest", "host") for number in (0, 1)]
    unseen = [(home, f"x{number}", at) for home in ("guest", "host") for number, at in enumerate((before, after))]
    write(settings, 1.0, [*others, *both, *unseen])
    assert "2 contents shared" in guest_and_host(settings)["evidence"]


def test_a_device_that_is_hardly_seen_anywhere_else_may_live_with_its_host(settings: Settings) -> None:
    """How many days it was seen is what clustering wrote as evidence."""

    def seen(days_elsewhere: int) -> None:
        row = {"device_key": "d_guest", "household_id": "guest", "days": 2, "days_elsewhere": days_elsewhere}
        pq.write_table(pa.Table.from_pylist([row], schema=EVIDENCE), settings.paths.household_evidence)

    write(settings, 1.0, [])
    seen(10)
    weight = guest_and_host(settings)["weight"]
    seen(0)  # on the two days of its visits alone
    assert not [row for row in link(settings, AS_OF).to_pylist() if row["household_a"] == "guest"]
    assert weight > 0.8


def test_without_a_clustering_there_are_no_links(settings: Settings) -> None:
    with pytest.raises(StageError, match="cluster the households first"):
        link(settings, AS_OF)
