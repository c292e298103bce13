"""The queries behind ``units``: from events, decisions and playbacks to one row a unit and one a playback."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from core.algorithms.experiments import Experiment
from core.contracts import exports
from core.settings import Settings

if TYPE_CHECKING:
    import duckdb

_MONTH = timedelta(days=30)

# by which key a playback belongs to a unit: its device's, and the login's where the experiment goes by login
_PLAYED = """
create temp table played as
with logins as (
    select distinct playback_id, user_key as unit from events
    where event = 'view' and user_key in (select unit from shown) and has_personalisation_consent
), keyed as (
    select device_key as unit, content_id, started_at, watched_s from playbacks
    where device_key in (select unit from shown)
    union all
    select logins.unit, content_id, started_at, watched_s
    from playbacks inner join logins using (playback_id)
)
select keyed.*, units.unit_number, units.first_at, shown.shown_at
from keyed inner join units on keyed.unit = units.unit
asof left join shown on keyed.unit = shown.unit and keyed.started_at >= shown.shown_at
where keyed.started_at >= units.first_at - interval 30 day and keyed.started_at < $until
"""

_UNITS = """
create temp table units as
select row_number() over (order by unit) - 1 as unit_number, unit, min(arm) as arm,
    arg_min(device_class, shown_at) as device_class, count(distinct arm) as arm_count,
    min(shown_at) as first_at,
    count(*) filter (where not is_decision or not has_told) as shown_count
from (select *, bool_or(not is_decision) over (partition by unit) as has_told from shown)
group by unit
"""

_FOLLOWED = """
create temp table followed as
select unit_number, sum(watched_s) as followed_s from (
    select distinct played.unit_number, played.content_id, played.started_at, played.watched_s
    from played
    inner join (select unit, shown_at, unnest(items) as content_id from shown) as items
        on played.unit = items.unit and played.content_id = items.content_id
        and played.started_at >= items.shown_at and played.started_at < items.shown_at + to_hours($hours)
) group by unit_number
"""

PLAYED = "select unit_number, started_at, watched_s from counted order by all"

UNITS = """
select units.*, coalesce(before.before_s, 0) as before_s, coalesce(before.overall_s, 0) as overall_s,
    coalesce(followed.followed_s, 0) as followed_s
from units
left join (
    select unit_number, sum(watched_s) filter (where started_at < first_at) as before_s,
        sum(watched_s) filter (where started_at >= first_at) as overall_s
    from played group by unit_number
) as before using (unit_number)
left join followed using (unit_number)
order by unit_number
"""


@dataclass(frozen=True)
class Wanted:
    """Whose exposures are read, and when."""

    experiment: Experiment
    start: datetime
    """Naive UTC."""
    until: datetime
    """Naive UTC."""
    is_past: bool = False
    """Whatever was shown by whichever arm or by none: for a plan, from before the experiment."""


def prepare(duck: "duckdb.DuckDBPyConnection", settings: Settings, wanted: Wanted) -> bool:
    """Make the tables ``units``, ``shown``, ``told``, ``played`` and ``counted``; False where there are no logs yet."""
    paths = settings.paths
    if not any(paths.events.glob("*/*.parquet")) or not paths.export(exports.FCT_PLAYBACKS).exists():
        return False
    _views(duck, settings, wanted.start)
    hours = wanted.experiment.attribution_hours or settings.next_video.volume_attribution_hours
    period = {"start": wanted.start, "until": wanted.until}
    arms = None if wanted.is_past else [arm.name for arm in wanted.experiment.arms]
    name = None if wanted.is_past else wanted.experiment.name
    duck.execute(_TOLD, {"use_case": wanted.experiment.use_case, "arms": arms, **period})
    duck.execute(_SHOWN, {"name": name, "arms": arms, **period})
    duck.execute(_UNITS)
    duck.execute(_PLAYED, {"until": wanted.until})
    duck.execute(_FOLLOWED, {"hours": hours})
    duck.execute(
        "create temp table counted as select unit_number, started_at, watched_s from played"
        " where started_at >= first_at and shown_at is not null and started_at < shown_at + to_hours($hours)",
        {"hours": hours},
    )
    return True


_TOLD = """
create temp table told as
select event_id, if($arms is null, '', arm) as arm, device_class, happened_at as shown_at, items, device_key, user_key,
    has_personalisation_consent
from events
where event = 'recommendation' and use_case = $use_case and ($arms is null or list_contains($arms, arm))
    and happened_at >= $start and happened_at < $until
"""

# A decision's unit without consent in the log reaches no row (PRV-2). A recommendation in the log counts for the
# login where serving decided by it, else for the device.
_SHOWN = """
create temp table shown as
with consenting as (
    select device_key as unit from events where has_personalisation_consent and device_key is not null
    union
    select user_key from events where has_personalisation_consent and user_key is not null
), decided as (
    select unit_key as unit, if($arms is null, '', arm) as arm, device_class, decided_at as shown_at, items
    from decisions
    where ($arms is null or (experiment = $name and list_contains($arms, arm)))
        and decided_at >= $start and decided_at < $until
        and unit_key in (select unit from consenting)
)
select *, true as is_decision from decided
union all by name
select case when user_key in (select unit from decided) then user_key else device_key end as unit,
    arm, device_class, shown_at, items, false as is_decision
from told
where has_personalisation_consent and device_key is not null
"""

_NO_DECISIONS = """
create temp view decisions as
select null::varchar as unit_key, null::varchar as experiment, null::varchar as arm, null::varchar as device_class,
    null::timestamp as decided_at, null::varchar[] as items, null::varchar as "case", null::varchar as current,
    null::double as latency_ms, null::varchar as decision_id
where false
"""


def _views(duck: "duckdb.DuckDBPyConnection", settings: Settings, start: datetime) -> None:
    """Views ``events`` and ``decisions`` over the lake from a month before the start, and ``playbacks``."""
    paths = settings.paths
    first_hour = (start - _MONTH).strftime("%Y-%m-%dT%H")
    source = "read_parquet('{folder}/*/*.parquet', hive_partitioning = true, hive_types = {{'hour': varchar}})"
    duck.execute(
        f"create temp view events as select * from {source.format(folder=paths.events)} where hour >= '{first_hour}'"
    )
    duck.execute(f"create temp view playbacks as select * from read_parquet('{paths.export(exports.FCT_PLAYBACKS)}')")
    decisions_view(duck, settings, start)


def decisions_view(duck: "duckdb.DuckDBPyConnection", settings: Settings, start: datetime) -> None:
    """A view ``decisions`` over the lake's decision records of Next-Video since ``start`` (naive UTC)."""
    folder = settings.paths.decisions
    if not any(folder.glob("*/*.parquet")):
        duck.execute(_NO_DECISIONS)
        return
    duck.execute(
        f"create temp view decisions as select * from read_parquet('{folder}/*/*.parquet', hive_partitioning = true,"
        f" hive_types = {{'hour': varchar}}) where hour >= '{start.strftime('%Y-%m-%dT%H')}' and route = 'next-video'"
    )
