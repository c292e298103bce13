"""A unit's place in a draw."""

import hashlib


def position_of(salt: str, unit: str) -> float:
    """Place a unit evenly in [0, 1) by SHA-256 of salt and unit (53 bits, so that the float is exact)."""
    digest = hashlib.sha256(f"{salt}\x00{unit}".encode("utf-8", "surrogatepass")).digest()
    return (int.from_bytes(digest[:8], "big") >> 11) / 2**53
