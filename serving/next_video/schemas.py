"""The form of a request and of an answer, as the contract publishes it in OpenAPI."""

from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from core.algorithms.next_video.request import Click, History, Request, View
from core.domain import DeviceClass
from serving.errors import InvalidFieldsError


class _Sent(BaseModel):
    """What comes in: no conversion from other types, unknown keys are ignored."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True, allow_inf_nan=False)


class ViewSent(_Sent):
    """One view; ``watched_s`` are seconds really played."""

    content_id: str
    watched_s: float = Field(ge=0)
    at: AwareDatetime


class ClickSent(_Sent):
    """One click."""

    content_id: str
    at: AwareDatetime


class HistorySent(_Sent):
    """What the library knows about the viewer; every part is optional."""

    views: list[ViewSent] | None = None
    clicks: list[ClickSent] | None = None
    bookmarks: list[str] | None = Field(default=None, description="series ids")


class NextVideoRequest(_Sent):
    """A request for what to watch after ``current``."""

    current: str = Field(description="content_id of the video being watched")
    device_class: DeviceClass
    user: str | None = None
    unit: str | None = Field(default=None, description="what an experiment assigns by")
    limit: int = Field(default=10, ge=1, le=100)
    history: HistorySent | None = None

    def to_request(self) -> Request:
        """The same in the words of the chain."""
        return Request(self.current, self.device_class, self.limit, _history(self.history))


class WhyAnswered(BaseModel):
    """Why this item, in a sentence for the public; with ``?explain=true`` only."""

    because: Literal["next-episode", "history", "current", "popular"]
    content_ids: list[str] = Field(description="what the sentence names, strongest first")
    moved_by: list[Literal["diversity", "freshness", "long_tail"]] | None = Field(
        default=None, description="editors' controls that moved it up, where one did"
    )
    de: str
    en: str


class ItemAnswered(BaseModel):
    """A recommended video; scores are comparable within one answer only, and where editors' controls are on the order
    of the items counts and not the scores."""

    content_id: str
    score: float
    source: Literal["sequence", "similarity", "next-episode"]
    why: WhyAnswered | None = None


class ArmAnswered(BaseModel):
    """The experiment that runs and the unit's arm in it."""

    name: str
    arm: str


class ModelAnswered(BaseModel):
    """The model that was asked."""

    name: str
    version: str


class DroppedAnswered(BaseModel):
    """A candidate that is not among the items, and the first rule that dropped or replaced it."""

    content_id: str
    rule: str
    replaced_by: str | None = None


class NextVideoAnswer(BaseModel):
    """The answer; ``dropped`` is there with ``?explain=true``."""

    case: Literal["next-episode", "regular", "hidden"]
    reason: Literal["NV-H1", "NV-H2", "NV-H3", "NV-H4"] | None
    items: list[ItemAnswered]
    experiment: ArmAnswered | None
    model: ModelAnswered | None
    dropped: list[DroppedAnswered] | None = None


def parse(body: bytes) -> NextVideoRequest:
    """Read a request's body.

    Raises:
        InvalidFieldsError: it is no JSON, or a field is missing or wrong.
    """
    try:
        return NextVideoRequest.model_validate_json(body)
    except ValidationError as error:
        raise InvalidFieldsError(error.errors(include_url=False, include_context=False, include_input=False)) from None


def body_for_openapi() -> dict[str, Any]:
    """``requestBody`` for OpenAPI: the body is parsed here and not by the framework, so it is described here too."""
    schema = NextVideoRequest.model_json_schema()
    definitions = schema.pop("$defs", {})
    return {"required": True, "content": {"application/json": {"schema": _inlined(schema, definitions)}}}


def _inlined(node: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(node, list):
        return [_inlined(part, definitions) for part in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _inlined(definitions[node["$ref"].rsplit("/", 1)[1]], definitions)
    return {key: _inlined(value, definitions) for key, value in node.items()}


def _history(sent: HistorySent | None) -> History:
    if sent is None:
        return History()
    return History(
        views=[View(view.content_id, view.watched_s, view.at) for view in sent.views or ()],
        clicks=[Click(click.content_id, click.at) for click in sent.clicks or ()],
        bookmarks=sent.bookmarks or (),
    )
