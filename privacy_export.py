"""``mediathek privacy export MAC`` (PRV-3): all that is stored about a device, from every store that holds any."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

import duckdb
import typer

from core.errors import StageError
from core.logs import progress
from core.settings import Settings

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class DeviceExport:
    """What each store holds; stores that hold nothing are left out."""

    mac: str
    device_key: str
    exported_at: datetime
    erased_until: datetime | None
    """Up to when the device was erased before; None if it never was."""
    stores: dict[str, Rows]
    copies: dict[str, int]
    """Rows of files that repeat what a store holds."""


def command(
    mac: Annotated[str, typer.Argument(metavar="MAC", help="The device's MAC address in any common notation.")],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print all rows as JSON; else only how many there are.")
    ] = False,
) -> None:
    """Show everything that is stored about a device."""
    from core import clock
    from core.settings import load

    found = export(load(), mac, clock.now())
    if as_json:
        typer.echo(json.dumps(vars(found), ensure_ascii=False, default=_as_text))
        return
    typer.echo(f"{mac} is {found.device_key}")
    for store, rows in found.stores.items():
        typer.echo(f"{len(rows):8d}  {store}")
    for file, count in found.copies.items():
        typer.echo(f"{count:8d}  {file} (a copy)")
    if not found.stores:
        typer.echo("nothing is stored about it")


def export(settings: Settings, mac: str, at: datetime) -> DeviceExport:
    """Gather everything.

    Raises:
        UserError: ``mac`` is no MAC of a device.
        StageError: a store cannot be read now.
    """
    from core.device_rows import count_rows, parquet_files
    from core.privacy import device_mac, load_pseudonyms
    from ingestion.device_traces import traces_of, units_of
    from ingestion.erased import ErasedDevices

    normalised, paths = device_mac(mac), settings.paths
    pseudonyms = load_pseudonyms(paths.keys)
    traces = traces_of(paths, pseudonyms, units_of(pseudonyms, normalised))
    stores = {store: rows for store, rows in _stores(settings, traces) if rows}
    copies: Counter[str] = Counter()
    for file in parquet_files(paths.exports):
        model = file.relative_to(paths.exports).parts[:2][-1]  # parts/<model>/..., or the file itself
        copies[f"warehouse/exports/{model}"] += count_rows(file, {traces.device_key})
    until = ErasedDevices(paths, pseudonyms).erased_until(traces.device_key)
    return DeviceExport(mac, traces.device_key, at, until, stores, dict(+copies))


def _stores(settings: Settings, traces: Any) -> Iterator[tuple[str, Rows]]:
    from ingestion.device_traces import stored_in_lake
    from serving.ad_decision.device_data import stored_about
    from training.datasets.stored_features import stored_features
    from training.households.stored import stored_of_households

    progress("export: looking through the lake")
    yield from stored_in_lake(settings.paths, traces)
    progress("export: looking through the warehouse, features and households")
    yield from _in_warehouse(settings, traces.device_key)
    yield "features/online", stored_features(settings, traces.device_key)
    yield from stored_of_households(settings, traces.device_key)
    yield "ad_decision/counters", stored_about(settings, traces.device_key)


def _in_warehouse(settings: Settings, device_key: str) -> Iterator[tuple[str, Rows]]:
    from core.device_search import rows_naming

    if not settings.paths.warehouse.exists():
        return
    try:
        for table, rows in rows_naming(settings.paths.warehouse, device_key):
            yield "warehouse/" + table.replace('"', "").removeprefix("main."), rows
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise StageError(
            f"export: the warehouse cannot be read now ({reason}); run this again after its build"
        ) from None


def _as_text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat() + ("Z" if value.tzinfo is None else "")
    return value.isoformat() if isinstance(value, date) else str(value)
