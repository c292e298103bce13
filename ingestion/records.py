"""The careful path: one line at a time, through the contract's models, to a lake row or to a refusal with its reason.

The fast path (``ingestion.screening``) takes only what is certainly fine; everything else ends here, so that this is
the one place that decides.
"""

import json
from datetime import datetime
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from core.contracts.landing import (
    Ad,
    Bookmark,
    CampaignLine,
    CatalogueLine,
    Click,
    Recommendation,
    View,
    adapter,
    known_fields,
)
from core.contracts.landing_fields import REASON_OF, REASONS
from core.privacy import Pseudonyms, is_locally_administered, mask, without_addresses
from ingestion.decision_records import DecisionLine

_BOM = "\ufeff"
_MESSAGES = {
    "missing_field": "is missing",
    "unknown_event": "is none of click, view, bookmark, unbookmark, recommendation, ad",
}
Event = Click | View | Bookmark | Recommendation | Ad


class RefusedError(Exception):
    """Why a line goes to quarantine."""

    def __init__(self, reason: str, field: str | None, message: str) -> None:
        super().__init__(message)
        self.reason, self.field, self.message = reason, field, message


@lru_cache
def _adapter(kind: str) -> TypeAdapter[Any]:
    return TypeAdapter(DecisionLine) if kind == "decisions" else adapter(kind)


class Validator:
    """Validates lines of one kind; ``latest_at`` bounds the time of events."""

    def __init__(self, kind: str, latest_at: datetime) -> None:
        self._kind = kind
        self._adapter = _adapter(kind)
        self.known_fields = frozenset(DecisionLine.model_fields) if kind == "decisions" else known_fields(kind)
        self._context = {"latest_at": latest_at}

    def validate(self, line: str) -> tuple[Any, list[str]]:
        """Return the model of a line and the names of its top-level fields, or raise RefusedError."""
        record = parse(line)
        if self._kind == "events":
            event = record.get("event")
            if event is None:
                raise RefusedError("missing_field", "event", "event is missing")
            if not isinstance(event, str):
                raise RefusedError("mistyped_field", "event", "event is no text")
        try:
            return self._adapter.validate_python(record, context=self._context), list(record)
        except ValidationError as error:
            raise _refusal(error, self._kind) from None


def parse(line: str) -> dict[str, Any]:
    """Parse one line as a JSON object; of a doubled key the first counts, as in the fast path."""
    try:
        line.encode("utf-8")
        value = json.loads(line.strip().removeprefix(_BOM), object_pairs_hook=_first_wins)
        json.dumps(value, ensure_ascii=False).encode("utf-8")  # a lone surrogate is no text
    except (ValueError, RecursionError):
        raise RefusedError("not_json", None, "the line is no JSON; one object a line, UTF-8") from None
    if not isinstance(value, dict):
        raise RefusedError("mistyped_field", None, "the line is no JSON object")
    return value


def _first_wins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return dict(reversed(pairs))


def _refusal(error: ValidationError, kind: str) -> RefusedError:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    location = [str(part) for part in first["loc"]]
    if kind == "events" and location:
        location = location[1:]  # the tag of the union
    reason = REASON_OF.get(first["type"], first["type"] if first["type"] in REASONS else "mistyped_field")
    field = ".".join(location) or None
    if first["type"].startswith("union_tag"):
        field = "event"
    message = _MESSAGES.get(reason, first["msg"]) if first["type"] in REASON_OF else first["msg"]
    return RefusedError(reason, field, mask(f"{field or kind} {message}"))


def naive(instant: datetime | None) -> datetime | None:
    """The lake stores UTC without a zone; the models give UTC."""
    return None if instant is None else instant.replace(tzinfo=None)


def event_row(event: Event, pseudonyms: Pseudonyms) -> dict[str, Any]:
    """Return the lake row of an event. Raw identifiers end here (PRV-1); none stay without any consent (PRV-2)."""
    consent, fields = event.consent, event.model_dump(exclude={"at", "ip", "mac", "user", "consent"})
    row: dict[str, Any] = {name: _scrubbed(value, event.mac, pseudonyms) for name, value in fields.items()}
    row |= {
        "happened_at": naive(event.at),
        "has_personalisation_consent": consent.personalisation,
        "has_advertising_consent": consent.advertising,
    }
    if consent.personalisation or consent.advertising:
        row |= {
            "device_key": pseudonyms.device_key(event.mac),
            "address_key": pseudonyms.address_key(event.ip, event.at.date()),
            "user_key": pseudonyms.user_key(event.user) if event.user else None,
            "is_mac_local": is_locally_administered(event.mac),
        }
    return row


def _scrubbed(value: Any, mac: str, pseudonyms: Pseudonyms) -> Any:
    """Fields that should hold no raw address may hold one all the same (PRV-1)."""
    if isinstance(value, list):
        return [_scrubbed(item, mac, pseudonyms) for item in value]
    return without_addresses(value, mac, pseudonyms) if isinstance(value, str) else value


def catalogue_row(line: CatalogueLine) -> dict[str, Any]:
    row = line.model_dump(exclude={"playable", "published_at", "available_from", "available_until", "updated_at"})
    return row | {
        "is_playable": line.playable,
        "published_at": naive(line.published_at),
        "available_from": naive(line.available_from),
        "available_until": naive(line.available_until),
        "updated_at": naive(line.updated_at),
    }


def campaign_row(line: CampaignLine) -> dict[str, Any]:
    """Nested parts are kept as JSON text; their readers come with ad decisions."""
    row = line.model_dump(include={"campaign_id", "advertiser", "impressions"})
    nested = line.model_dump(include={"device_split", "cap", "target", "spots"})
    row |= {name: json.dumps(value, sort_keys=True) for name, value in nested.items()}
    return row | {
        "starts_at": naive(line.starts_at),
        "ends_at": naive(line.ends_at),
        "updated_at": naive(line.updated_at),
    }
