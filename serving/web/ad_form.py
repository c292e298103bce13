"""A campaign as a form and back: every mistake is named at its field, in the page's language."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from core.contracts.landing import CampaignLine
from core.domain import DEVICE_CLASSES
from serving.ad_decision.campaigns_source import month_number

AGE_GROUPS, GENDERS, INCOMES = ("14-29", "30-49", "50-64", "65+"), ("female", "male"), ("low", "middle", "high")
CHOICES = {"age_groups": AGE_GROUPS, "gender": GENDERS, "income": INCOMES}
LISTS = ("categories", "linked_categories", "months")
SPLIT = tuple(f"split_{each}" for each in DEVICE_CLASSES)
TEXTS = (
    "campaign_id", "advertiser", "category", "starts_at", "ends_at", "impressions", "per_day", "per_break", "spots",
    *SPLIT, *LISTS,
)  # fmt: skip
_LOCAL = "%Y-%m-%dT%H:%M"
_WHOLE_PERCENT = 0.51
_THOUSANDS = re.compile(r"[.,\s](?=\d{3}(?:\D|$))", re.ASCII)

Problems = dict[str, str]
"""Key of the text that says what is wrong, by field."""
Filled = dict[str, Any]


class _Reader:
    """Reads fields and gathers what is wrong with them."""

    def __init__(self, filled: Filled) -> None:
        self.filled, self.problems = filled, Problems()

    def text(self, field: str) -> str:
        found: str = self.filled[field]
        if not found:
            self.problems[field] = "adp_missing"
        return found

    def names(self, field: str) -> list[str]:
        return [part.strip() for part in self.filled[field].split(",") if part.strip()]

    def count(self, field: str, least: int, if_empty: int | None = None) -> int | None:
        text = _THOUSANDS.sub("", self.filled[field])
        if not text and field != "impressions":
            return if_empty
        if not (text.isascii() and text.isdecimal() and least <= int(text) < 2**53):
            self.problems[field] = f"adp_count_{least}"
            return None
        return int(text)

    def instant(self, field: str, zone: ZoneInfo) -> str:
        try:
            local = datetime.fromisoformat(self.text(field) or "1970-01-01").replace(tzinfo=zone)
            return local.astimezone(UTC).isoformat()
        except (ValueError, OverflowError):
            self.problems[field] = "adp_time"
            return ""

    def split(self) -> dict[str, float]:
        shares: dict[str, float] = {}
        for field, each in zip(SPLIT, DEVICE_CLASSES, strict=True):
            try:
                shares[each] = float(self.filled[field].replace(",", ".") or 0) / 100
            except ValueError:
                shares[each] = -1.0
            if not 0 <= shares[each] <= 1:
                self.problems[field] = "adp_percent"
        whole = sum(shares.values())
        if whole and abs(whole - 1) * 100 > _WHOLE_PERCENT and not self.problems.keys() & set(SPLIT):
            self.problems[SPLIT[0]] = "adp_split"
        return {each: share / whole for each, share in shares.items() if share} if whole > 0 else {}

    def months(self) -> list[int]:
        found = [month_number(name) for name in self.names("months")]
        if not all(found):
            self.problems["months"] = "adp_months"
        return sorted(set(found))

    def spots(self) -> list[dict[str, Any]]:
        """One a line: id; seconds; address of the film."""
        spots = []
        for line in self.text("spots").splitlines():
            spot_id, seconds, media_url = ([part.strip() for part in line.split(";", 2)] + ["", "", ""])[:3]
            try:
                duration_s = float(seconds.replace(",", "."))
            except ValueError:
                duration_s = 0.0
            if line.strip():
                spots.append({"spot_id": spot_id, "duration_s": duration_s, "media_url": media_url or None})
                if not spot_id or not 0 < duration_s <= 3600:
                    self.problems["spots"] = "adp_spots"
        if len({spot["spot_id"] for spot in spots}) < len(spots):
            self.problems["spots"] = "adp_spot_twice"
        return spots


def filled(form: Mapping[str, Any], several: Callable[[str], list[Any]]) -> Filled:
    """What was sent, as the form shows it again; fields that were not sent are empty."""
    texts: Filled = {field: str(form.get(field, "")).strip() for field in TEXTS}
    chosen = {field: [str(value) for value in several(field)] for field in CHOICES}
    return texts | chosen | {"paused": bool(form.get("paused")), "seen": str(form.get("seen", ""))}


def line_of(sent: Filled, zone: ZoneInfo, now: datetime) -> tuple[dict[str, Any], Problems]:
    """Read a form as a line by the contract of campaigns; it counts only where there are no problems."""
    read = _Reader(sent)
    target: dict[str, Any] = {field: sent[field] for field in CHOICES}  # also values that only the booking system knows
    target |= {"categories": read.names("categories"), "linked_categories": read.names("linked_categories")}
    line = {
        "campaign_id": read.text("campaign_id"),
        "advertiser": read.text("advertiser"),
        "category": sent["category"] or None,
        "starts_at": read.instant("starts_at", zone),
        "ends_at": read.instant("ends_at", zone),
        "updated_at": now.astimezone(UTC).isoformat(),
        "impressions": read.count("impressions", 1),
        "device_split": read.split(),
        "cap": {"per_day": read.count("per_day", 1), "per_break": read.count("per_break", 1, 1)},
        "target": target | {"months": read.months()},
        "spots": read.spots(),
        "paused": sent["paused"],
    }
    if not read.problems and line["ends_at"] <= line["starts_at"]:
        read.problems["ends_at"] = "adp_order"
    return line, read.problems or _by_contract(line)


def _by_contract(line: Mapping[str, Any]) -> Problems:
    """Whatever else the contract refuses: too long, not to be stored, absurd."""
    try:
        CampaignLine.model_validate(line)
    except ValidationError as error:
        first = [str(each["loc"][0]) if each["loc"] else "starts_at" for each in error.errors()]
        places = {"device_split": SPLIT[0], "cap": "per_day", "target": "categories"}
        return {places.get(field, field): "adp_refused" for field in first}
    return {}


def shown(row: Mapping[str, Any] | None, zone: ZoneInfo) -> Filled:
    """A campaign's row as the form shows it; None: an empty form."""
    if row is None:
        return filled({"per_break": "1"}, lambda _: [])
    cap, split = json.loads(row["cap"] or "{}"), json.loads(row["device_split"] or "{}")
    target = json.loads(row["target"] or "null") or {}
    texts = {
        "campaign_id": row["campaign_id"], "advertiser": row["advertiser"], "category": row.get("category") or "",
        "starts_at": _local(row["starts_at"], zone), "ends_at": _local(row["ends_at"], zone),
        "impressions": str(row["impressions"]), "per_day": "" if cap.get("per_day") is None else str(cap["per_day"]),
        "per_break": str(1 if cap.get("per_break") is None else cap["per_break"]),
        "spots": "\n".join(map(_spot, json.loads(row["spots"]))),
    } | {field: ", ".join(map(str, target.get(field) or ())) for field in LISTS}  # fmt: skip
    texts |= {
        field: f"{100 * split[each]:g}" if each in split else ""
        for field, each in zip(SPLIT, DEVICE_CLASSES, strict=True)
    }
    sent = filled(texts, lambda field: list(target.get(field) or ()))
    return sent | {"paused": bool(row.get("paused")), "seen": row["updated_at"].isoformat()}


def choices(form: Filled) -> dict[str, list[str]]:
    """Values to tick by field: those that are inferred here, and what else the campaign names."""
    return {field: [*known, *sorted(set(form[field]) - set(known))] for field, known in CHOICES.items()}


def _spot(spot: Mapping[str, Any]) -> str:
    parts = (spot["spot_id"], f"{spot['duration_s']:g}", spot.get("media_url") or "")
    return "; ".join(part for part in parts if part)


def _local(at: datetime, zone: ZoneInfo) -> str:
    return at.replace(tzinfo=UTC).astimezone(zone).strftime(_LOCAL)
