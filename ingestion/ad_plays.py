"""Plays that players reported to serving, as `ad` events into the lake: one more source beside the decision log.

They name devices by pseudonyms already (PRV-1) and know of no address, so they do not pass the door for raw lines. Each
``event_id`` once, whatever was delivered before; nothing of an erased device (PRV-3).
"""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict, ValidationError

from core.contracts.lake import EVENTS
from core.contracts.landing import DeviceClassName
from core.contracts.landing_fields import EditorialInstant, Text
from core.paths import Paths
from core.privacy import load_pseudonyms
from core.settings import Settings
from ingestion import ledger, publish
from ingestion.erased import ErasedDevices
from ingestion.fence import held

_PATIENCE_SECONDS = 10.0


class AdPlay(BaseModel):
    """One line of ``paths.ads.plays`` (written by serving)."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    event_id: Text
    at: EditorialInstant
    device_key: Text | None
    device_class: DeviceClassName
    content_id: Text
    spot_id: Text
    break_id: Text


def ingest_ad_plays(settings: Settings, files: Iterable[Path], as_of: datetime) -> tuple[int, int | None]:
    """Take in what is new in files of closed hours.

    Returns:
        how many events were new, and the batch that holds them (None: there were none).

    Raises:
        HeldError: another ingestion runs.
    """
    plays = {play.event_id: play for file in files for play in _lines(file)}
    if not plays:
        return 0, None
    paths = settings.paths
    with held(paths, _PATIENCE_SECONDS) as fence:
        publish.recover(paths)
        state = ledger.load(paths)
        horizon = state.dropped_before.get("events", "")
        erased = ErasedDevices(paths, load_pseudonyms(paths.keys))
        new = [play for play in _unknown(paths, plays) if _hour(play) >= horizon and not _is_erased(play, erased)]
        if not new:
            return 0, None
        batch_id = state.head + 1
        staging = publish.open_staging(paths, batch_id, fence.token)
        _write(staging, new, batch_id)
        entry = ledger.Entry(batch_id, fence.token, as_of.isoformat(), staging.name)
        publish.commit(paths, fence, entry)
    return len(new), batch_id


def _lines(file: Path) -> Iterator[AdPlay]:
    """A line that was cut off by a kill was told nobody, and is left out."""
    for line in file.read_bytes().splitlines():
        try:
            yield AdPlay.model_validate(json.loads(line))
        except (ValueError, ValidationError):
            continue


def _unknown(paths: Paths, plays: dict[str, AdPlay]) -> list[AdPlay]:
    known: set[str] = set()
    for hour in {_hour(play) for play in plays.values()}:
        for file in (paths.events / f"hour={hour}").glob("*.parquet"):
            known.update(pq.ParquetFile(file).read(["event_id"]).column(0).to_pylist())
    return [play for event_id, play in sorted(plays.items()) if event_id not in known]


def _is_erased(play: AdPlay, erased: ErasedDevices) -> bool:
    until = erased.erased_until(play.device_key) if play.device_key else None
    return until is not None and play.at.astimezone(UTC).replace(tzinfo=None) <= until


def _hour(play: AdPlay) -> str:
    return play.at.astimezone(UTC).strftime("%Y-%m-%dT%H")


def _write(staging: Path, plays: list[AdPlay], batch_id: int) -> None:
    for hour in sorted({_hour(play) for play in plays}):
        rows = [_row(play, batch_id) for play in plays if _hour(play) == hour]
        file = staging / "events" / f"hour={hour}" / f"{batch_id:08d}_0.parquet"
        file.parent.mkdir(parents=True)
        pq.write_table(pa.Table.from_pylist(rows, schema=EVENTS), file, compression="zstd")


def _is_device(key: str | None) -> bool:
    """An erased one was overwritten with zeros where it stood (PRV-3)."""
    return key is not None and key.strip("d_0") != ""


def _row(play: AdPlay, batch_id: int) -> dict[str, Any]:
    """A device is named only where its advertising consent was there when the break was decided (PRV-2)."""
    return dict.fromkeys(EVENTS.names) | {
        "event_id": play.event_id,
        "event": "ad",
        "happened_at": play.at.astimezone(UTC).replace(tzinfo=None),
        "device_key": play.device_key if _is_device(play.device_key) else None,
        "device_class": play.device_class,
        "content_id": play.content_id,
        "spot_id": play.spot_id,
        "break_id": play.break_id,
        "has_personalisation_consent": False,
        "has_advertising_consent": _is_device(play.device_key),
        "batch_id": batch_id,
    }
