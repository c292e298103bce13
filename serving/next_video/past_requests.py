"""Requests of a time as the log and the lake hold them, read in the parent and unpacked where they are answered.

A record of 50 views is some kilobytes as text and ten times that as objects: a hundred thousand of them stay text until
a worker needs them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from core.algorithms.next_video.recorded import Recorded, recorded
from core.paths import Paths
from core.storage import connect

_COLUMNS = "decision_id, decided_at, current, device_class, unit_key, items, inputs"


@dataclass(frozen=True, slots=True)
class PastRequest:
    """One recorded request; ``text`` is the log's line, or the lake's inputs beside its ``row``."""

    decision_id: str
    decided_at: datetime
    unit_key: str | None
    items: tuple[str, ...]
    """What was shown."""
    text: bytes
    row: dict[str, Any] | None = None

    def unpacked(self) -> Recorded:
        """The request with its history."""
        record = orjson.loads(self.text)
        found = recorded(record if self.row is None else {**self.row, "inputs": record})
        assert found is not None, "records without inputs are left out when they are read"
        return found


def past_requests(paths: Paths, since: datetime, until: datetime, limit: int) -> list[PastRequest]:
    """Requests from the lake and from the log of hours that are not in the lake yet; each id once, in order of ids."""
    found = {each.decision_id: each for each in (*_of_log(paths, since, until), *_of_lake(paths, since, until))}
    return [found[decision_id] for decision_id in sorted(found)[:limit]]


def _of_log(paths: Paths, since: datetime, until: datetime) -> Iterator[PastRequest]:
    for folder in sorted(paths.decision_log.glob("hour=*")):
        if not _is_within(folder.name, since, until):
            continue
        for file in sorted(folder.glob("*.jsonl")):
            for line in file.read_bytes().split(b"\n"):
                try:
                    record = orjson.loads(line)
                except orjson.JSONDecodeError:  # the end of a file that is being written
                    continue
                decided_at = datetime.fromisoformat(record["decided_at"])
                if since <= decided_at < until and record.get("inputs"):
                    items, unit_key = tuple(record["items"]), record["unit_key"]
                    yield PastRequest(record["decision_id"], decided_at, unit_key, items, line)


def _of_lake(paths: Paths, since: datetime, until: datetime) -> Iterator[PastRequest]:
    files = [
        str(file)
        for folder in paths.decisions.glob("hour=*")
        if _is_within(folder.name, since, until)
        for file in folder.glob("*.parquet")
    ]
    if not files:
        return
    with connect() as connection:
        connection.read_parquet(files, union_by_name=True).create_view("decisions")
        query = f"select {_COLUMNS} from decisions where decided_at >= $since and decided_at < $until"
        parameters = {"since": since.replace(tzinfo=None), "until": until.replace(tzinfo=None)}
        rows: list[dict[str, Any]] = connection.execute(query, parameters).to_arrow_table().to_pylist()
    for row in rows:
        inputs = row.pop("inputs")
        if inputs and inputs != "null":
            at = row["decided_at"].replace(tzinfo=UTC)
            yield PastRequest(row["decision_id"], at, row["unit_key"], tuple(row["items"]), inputs.encode(), row)


def _is_within(folder: str, since: datetime, until: datetime) -> bool:
    return f"{since:%Y-%m-%dT%H}" <= folder.removeprefix("hour=") <= f"{until:%Y-%m-%dT%H}"
