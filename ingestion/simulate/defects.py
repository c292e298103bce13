"""Broken lines: one way for each reason of quarantine in the contract. They come on top of the whole ones."""

import random
import re
from collections.abc import Callable

_MAC = re.compile(r'"mac":"[^"]*"')
_IP = re.compile(r'"ip":"[^"]*"')
_AT = re.compile(r'"at":"[^"]*"')
_YEAR = re.compile(r'"at":"(\d{4})')
_ZONE = re.compile(r'("at":"[^"]*?)(Z|[+]01:00)"')
_EVENT = re.compile(r'"event":"[^"]*"')
_CLASS = re.compile(r'"device_class":"[^"]*"')
_WATCHED = re.compile(r'"watched_s":[0-9.]+')

_PRIVATE = ("192.168.178.20", "10.0.0.7", "127.0.0.1", "fe80::1", "203.0.113.9")


def _not_json(stream: random.Random, line: str) -> str:
    return line[: stream.randrange(20, len(line) - 5)]


def _missing_field(stream: random.Random, line: str) -> str:
    return stream.choice((_MAC, _IP, _AT, _CLASS)).sub('"omitted":true', line, 1)


def _mistyped_field(stream: random.Random, line: str) -> str:
    field, value = stream.choice(((_MAC, '"mac":17'), (_CLASS, '"device_class":["tv"]'), (_AT, '"at":"gestern"')))
    return field.sub(value, line, 1)


def _absurd_number(stream: random.Random, line: str) -> str:
    number = stream.choice(("-3.0", "1e12"))
    if _WATCHED.search(line):
        return _WATCHED.sub(f'"watched_s":{number}', line, 1)
    fields = f'"playback_id":"x","watched_s":{number},"position_s":1,"duration_s":60,'
    if '"content_id"' not in line:
        fields += '"content_id":"x",'
    return _EVENT.sub('"event":"view"', line, 1).replace('"device_class"', fields + '"device_class"', 1)


def _future_at(_: random.Random, line: str) -> str:
    return _YEAR.sub(lambda match: f'"at":"{int(match[1]) + 8}', line, 1)  # of a leap year 8 years on is one too


def _replaced(field: re.Pattern[str], name: str, *values: str) -> Callable[[random.Random, str], str]:
    return lambda stream, line: field.sub(f'"{name}":"{stream.choice(values)}"', line, 1)


_WAYS: dict[str, Callable[[random.Random, str], str]] = {
    "not_json": _not_json,
    "missing_field": _missing_field,
    "mistyped_field": _mistyped_field,
    "missing_zone": lambda _, line: _ZONE.sub(r'\1"', line, 1),
    "unknown_event": _replaced(_EVENT, "event", "teleport", "zap"),
    "unknown_device_class": _replaced(_CLASS, "device_class", "fridge", "TV"),
    "absurd_number": _absurd_number,
    "future_at": _future_at,
    "bad_mac": _replaced(_MAC, "mac", "unknown", "3c:9a:77:zz:00:01"),
    "absurd_mac": _replaced(_MAC, "mac", "00:00:00:00:00:00", "FF-FF-FF-FF-FF-FF"),
    "bad_address": _replaced(_IP, "ip", "router.lan", "84.128.1"),
    "not_public_address": _replaced(_IP, "ip", *_PRIVATE),
}
DEFECTS = tuple(_WAYS)
"""Named as ingestion names its reasons (``core.contracts.landing``)."""


def broken(stream: random.Random, reason: str, line: str) -> str:
    """Return a copy of a line broken in one way, under an ``event_id`` of its own that begins with ``broken-``."""
    return _WAYS[reason](stream, line.replace('"event_id":"', '"event_id":"broken-', 1))
