"""``GET /api/v1/quarantine``: what ingestion refused, by reason and line by line, addresses masked. Needs the token."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from core.paths import Paths
from core.storage import connect
from serving.auth import require_token

_COUNTS = "select kind, reason, count(*) as row_count from rows group by all order by row_count desc, kind, reason"
_ROWS = (
    "select * from rows where $reason is null or reason = $reason"
    " order by quarantined_at desc, file, line, quarantine_id limit $limit offset $offset"
)


def router(paths: Paths) -> APIRouter:
    routes = APIRouter(tags=["quarantine"])

    @routes.get("/quarantine", dependencies=[Depends(require_token)])
    def quarantine(
        reason: Annotated[str | None, Query(max_length=200)] = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
        offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
    ) -> dict[str, Any]:
        """Counts by kind and reason, and one page of rows, newest first."""
        return {"counts": counts(paths), "rows": lines(paths, reason, limit, offset)}

    return routes


def counts(paths: Paths) -> list[dict[str, Any]]:
    """Open entries by ``kind`` and ``reason``, most first: ``row_count``."""
    return _query(paths, _COUNTS)


def lines(paths: Paths, reason: str | None, limit: int, offset: int) -> list[dict[str, Any]]:
    """One page of open entries (of one reason, if given), newest first; addresses are masked on disk already."""
    return _query(paths, _ROWS, {"reason": reason, "limit": limit, "offset": offset})


def _query(paths: Paths, query: str, parameters: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    files = [str(file) for file in sorted(paths.quarantine.glob("*.parquet"))]
    if not files:
        return []
    with connect() as connection:
        connection.read_parquet(files).create_view("rows")
        return _fetch(connection.execute(query, parameters))


def _fetch(result: Any) -> list[dict[str, Any]]:
    names = [column[0] for column in result.description]
    rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    for row in rows:
        if "quarantined_at" in row and row["quarantined_at"] is not None:
            row["quarantined_at"] = row["quarantined_at"].isoformat() + "Z"
    return rows
