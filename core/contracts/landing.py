"""The landing lines as pydantic models: the one truth about what is taken and what is quarantined, and why.

Strict where the contract is, tolerant where it says null. Unknown fields are ignored (ingestion counts them).
``json_schema()`` is what ``mediathek schema`` publishes.
"""

import ipaddress
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, TypeAdapter, WithJsonSchema
from pydantic import model_validator as whole

from core.contracts import landing_fields as f
from core.domain.device import DEVICE_CLASSES
from core.privacy import normalise_address

EVENT_KINDS = ("click", "view", "bookmark", "unbookmark", "recommendation", "ad")
LINE_KINDS = ("events", "catalogue", "campaigns")


def _one_of(values: tuple[str, ...], reason: str) -> tuple[BeforeValidator, WithJsonSchema]:
    def check(value: Any) -> str:
        if not isinstance(value, str):
            raise f.refusal("mistyped_field", "is no text")
        if value not in values:
            raise f.refusal(reason, f"is none of {', '.join(values)}")
        return value

    return BeforeValidator(check), WithJsonSchema({"type": "string", "enum": list(values)})


def _address(value: Any) -> str:
    if not isinstance(value, str):
        raise f.refusal("mistyped_field", "is no text")
    address = normalise_address(value.strip())
    if address is not None:
        return address
    try:
        ipaddress.ip_address(value.strip())
    except ValueError:
        raise f.refusal("bad_address", "is neither an IPv4 nor an IPv6 address") from None
    raise f.refusal("not_public_address", "is no public address")


Address = Annotated[str, BeforeValidator(_address), WithJsonSchema({"type": "string", "description": "public IPv4/6"})]
DeviceClassName = Annotated[str, *_one_of(DEVICE_CLASSES, "unknown_device_class")]


def _or_null(value: Any) -> Any:
    return None if value in ("", None) else value


OptionalText = Annotated[f.Text | None, BeforeValidator(_or_null)]
OptionalFreeText = Annotated[f.FreeText | None, BeforeValidator(_or_null)]


class _Line(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Consent(_Line):
    """PRV-2: per purpose, as it was when the event happened; what is missing is false."""

    personalisation: f.Flag = False
    advertising: f.Flag = False


def _consent(value: Any) -> Any:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise f.refusal("mistyped_field", "is no object")
    return {key: flag for key, flag in value.items() if flag is not None}


class _Event(_Line):
    event_id: f.Text
    at: f.EventInstant
    ip: Address
    mac: f.Mac
    device_class: DeviceClassName
    user: OptionalFreeText = None
    page: OptionalFreeText = None
    consent: Annotated[Consent, BeforeValidator(_consent)] = Consent()


class Click(_Event):
    event: Literal["click"]
    content_id: f.Text
    series_id: OptionalText = None


class View(_Event):
    """One progress report of a playback (LOG-1)."""

    event: Literal["view"]
    content_id: f.Text
    series_id: OptionalText = None
    playback_id: f.Text
    watched_s: f.Seconds
    position_s: f.Seconds | None = None
    duration_s: f.Length

    @whole(mode="after")
    def numbers_fit_together(self) -> "View":
        """A playback of a video cannot last many times its length."""
        if self.watched_s > self.duration_s * f.WATCHED_FACTOR + f.WATCHED_SLACK:
            raise f.refusal("absurd_number", "watched_s is many times the video's length")
        if (self.position_s or 0) > self.duration_s * f.POSITION_FACTOR + f.POSITION_SLACK:
            raise f.refusal("absurd_number", "position_s lies far behind the video's end")
        return self


class Bookmark(_Event):
    event: Literal["bookmark", "unbookmark"]
    series_id: f.Text
    content_id: OptionalText = None


def _texts(value: Any) -> Any:
    if not isinstance(value, list):
        raise f.refusal("mistyped_field", "is no list of texts")
    return value


Texts = Annotated[list[f.Text], BeforeValidator(_texts)]


class Recommendation(_Event):
    event: Literal["recommendation"]
    use_case: f.Text
    arm: OptionalText = None
    items: Texts
    content_id: OptionalText = None
    series_id: OptionalText = None


class Ad(_Event):
    event: Literal["ad"]
    spot_id: f.Text
    break_id: f.Text
    content_id: OptionalText = None
    series_id: OptionalText = None


EventLine = Annotated[Click | View | Bookmark | Recommendation | Ad, Discriminator("event")]


class CatalogueLine(_Line):
    content_id: f.Text
    kind: Annotated[str, *_one_of(("video", "page"), "unknown_kind")]
    title: f.FreeText
    path: f.FreeText
    genre: OptionalText = None
    audience: Annotated[str, *_one_of(("general", "kids"), "unknown_audience")] = "general"
    collection: OptionalText = None
    series_id: OptionalText = None
    season: f.Ordinal = None
    episode: f.Ordinal = None
    duration_s: f.Seconds | None = None
    published_at: f.EditorialInstant
    available_from: f.EditorialInstant | None = None
    available_until: f.EditorialInstant | None = None
    playable: f.Flag
    categories: Annotated[Texts, BeforeValidator(lambda value: [] if value is None else value)] = []
    updated_at: f.EditorialInstant


class Cap(_Line):
    per_break: f.Count = 1
    per_day: f.Count | None = None


class Spot(_Line):
    spot_id: f.Text
    duration_s: f.Length
    media_url: OptionalFreeText = None


class Target(_Line):
    """HH-6 to HH-9; each optional."""

    categories: Texts = []
    age_groups: Texts = []
    gender: Texts = []
    income: Texts = []
    linked_categories: Texts = []
    months: list[str | int] = []


class CampaignLine(_Line):
    campaign_id: f.Text
    advertiser: f.Text
    starts_at: f.EditorialInstant
    ends_at: f.EditorialInstant
    updated_at: f.EditorialInstant
    impressions: f.Count
    device_split: dict[DeviceClassName, Annotated[float, Field(ge=0, le=1)]] = {}
    cap: Cap = Cap()
    target: Target | None = None
    spots: list[Spot]

    @whole(mode="after")
    def split_is_whole(self) -> "CampaignLine":
        """HH-10: the shares sum to 1."""
        if self.device_split and abs(sum(self.device_split.values()) - 1) > 0.01:
            raise f.refusal("absurd_number", "the shares of device_split do not sum to 1")
        if self.ends_at < self.starts_at:
            raise f.refusal("absurd_time", "ends_at lies before starts_at")
        return self


KNOWN_EVENT_FIELDS = (
    "event_id", "event", "at", "ip", "mac", "user", "device_class", "content_id", "series_id", "playback_id",
    "watched_s", "position_s", "duration_s", "page", "use_case", "arm", "items", "spot_id", "break_id", "consent",
)  # fmt: skip


def adapter(kind: str) -> TypeAdapter[Any]:
    """The validator of one kind of line (``LINE_KINDS``)."""
    return {
        "events": TypeAdapter[Any](EventLine),
        "catalogue": TypeAdapter[Any](CatalogueLine),
        "campaigns": TypeAdapter[Any](CampaignLine),
    }[kind]


def known_fields(kind: str) -> frozenset[str]:
    """Top-level fields that the contract names; any other is ignored and counted."""
    if kind == "events":
        return frozenset(KNOWN_EVENT_FIELDS)
    return frozenset((CatalogueLine if kind == "catalogue" else CampaignLine).model_fields)


def json_schema() -> dict[str, Any]:
    """JSON Schema of one line of each kind, for producers."""
    return {kind: adapter(kind).json_schema() for kind in LINE_KINDS}
