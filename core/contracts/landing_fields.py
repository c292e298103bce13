"""The field types of the landing lines: what is checked, and under which reason a line is refused.

A refusal carries its quarantine reason as the type of a ``PydanticCustomError``; ``REASON_OF`` maps pydantic's own.
The bounds are set here once; ingestion's fast path and the published JSON Schema read the same constants.
"""

import math
import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from core.privacy import normalise_mac

MAX_TEXT = 512  # characters of an id or a label
MAX_FREE_TEXT = 8192  # characters of a title, a path, a page
MAX_SECONDS = 172_800.0  # two days: no video of ours is longer, no playback either
WATCHED_FACTOR, WATCHED_SLACK = 10.0, 600.0  # watched_s beyond this multiple of the length is absurd
POSITION_FACTOR, POSITION_SLACK = 2.0, 600.0
MIN_EVENT_YEAR = 2000
MIN_EDITORIAL_YEAR = 1900

_RFC3339 = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d):(\d\d)(\.\d+)?\s?([Zz]|[+-]\d\d:?\d\d)?",
    re.ASCII,
)

REASON_OF = {
    "missing": "missing_field",
    "union_tag_not_found": "missing_field",
    "union_tag_invalid": "unknown_event",
    "json_invalid": "not_json",
    "greater_than_equal": "absurd_number",
    "less_than_equal": "absurd_number",
    "finite_number": "absurd_number",
}
REASONS = (
    "not_json", "missing_field", "mistyped_field", "unknown_event", "unknown_device_class", "unknown_kind",
    "unknown_audience", "absurd_number", "absurd_time", "absurd_length", "absurd_mac", "bad_mac", "bad_address",
    "not_public_address", "missing_zone", "future_at", "line_too_long",
)  # fmt: skip


def refusal(reason: str, message: str) -> PydanticCustomError:
    """An error whose type is the quarantine reason."""
    return PydanticCustomError(reason, message)  # type: ignore[arg-type]


def _instant(value: Any) -> datetime:
    if not isinstance(value, str):
        raise refusal("mistyped_field", "is no text; write RFC 3339 with a zone, e.g. 2026-05-01T12:00:00Z")
    match = _RFC3339.fullmatch(value.strip())
    if match is None:
        raise refusal("mistyped_field", "is no RFC 3339 time; write e.g. 2026-05-01T12:00:00Z")
    day, minute, second, fraction, zone = match.groups()
    if zone is None:
        raise refusal("missing_zone", "has no zone; write e.g. 2026-05-01T12:00:00Z")
    second = "59" if second == "60" else second  # a leap second counts as the one before it
    zone = "+00:00" if zone in "Zz" else zone
    try:
        return datetime.fromisoformat(f"{day}T{minute}:{second}{(fraction or '')[:7]}{zone}").astimezone(UTC)
    except (ValueError, OverflowError):
        raise refusal("mistyped_field", "is no time that exists") from None


def _event_instant(value: Any, info: Any) -> datetime:
    instant = _instant(value)
    if instant.year < MIN_EVENT_YEAR:
        raise refusal("absurd_time", f"lies before {MIN_EVENT_YEAR}")
    latest: datetime | None = (info.context or {}).get("latest_at")
    if latest is not None and instant > latest:
        raise refusal("future_at", "lies after the run's time and the tolerance; check the server's clock")
    return instant


def _editorial_instant(value: Any) -> datetime:
    instant = _instant(value)
    if instant.year < MIN_EDITORIAL_YEAR:
        raise refusal("absurd_time", f"lies before {MIN_EDITORIAL_YEAR}")
    return instant


def _seconds(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise refusal("mistyped_field", "is no number")
    if not math.isfinite(value) or value < 0 or value > MAX_SECONDS:
        raise refusal("absurd_number", f"is not between 0 and {MAX_SECONDS:.0f} seconds")
    return float(value)


def _length(value: Any) -> float:
    seconds = _seconds(value)
    if seconds <= 0:
        raise refusal("absurd_number", "is no length of a video")
    return seconds


def _mac(value: Any) -> str:
    if not isinstance(value, str):
        raise refusal("mistyped_field", "is no text")
    mac = normalise_mac(value.strip())
    if mac is None:
        raise refusal("bad_mac", "is no MAC address in any common notation")
    if mac in ("0" * 12, "f" * 12):
        raise refusal("absurd_mac", "is all zeros or broadcast: it names no device")
    return mac


def _text(limit: int, may_be_empty: bool = False) -> BeforeValidator:
    def check(value: Any) -> str:
        if not isinstance(value, str):
            raise refusal("mistyped_field", "is no text")
        if not value and not may_be_empty:
            raise refusal("missing_field", "is empty")
        if len(value) > limit:
            raise refusal("absurd_length", f"is longer than {limit} characters")
        return value

    return BeforeValidator(check)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise refusal("mistyped_field", "is neither true nor false")
    return value


def _ordinal(value: Any) -> int | None:
    """NV-K1: a season or episode may be wrong. What cannot be a number of one counts as missing."""
    if value is None:
        return None
    if isinstance(value, str) and re.fullmatch(r"\s*\d{1,9}\s*", value, re.ASCII):
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise refusal("mistyped_field", "is no whole number")
    is_usable = math.isfinite(value) and value == int(value) and 0 <= value < 2**31
    return int(value) if is_usable else None


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise refusal("mistyped_field", "is no whole number")
    if not math.isfinite(value) or value != int(value) or not 0 <= value < 2**53:
        raise refusal("absurd_number", "is no whole number from 0 up")
    return int(value)


_TIME = WithJsonSchema({"type": "string", "format": "date-time"})


def _number(**bounds: float) -> WithJsonSchema:
    return WithJsonSchema({"type": "number", **bounds})


Text = Annotated[str, _text(MAX_TEXT), Field(min_length=1, max_length=MAX_TEXT)]
FreeText = Annotated[str, _text(MAX_FREE_TEXT, may_be_empty=True), Field(max_length=MAX_FREE_TEXT)]
EventInstant = Annotated[datetime, BeforeValidator(_event_instant), _TIME]
EditorialInstant = Annotated[datetime, BeforeValidator(_editorial_instant), _TIME]
Seconds = Annotated[float, BeforeValidator(_seconds), _number(minimum=0, maximum=MAX_SECONDS)]
Length = Annotated[float, BeforeValidator(_length), _number(exclusiveMinimum=0, maximum=MAX_SECONDS)]
Mac = Annotated[str, BeforeValidator(_mac), WithJsonSchema({"type": "string", "description": "any common notation"})]
Flag = Annotated[bool, BeforeValidator(_flag), WithJsonSchema({"type": "boolean"})]
Ordinal = Annotated[int | None, BeforeValidator(_ordinal), WithJsonSchema({"type": ["integer", "null"]})]
Count = Annotated[int, BeforeValidator(_count), WithJsonSchema({"type": "integer", "minimum": 0})]


def latest_at(as_of: datetime, tolerance_minutes: int) -> datetime:
    """The latest ``at`` that a run at ``as_of`` takes (contract: one hour after the run's time)."""
    return as_of.astimezone(UTC) + timedelta(minutes=tolerance_minutes)
