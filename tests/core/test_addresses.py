"""The quick way to a canonical public address gives what the thorough one gives (PRV-1: keys of addresses stay the same)."""

import random
from collections.abc import Iterator
from ipaddress import IPv6Address

import pytest

from core import privacy

ODD = (
    "", "x", "1.2.3", "1.2.3.04", " 1.2.3.4", "1.2.3.4\n", "1.2.3.4\0", "1.2.3.4/24", "256.1.1.1", "+1.2.3.4", "１.2.3.4",
    "2a00::/64", "2a00::1%eth0", "2a00::1%", "2a00::1\0", "2a00::1.2.3.4", "::ffff:1.2.3.4", "2a00::1::2", "2a00:00001::1",
    "2A00:ABCD::1", "2a00:0:0:1:0:0:0:1", "2a00:1:2:3:4:5:6:7:8", "2a00::\ud83d",
)  # fmt: skip
PLACES = (
    "84.130.7.9",
    "2003:f9:c959:5e27:2f21:a2af:f2f8:203",
    "2a02:810b:c640:1::5",
    "10.0.0.1",
    "2001:db8::1",
    "fe80::1",
)


def _addresses(chance: random.Random) -> Iterator[str]:
    yield from ODD
    for first in range(256):
        yield from (
            f"{first}.{chance.randrange(256)}.{chance.randrange(256)}.{chance.randrange(256)}" for _ in range(8)
        )
    for first in range(0, 0x10000, 61):
        words = [first, *(chance.choice((0, 0, 1, chance.randrange(0x10000))) for _ in range(7))]
        yield ":".join(f"{word:x}" for word in words)
        yield str(IPv6Address(b"".join(word.to_bytes(2, "big") for word in words)))
    for _ in range(4000):
        text = [*chance.choice(PLACES)]
        text[chance.randrange(len(text))] = chance.choice("0123456789abcdefAF:.% g")
        yield "".join(text)


def test_the_quick_way_to_an_address_agrees_with_the_thorough_one(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [*_addresses(random.Random(3))]
    quick = [privacy.normalise_address(text) for text in texts]
    monkeypatch.setattr(privacy, "_ordinary_address", lambda _text: None)
    thorough = [privacy.normalise_address(text) for text in texts]
    assert quick == thorough
    assert quick.count(None) < len(texts) * 0.6  # not vacuous: many are public addresses
