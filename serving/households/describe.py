"""One household in full: who lives there and why, its addresses, what is viewed, whom it knows, what changed."""

import logging
from typing import Any

import duckdb

from core.contracts.exports import FCT_PLAYBACKS
from core.paths import Paths
from core.storage import connect
from serving.households import words
from serving.households.graph import Graph
from serving.households.source import GraphSource

_log = logging.getLogger("mediathek")
_ROWS = 60
_QUERIES = {
    "devices": """
        select device_key, from_at, until_at, round(confidence, 3) as confidence, reason, is_separable
        from devices where household_id = $household order by until_at desc nulls first, from_at, device_key
    """,
    "addresses": """
        select address_key, day, from_at, until_at, kind, device_count, event_count
        from addresses where household_id = $household order by until_at desc, address_key
    """,
    "links": """
        select if(household_a = $household, household_b, household_a) as household_id, round(weight, 3) as weight,
            visit_days, shared_lift, shared_lift_low, shared_lift_high, first_at, last_at, evidence
        from links where household_a = $household or household_b = $household order by weight desc, household_id
    """,
    "visits": """
        select device_key, household_id, host_household_id, count(distinct day) as days,
            count(distinct day) filter (where is_night) as nights, round(sum(minutes)) as minutes,
            max(last_at) as last_at
        from visits where (household_id = $household or host_household_id = $household)
            and household_id <> host_household_id
        group by all order by last_at desc, device_key
    """,
    "evidence": "select * exclude (household_id) from evidence where household_id = $household order by device_key",
    "changes": """
        select change, household_id, device_key, other_household_id, "at", reason
        from changes where household_id = $household or other_household_id = $household order by "at" desc, device_key
    """,
}
_VIEWED = f"""
    with lived as (
        select unnest($devices) as device_key, unnest($from_at)::timestamp as from_at,
            unnest($until_at)::timestamp as until_at
    )
    select content_id, any_value(catalogue.title) as title, any_value(catalogue.genre) as genre, count(*) as views,
        count(distinct device_key) as devices, max(ended_at) as last_at
    from playbacks join lived using (device_key) left join catalogue using (content_id)
    where started_at >= from_at and (until_at is null or started_at < until_at)
    group by content_id order by last_at desc, content_id limit {_ROWS}
"""
"""What its devices viewed while they lived there."""


def describe(source: GraphSource, paths: Paths, household: str) -> dict[str, Any] | None:
    """Return all that is known of a household; None where it is not known.

    Devices as the graph has them now; the rest from the artefacts, read for this one household.
    """
    found = _stored(paths, household)
    evidence = {row.pop("device_key"): row for row in found.pop("evidence")}
    stored = {row["device_key"]: row for row in found["devices"]}
    with source.reading() as graph:
        living = _living(graph, household, stored)
        told = [*reversed(source.changes.get(household, ())), *found["changes"]]
        is_separable = graph.nodes.get(household, {}).get("is_separable", True)
        seq = source.versions.seq
    if not living:
        return None
    for row in living:
        row["evidence"] = evidence.get(row["device_key"]) if row["until_at"] is None else None
    found["devices"] = living
    found["content"] = _viewed(paths, living)
    found["changes"] = list({_name(change): change for change in told}.values())[:_ROWS]
    return words.with_reasons({"id": household, "seq": seq, "is_separable": is_separable, **found})


def _stored(paths: Paths, household: str) -> dict[str, list[dict[str, Any]]]:
    files = {
        "devices": paths.household_assignments,
        "addresses": paths.household_leases,
        "links": paths.household_links,
        "visits": paths.household_visits,
        "evidence": paths.household_evidence,
        "changes": paths.household_changes,
    }
    found: dict[str, list[dict[str, Any]]] = {}
    with connect(threads=1) as connection:
        for name, file in files.items():
            found[name] = []
            if not file.is_file():
                continue
            try:
                connection.read_parquet(str(file)).create_view(name)
                query = _QUERIES[name] + f" limit {_ROWS}"
                found[name] = _fetched(connection.execute(query, {"household": household}))
            except duckdb.Error as error:  # damaged: the rest is told
                _log.warning("households: %s cannot be read: %s", file.name, error)
    return found


def _viewed(paths: Paths, living: list[dict[str, Any]]) -> list[dict[str, Any]]:
    file = paths.export(FCT_PLAYBACKS)
    if not file.exists():
        return []
    times = {name: [row[name] and row[name].removesuffix("Z") for row in living] for name in ("from_at", "until_at")}
    with connect(threads=1) as connection:
        try:
            connection.read_parquet(str(file)).create_view("playbacks")
            if paths.catalogue.is_file():
                connection.read_parquet(str(paths.catalogue)).create_view("catalogue")
            else:
                connection.execute("create view catalogue as select '' as content_id, '' as title, '' as genre limit 0")
            return _fetched(connection.execute(_VIEWED, {"devices": [row["device_key"] for row in living], **times}))
        except duckdb.Error as error:
            _log.warning("households: %s cannot be read: %s", file.name, error)
            return []


def _living(graph: Graph, household: str, stored: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """The graph is ahead of the artefacts by what the feed told since; the artefacts know more of each device."""
    rows = []
    for device in graph.members(household) or sorted(stored):
        node, row = graph.nodes.get(device, {}), dict(stored.get(device, {"device_key": device}))
        link = graph.links.get((device, household, "lives"))
        if link is not None:
            row |= {
                "from_at": words.instant(link["from_ms"]),
                "until_at": words.instant(link["until_ms"]) if "until_ms" in link else None,
                "confidence": link["weight"],
                "reason": link.get("reason"),
            }
        row |= {"device_class": node.get("device_class"), "last_at": words.instant(node.get("last_ms"))}
        rows.append({"is_separable": True, **row})
    return sorted(rows, key=lambda row: (row["until_at"] is not None, row["from_at"], row["device_key"]))


def _fetched(result: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    names = [column[0] for column in result.description or ()]
    return [{name: words.written(value) for name, value in zip(names, row, strict=True)} for row in result.fetchall()]


def _name(change: dict[str, Any]) -> tuple[Any, ...]:
    return change["change"], change.get("device_key"), change["household_id"], str(change["at"])[:19]
