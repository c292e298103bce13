"""PRV-3: what Feast's online store knows of a device. Its offline store is the warehouse's export."""

import sqlite3
from typing import Any

from core.feature_store import PROJECT
from core.settings import Settings


def stored_features(settings: Settings, device_key: str) -> list[dict[str, Any]]:
    """Return the features of a device, one row each; empty where nothing was published.

    The file is read as it is, whatever views its registry has now: also a view that is no more counts as stored.
    """
    file = settings.paths.feast / "online.db"
    if not file.exists():
        return []
    connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    try:
        tables = connection.execute("select name from sqlite_master where type = 'table' order by name").fetchall()
        return [row for (table,) in tables for row in _rows(connection, table, device_key)]
    finally:
        connection.close()


def _rows(connection: sqlite3.Connection, table: str, device_key: str) -> list[dict[str, Any]]:
    from feast.protos.feast.types.Value_pb2 import Value

    rows = connection.execute(
        f'select feature_name, value, event_ts from "{table}" where instr(entity_key, cast(? as blob)) > 0',
        (device_key,),
    ).fetchall()
    found = []
    for name, value, at in rows:
        held = Value.FromString(value)
        kind = held.WhichOneof("val")
        plain: Any = None if kind is None else getattr(held, kind)
        plain = list(plain.val) if str(kind).endswith("_list_val") else plain
        found.append({"view": table.removeprefix(f"{PROJECT}_"), "feature": name, "value": plain, "event_at": str(at)})
    return found
