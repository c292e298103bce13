"""What is asked: one request for a next video and the history that came with it (NV-X1, NV-X2, NV-U1..U4)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from core.domain import DeviceClass


class UnknownVideoError(Exception):
    """The current video is in no catalogue that was loaded, or it is a page: 404 at the API."""

    def __init__(self, content_id: str) -> None:
        super().__init__(f"no video is known as '{content_id}'")
        self.content_id = content_id


@dataclass(frozen=True, slots=True)
class View:
    """One view of the history sent."""

    content_id: str
    watched_seconds: float
    at: datetime


@dataclass(frozen=True, slots=True)
class Click:
    """One click of the history sent."""

    content_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class History:
    """What the library sent about the viewer; each list in any order, bookmarks are series ids."""

    views: Sequence[View] = ()
    clicks: Sequence[Click] = ()
    bookmarks: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """One request, already validated: ``limit`` lies in 1..100."""

    current: str
    device_class: DeviceClass
    limit: int = 10
    history: History = field(default_factory=History)
