"""An answer as a VAST 4.2 ad pod. Pure: elements in the order of the published schema, in its namespace."""

import mimetypes
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from xml.etree import ElementTree as Xml

NAMESPACE = "http://www.iab.com/VAST"
SYSTEM = "Mediathek ML"
TRACKED = ("start", "firstQuartile", "midpoint", "thirdQuartile", "complete")
EVENTS = ("impression", "error", *TRACKED)
_WIDTH, _HEIGHT = 1920, 1080  # campaigns do not say; players scale

AddressOf = Callable[[int, str], str]
"""Tracking address of a slot's event."""


def pod(answer: Mapping[str, Any], address_of: AddressOf) -> bytes:
    """Write the break as XML; without any spot, a response without ads, which is valid too."""
    root = Xml.Element("VAST", {"version": "4.2", "xmlns": NAMESPACE})
    playable = [spot for spot in answer["spots"] if spot["media_url"]]
    for number, spot in enumerate(playable, start=1):
        ad = Xml.SubElement(root, "Ad", {"id": spot["play_id"], "sequence": str(number)})
        _inline(Xml.SubElement(ad, "InLine"), spot, partial(address_of, spot["slot"]))
    written: bytes = Xml.tostring(root, encoding="utf-8")
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + written


def _inline(inline: Xml.Element, spot: Mapping[str, Any], address_of: Callable[[str], str]) -> None:
    _add(inline, "AdSystem", SYSTEM)
    _add(inline, "Error", address_of("error") + "&code=[ERRORCODE]")
    _add(inline, "Impression", address_of("impression"))
    _add(inline, "AdServingId", spot["play_id"])
    _add(inline, "AdTitle", spot["spot_id"])
    _add(inline, "Advertiser", spot["advertiser"])
    creative = Xml.SubElement(Xml.SubElement(inline, "Creatives"), "Creative", {"id": spot["spot_id"], "sequence": "1"})
    linear = Xml.SubElement(creative, "Linear")
    tracking = Xml.SubElement(linear, "TrackingEvents")
    for event in TRACKED:
        _add(tracking, "Tracking", address_of(event), event=event)
    _add(linear, "Duration", clock(spot["duration_s"]))
    media = {"delivery": "progressive", "type": _kind(spot["media_url"]), "width": str(_WIDTH), "height": str(_HEIGHT)}
    _add(Xml.SubElement(linear, "MediaFiles"), "MediaFile", spot["media_url"], **media)
    _add(creative, "UniversalAdId", spot["spot_id"], idRegistry="unknown")


def clock(seconds: float) -> str:
    """``HH:MM:SS.mmm``"""
    milliseconds = round(seconds * 1000)
    hours, rest = divmod(milliseconds, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"{hours:02d}:{minutes:02d}:{rest // 1000:02d}.{rest % 1000:03d}"


def _kind(media_url: str) -> str:
    guessed = mimetypes.guess_type(media_url.partition("?")[0])[0]
    return guessed if guessed and guessed.startswith(("video/", "audio/")) else "video/mp4"


def _add(parent: Xml.Element, name: str, text: str, **attributes: str) -> None:
    Xml.SubElement(parent, name, attributes).text = text
