"""The campaigns in memory: read from the lake and from what ad managers changed, and again when either is newer."""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from core.domain.advertising import Campaign, Spot, Target
from serving.ad_decision.campaign_changes import merged, read_changes

_log = logging.getLogger("mediathek")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NO_MONTH = 0
_Stamp = tuple[int, int, int] | None


@dataclass(frozen=True)
class Campaigns:
    """All campaigns, sorted by id, and whose spot is whose."""

    campaigns: tuple[Campaign, ...] = ()
    by_spot: Mapping[str, Sequence[Campaign]] = field(default_factory=dict)
    creatives: Mapping[str, str] = field(default_factory=dict)

    @staticmethod
    def of(campaigns: Sequence[Campaign]) -> "Campaigns":
        ordered = tuple(sorted(campaigns, key=lambda each: each.campaign_id))
        by_spot: dict[str, list[Campaign]] = {}
        creatives: dict[str, str] = {}
        for campaign in ordered:
            for spot in campaign.spots:
                by_spot.setdefault(spot.spot_id, []).append(campaign)
                creatives.setdefault(spot.spot_id, spot.creative)
        return Campaigns(ordered, by_spot, creatives)

    def creative_of(self, spot_id: str, known: str) -> str:
        return self.creatives.get(spot_id, known)


class CampaignsSource:
    """Holds the newest campaigns that could be read; replaced in one step."""

    def __init__(self, file: Path, changes: Path | None = None) -> None:
        """``file`` is the lake's, ``changes`` what the page wrote (``campaign_changes``); None: nothing is changed."""
        self._file, self._changes = file, changes
        self._read: tuple[_Stamp, _Stamp] = (None, None)
        self.campaigns = Campaigns()
        self.rows: Mapping[str, Mapping[str, Any]] = {}
        """The line of each campaign that counts now, by id."""

    def refresh(self) -> None:
        """Read the files if one changed; one that cannot be read leaves the last campaigns in place."""
        signature = (_stamp(self._file), _stamp(self._changes) if self._changes else None)
        if signature == self._read or (signature[0] is None and self._read[0] is not None):
            return
        try:
            lake = pq.ParquetFile(self._file).read().to_pylist() if signature[0] else []
            rows = merged(lake, read_changes(self._changes) if self._changes else [])
            self.campaigns = Campaigns.of([campaign_of(row) for row in rows])
            self.rows = {row["campaign_id"]: row for row in rows}
        except Exception as error:  # whatever is wrong with a file, the server goes on with the last one
            _log.error("campaigns: %s cannot be read (%s: %s)", self._file, type(error).__name__, error)
        self._read = signature


def _stamp(file: Path) -> _Stamp:
    try:
        stat = file.stat()
    except OSError:
        return None
    return stat.st_ino, stat.st_mtime_ns, stat.st_size


def campaign_of(row: Mapping[str, Any]) -> Campaign:
    """A row of ``core.contracts.lake.CAMPAIGNS`` as a campaign."""
    cap, target = json.loads(row["cap"] or "{}"), json.loads(row["target"] or "null") or {}
    texts = {
        name: frozenset(target.get(name, ()))
        for name in ("categories", "age_groups", "gender", "income", "linked_categories")
    }
    spots = tuple(
        Spot(spot["spot_id"], float(spot["duration_s"]), spot.get("media_url")) for spot in json.loads(row["spots"])
    )
    return Campaign(
        campaign_id=row["campaign_id"],
        advertiser=row["advertiser"],
        starts_at=_aware(row["starts_at"]),
        ends_at=_aware(row["ends_at"]),
        impressions=row["impressions"],
        spots=spots,
        device_split=json.loads(row["device_split"] or "{}"),
        per_day=cap.get("per_day"),
        per_break=1 if cap.get("per_break") is None else cap["per_break"],
        target=Target(**texts, months=frozenset(month_number(month) for month in target.get("months", ()))),
        category=row.get("category"),
        paused=bool(row.get("paused")),
    )


def month_number(month: str | int) -> int:
    """1 to 12 of ``6``, ``"06"``, ``"june"`` or ``"Jun"``; 0 of what is none, which no day ever is."""
    text = str(month).strip().lower()
    if text.isdecimal():
        return int(text) if 1 <= int(text) <= 12 else _NO_MONTH
    return _MONTHS.index(text[:3]) + 1 if text[:3] in _MONTHS else _NO_MONTH


def _aware(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC)
