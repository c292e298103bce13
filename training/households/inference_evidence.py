"""What inferences are made from: plays and devices with consent to advertising, from the lake (PRV-2, PRV-5)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from core.algorithms.households.inference_settings import GENRE, KIDS_AUDIENCE, InferenceSettings
from core.contracts import lake
from core.errors import StageError
from core.settings import Settings
from core.storage import connect

Floats = npt.NDArray[np.float64]

# A device counts while its newest event has both consents and none was withdrawn since; of its events only those that
# had both when they happened.
_CONSENTING = """
    with newest as (
        select
            device_key,
            max(happened_at) filter (has_personalisation_consent and has_advertising_consent) as agreed_at,
            max(happened_at) as seen_at,
            arg_max(device_class, happened_at) as device_class,
            bool_or(is_mac_local) as is_mac_local
        from events
        where device_key is not null and happened_at < $as_of
            and (event <> 'ad' or address_key is not null)  -- a play that a player reported says nothing of consent
        group by device_key
    ),
    ended as (
        select device_key, max(withdrawn_at) as withdrawn_at from withdrawals where withdrawn_at < $as_of group by all
    )
    select newest.device_key, newest.device_class, newest.is_mac_local
    from newest
    left join ended using (device_key)
    where agreed_at = seen_at and (withdrawn_at is null or withdrawn_at <= agreed_at)
"""
_PLAYS = """
    with played as (
        select events.device_key, events.playback_id, any_value(events.content_id) as content_id
        from events
        where
            event = 'view' and has_personalisation_consent and has_advertising_consent
            and happened_at >= $from_at and happened_at < $as_of
            and device_key in (select device_key from consenting)
        group by all
        having max(watched_s) > $least_s
    ),
    weighed as (
        select
            played.device_key,
            coalesce(content.audience = $kids, false) as is_kids,
            list_filter(coalesce(content.categories, []), lambda name: list_contains($categories, name)) as known,
            $genre || content.genre as genre
        from played
        inner join content using (content_id)
    ),
    spread as (
        select device_key, is_kids, 1.0 / greatest(len(known), 1) as weight,
            unnest(case when len(known) > 0 then known else [genre] end) as key
        from weighed
    )
    select device_key, is_kids, key, sum(weight) as plays from spread group by all order by all
"""


@dataclass(frozen=True)
class Evidence:
    """Devices with consent now, parallel: ``counts`` (n, keys) are plays outside children's offers by key."""

    device_keys: list[str]
    device_classes: list[str]
    is_mac_local: list[bool]
    keys: list[str]
    counts: Floats
    kids_plays: Floats

    @property
    def plays(self) -> Floats:
        return np.asarray(self.counts.sum(axis=1), dtype=np.float64)

    @property
    def kids_share(self) -> Floats:
        """Share of each device's plays that are of children's offers, 0..1; 0 without plays."""
        return np.asarray(self.kids_plays / np.maximum(self.plays + self.kids_plays, 1e-9), dtype=np.float64)


def evidence(settings: Settings, rules: InferenceSettings, as_of: datetime) -> Evidence:
    """Read what may be used at ``as_of`` (aware); nothing later goes in.

    Raises:
        StageError: nothing was ingested yet.
    """
    now = as_of.astimezone(UTC).replace(tzinfo=None)
    categories = {key for what in ("age_group", "gender") for each in rules.weights(what).values() for key in each}
    with connect() as connection:
        _name_tables(connection, settings)
        connection.execute(f"create temp table consenting as {_CONSENTING}", {"as_of": now})
        devices = connection.sql("select * from consenting order by device_key").fetchall()
        rows = connection.sql(
            _PLAYS,
            params={
                "from_at": now - timedelta(days=rules.window_days),
                "as_of": now,
                "least_s": settings.next_video.view_min_seconds,
                "kids": KIDS_AUDIENCE,
                "genre": GENRE,
                "categories": sorted(categories),
            },
        ).fetchall()
    return _as_arrays(devices, rows)


def _name_tables(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    paths = settings.paths
    if not any(paths.events.glob("hour=*/*.parquet")) or not paths.catalogue.exists():
        raise StageError("inference: the lake is empty; ingest a source first")
    connection.read_parquet(str(paths.events / "hour=*" / "*.parquet"), hive_partitioning=False).create_view("events")
    connection.read_parquet(str(paths.catalogue)).create_view("content")
    files = sorted(paths.withdrawals.glob("*.parquet")) if paths.withdrawals.exists() else []
    read = [pq.read_table(file) for file in files] or [lake.WITHDRAWALS.empty_table()]
    connection.register("withdrawals", pa.concat_tables(read))


def _as_arrays(devices: list[tuple[str, str, bool]], rows: list[tuple[str, bool, str | None, float]]) -> Evidence:
    place = {device[0]: number for number, device in enumerate(devices)}
    keys = sorted({key for _, is_kids, key, _ in rows if not is_kids and key is not None})
    column = {key: number for number, key in enumerate(keys)}
    counts, kids_plays = np.zeros((len(devices), len(keys))), np.zeros(len(devices))
    for device_key, is_kids, key, plays in rows:
        if is_kids:
            kids_plays[place[device_key]] += plays
        elif key is not None:
            counts[place[device_key], column[key]] += plays
    return Evidence(
        [device[0] for device in devices],
        [device[1] for device in devices],
        [bool(device[2]) for device in devices],
        keys,
        counts,
        kids_plays,
    )
