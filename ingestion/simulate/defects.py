"""Broken lines: one way for each reason of quarantine in the contract. They come on top of the whole ones."""

import random
import re

DEFECTS = (
    "not-json", "missing-field", "mistyped-field", "unknown-event", "unknown-device-class", "absurd-number", "future",
    "impossible-mac", "not-public-address",
)  # fmt: skip

_MAC = re.compile(r'"mac":"[^"]*"')
_IP = re.compile(r'"ip":"[^"]*"')
_AT = re.compile(r'"at":"(\d{4})')
_EVENT = re.compile(r'"event":"[^"]*"')
_CLASS = re.compile(r'"device_class":"[^"]*"')
_WATCHED = re.compile(r'"watched_s":[0-9.]+')


def broken(stream: random.Random, reason: str, line: str) -> str:
    """Return a copy of a line broken in one way, under an ``event_id`` of its own that begins with ``broken-``."""
    line = line.replace('"event_id":"', '"event_id":"broken-', 1)
    if reason == "not-json":
        return line[: stream.randrange(20, len(line) - 5)]
    if reason == "missing-field":
        return stream.choice((_MAC, _IP, re.compile(r'"at":"[^"]*"'), _CLASS)).sub('"omitted":true', line, 1)
    if reason == "mistyped-field":
        return stream.choice(
            (
                _MAC.sub('"mac":17', line, 1),
                _CLASS.sub('"device_class":["tv"]', line, 1),
                _AT.sub('"at":"gestern \\1', line, 1),
            )
        )
    if reason == "unknown-event":
        return _EVENT.sub('"event":"teleport"', line, 1)
    if reason == "unknown-device-class":
        return _CLASS.sub('"device_class":"fridge"', line, 1)
    if reason == "absurd-number":
        worse = stream.choice(("-3.0", "1e12"))
        if _WATCHED.search(line):
            return _WATCHED.sub(f'"watched_s":{worse}', line, 1)
        return absurd_view(line, worse)
    if reason == "future":
        return _AT.sub(lambda match: f'"at":"{int(match[1]) + 8}', line, 1)  # a leap year stays one
    if reason == "impossible-mac":
        return _MAC.sub(stream.choice(('"mac":"00:00:00:00:00:00"', '"mac":"FF-FF-FF-FF-FF-FF"')), line, 1)
    address = stream.choice(("192.168.178.20", "10.0.0.7", "127.0.0.1", "fe80::1", "203.0.113.9"))
    return _IP.sub(f'"ip":"{address}"', line, 1)


def absurd_view(line: str, number: str) -> str:
    """Turn another event into a view with an absurd number."""
    line = _EVENT.sub('"event":"view"', line, 1)
    fields = f'"content_id":"x","playback_id":"x","watched_s":{number},"position_s":1,"duration_s":60,'
    return (
        line.replace('"device_class"', fields + '"device_class"', 1)
        if '"content_id"' not in line
        else line.replace(
            '"content_id"', f'"playback_id":"x","watched_s":{number},"position_s":1,"duration_s":60,"content_id"', 1
        )
    )
