"""The form of a request for a break and of its answer, as the contract publishes it."""

import hashlib
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from core.domain import DeviceClass
from core.privacy import DEVICE_KEY, is_device_mac, normalise_mac
from serving.errors import InvalidFieldsError

MOST_SLOTS = 50
_Id = Annotated[str, Field(min_length=1, max_length=512, pattern=r"^[^\x00]*$")]
_Seconds = Annotated[float, Field(gt=0, le=3600)]


class ConsentSent(BaseModel):
    """What the viewer's app knows; it can only take away."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)
    advertising: bool = True


class AdBreakRequest(BaseModel):
    """A break to fill. Exactly one of ``mac``, ``device_key`` and ``household`` says who watches."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True, allow_inf_nan=False)
    mac: str | None = Field(default=None, description="of the device, in any common notation")
    device_key: str | None = Field(default=None, description="its pseudonym")
    household: str | None = Field(default=None, min_length=1, max_length=200)
    content_id: _Id
    device_class: DeviceClass
    break_id: _Id
    slots: list[_Seconds] = Field(min_length=1, max_length=MOST_SLOTS, description="seconds, in the order shown")
    consent: ConsentSent | None = Field(default=None, description='`{"advertising": false}`: by the content alone')

    @field_validator("mac")
    @classmethod
    def _mac(cls, text: str | None) -> str | None:
        if text is None:
            return None
        mac = normalise_mac(text.strip())
        if mac is None or not is_device_mac(mac):
            raise ValueError("is no MAC address of a device; write e.g. aa:bb:cc:dd:ee:01")
        return mac

    @field_validator("device_key")
    @classmethod
    def _device_key(cls, text: str | None) -> str | None:
        if text is not None and not DEVICE_KEY.fullmatch(text):
            raise ValueError("is no device's key; `mediathek privacy pseudonym MAC` tells it")
        return text

    @model_validator(mode="after")
    def _one_of_three(self) -> "AdBreakRequest":
        given = [name for name in ("mac", "device_key", "household") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"mac, device_key, household: give exactly one of them, not {len(given)}")
        return self

    def fingerprint(self, unit: str | None) -> str:
        """Of all but the break's id; ``unit`` is who is known to ask (None: nobody)."""
        parts = (unit or "", self.content_id, self.device_class, *(repr(float(slot)) for slot in self.slots))
        return hashlib.blake2b("\x00".join(parts).encode("utf-8", "replace"), digest_size=12).hexdigest()


class CapAnswered(BaseModel):
    """HH-11: where the campaign stands in this household and on the broadcaster's local day, this spot counted in."""

    per_day: int | None = Field(description="null: no bound")
    played_today: int = Field(description="of viewers who are not known: in this break")


class SpotAnswered(BaseModel):
    """A slot's spot."""

    slot: int = Field(description="place in the request's list, from 0")
    spot_id: str
    campaign_id: str
    reason: Literal["follow-up", "linked-offer", "income-class", "campaign-target", "run-of-network"]
    cap: CapAnswered
    duration_s: float
    media_url: str | None


class AdBreakAnswer(BaseModel):
    """What a break got; every slot of the request is in one of the two lists."""

    break_id: str
    spots: list[SpotAnswered]
    unfilled: list[int]


def parse(body: bytes) -> AdBreakRequest:
    """Read a request's body.

    Raises:
        InvalidFieldsError: it is no JSON, or a field is missing or wrong.
    """
    try:
        return AdBreakRequest.model_validate_json(body)
    except ValidationError as error:
        raise invalid(error) from None


def checked(values: dict[str, Any]) -> AdBreakRequest:
    """The same of values that came in a query.

    Raises:
        InvalidFieldsError: a field is missing or wrong.
    """
    try:
        return AdBreakRequest.model_validate(values)
    except ValidationError as error:
        raise invalid(error) from None


def invalid(error: ValidationError) -> InvalidFieldsError:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    for each in found:
        each["msg"] = each["msg"].removeprefix("Value error, ")
        if not each["loc"]:
            each["loc"] = ("mac",)
    return InvalidFieldsError(found)


def body_for_openapi() -> dict[str, Any]:
    """``requestBody`` for OpenAPI: the body is parsed here and not by the framework."""
    schema = AdBreakRequest.model_json_schema(ref_template="#/components/schemas/{model}")
    definitions = schema.pop("$defs", {})
    schema["properties"]["consent"] = {"anyOf": [definitions["ConsentSent"], {"type": "null"}]}
    return {"required": True, "content": {"application/json": {"schema": schema}}}
