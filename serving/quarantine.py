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
        files = [str(file) for file in sorted(paths.quarantine.glob("*.parquet"))]
        if not files:
            return {"counts": [], "rows": []}
        with connect() as connection:
            connection.read_parquet(files).create_view("rows")
            return {
                "counts": _fetch(connection.execute(_COUNTS)),
                "rows": _fetch(connection.execute(_ROWS, {"reason": reason, "limit": limit, "offset": offset})),
            }

    return routes


def _fetch(result: Any) -> list[dict[str, Any]]:
    names = [column[0] for column in result.description]
    rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    for row in rows:
        if "quarantined_at" in row and row["quarantined_at"] is not None:
            row["quarantined_at"] = row["quarantined_at"].isoformat() + "Z"
    return rows
