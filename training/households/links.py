"""The links between households, from what clustering wrote (HH-4)."""

from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq

from core.algorithms.households import links
from core.algorithms.households.links_settings import load_link_parameters
from core.contracts import exports
from core.contracts.households import VISITS
from core.errors import StageError
from core.settings import Settings
from core.storage import connect, written_aside

_VISITS = """
    select visits.*, coalesce(home.confidence, 1.0) as confidence, seen.days_seen
    from visits
    left join (
        select device_key, household_id, max(confidence) as confidence from homes group by all
    ) as home using (device_key, household_id)
    left join seen using (device_key)
"""
_SEEN = "select device_key, (days + days_elsewhere)::bigint as days_seen from evidence"
_UNSEEN = "select null::varchar as device_key, null::bigint as days_seen where false"
_PLAYS = """
    select distinct homes.household_id, playbacks.content_id
    from playbacks
    inner join homes
        on playbacks.device_key = homes.device_key
        and playbacks.started_at >= homes.from_at
        and (homes.until_at is null or playbacks.started_at < homes.until_at)
    where playbacks.started_at < $as_of
"""


def link(settings: Settings, as_of: datetime) -> pa.Table:
    """Write ``household_links`` from visits, assignments, evidence and playbacks known at ``as_of``; return them.

    Raises:
        StageError: the clustering has not written its visits yet.
        UserError: ``config/households/links.yaml`` is wrong.
    """
    paths = settings.paths
    for file in (paths.household_visits, paths.household_assignments):
        if not file.exists():
            raise StageError(f"links: {file.name} is missing; cluster the households first")
    rules = load_link_parameters(settings.config)
    now = as_of.astimezone(UTC).replace(tzinfo=None)
    plays = None
    with connect() as connection:
        connection.read_parquet(str(paths.household_visits)).create_view("visits")
        connection.read_parquet(str(paths.household_assignments)).create_view("homes")
        if paths.household_evidence.exists():
            connection.read_parquet(str(paths.household_evidence)).create_view("evidence")
        connection.execute(f"create temp table seen as {_SEEN if paths.household_evidence.exists() else _UNSEEN}")
        if paths.export(exports.FCT_PLAYBACKS).exists():
            connection.read_parquet(str(paths.export(exports.FCT_PLAYBACKS))).create_view("playbacks")
            plays = connection.sql(_PLAYS, params={"as_of": now}).to_arrow_table()
        visits = connection.sql(_VISITS).to_arrow_table()
    columns = visits.select([*VISITS.names, "confidence", "days_seen"])
    found = links.link(columns, plays, as_of, rules)
    with written_aside(paths.household_links) as aside:
        pq.write_table(found, aside)
    return found
