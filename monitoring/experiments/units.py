"""Viewing volume a unit: what each device played after it first saw a recommendation of its arm (NV-M2).

A unit is a device with consent (PRV-2) that the log shows a recommendation of the experiment for. All that it plays
from then on counts, not only what was recommended: a list that only moves viewing elsewhere gains nothing.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from core.algorithms.experiments import Experiment
from core.contracts import exports
from core.settings import Settings
from core.storage import connect

if TYPE_CHECKING:
    import duckdb

Seconds = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Units:
    """Seconds played of every unit, by arm, and what was left out."""

    seconds: dict[str, Seconds]
    mixed_count: int
    """Devices that saw more than one arm: left out of the comparison."""
    recommendation_count: dict[str, int]
    """All that were shown, by arm, with and without consent."""


def read_units(settings: Settings, experiment: Experiment, as_of: datetime) -> Units:
    """Read the log's recommendations and the playbacks after them, up to ``as_of`` or the experiment's end."""
    arms = [arm.name for arm in experiment.arms]
    paths = settings.paths
    nothing = Units({arm: np.empty(0) for arm in arms}, 0, dict.fromkeys(arms, 0))
    if not any(paths.events.glob("*/*.parquet")) or not paths.export(exports.FCT_PLAYBACKS).is_file():
        return nothing
    with connect(memory_limit_megabytes=1000) as duck:
        _read_shown(duck, settings, experiment, as_of)
        counts = duck.execute("select arm, count(*) from shown group by arm").fetchall()
        rows = duck.execute(
            f"""
            with units as (
                select device_key, min(arm) as arm, count(distinct arm) as arm_count, min(happened_at) as first_at
                from shown where device_key is not null group by device_key
            )
            select arm, arm_count, coalesce(sum(playbacks.watched_s), 0)
            from units left join read_parquet('{paths.export(exports.FCT_PLAYBACKS)}') as playbacks
                on units.device_key = playbacks.device_key
                and playbacks.started_at >= units.first_at and playbacks.started_at < $until
            group by units.device_key, arm, arm_count order by all
            """,
            {"until": _naive(min(as_of, experiment.end))},
        ).fetchall()
    return Units(
        {arm: np.array([row[2] for row in rows if row[:2] == (arm, 1)], dtype=np.float64) for arm in arms},
        sum(row[1] > 1 for row in rows),
        dict.fromkeys(arms, 0) | {arm: int(count) for arm, count in counts},
    )


def _read_shown(duck: "duckdb.DuckDBPyConnection", settings: Settings, experiment: Experiment, as_of: datetime) -> None:
    start, until = _naive(experiment.start), _naive(min(as_of, experiment.end))
    duck.execute(
        f"""
        create temp table shown as
        select arm, happened_at, case when has_personalisation_consent then device_key end as device_key
        from read_parquet('{settings.paths.events}/*/*.parquet', hive_partitioning = true,
            hive_types = {{'hour': varchar}})
        where event = 'recommendation' and use_case = $use_case and list_contains($arms, arm)
            and hour >= $first_hour and happened_at >= $start and happened_at < $until
        """,
        {
            "use_case": experiment.use_case,
            "arms": [arm.name for arm in experiment.arms],
            "first_hour": start.strftime("%Y-%m-%dT%H"),
            "start": start,
            "until": until,
        },
    )


def _naive(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(tzinfo=None)
