"""Public addresses that simulated providers hand out: every one is global for Python's ``ipaddress``."""

import random
from dataclasses import dataclass, field
from ipaddress import IPv4Address


@dataclass
class Pool:
    """Free IPv4 addresses of a provider; what one customer gives back goes to a stranger."""

    stream: random.Random
    free: list[str] = field(default_factory=list)

    def take(self) -> str:
        """Take any free address."""
        place = self.stream.randrange(len(self.free))
        self.free[place], self.free[-1] = self.free[-1], self.free[place]
        return self.free.pop()

    def give_back(self, address: str) -> None:
        """Let an address go to somebody else."""
        self.free.append(address)


def pool(stream: random.Random, first: str, count: int, stride: int = 1) -> Pool:
    """Return a pool of ``count`` addresses from ``first`` on, every ``stride``-th."""
    base = int(IPv4Address(first))
    return Pool(stream, [str(IPv4Address(base + index * stride)) for index in range(count)])


def prefix(stream: random.Random, used: set[str]) -> str:
    """Return the text of a new IPv6 /64 without its interface part: ``2003:c0:1f:aa:``."""
    while True:
        text = f"2003:{stream.randrange(0xC0, 0xFF):x}:{stream.randrange(1, 0xFFFF):x}:{stream.randrange(1, 0xFFFF):x}:"
        if text not in used:
            used.add(text)
            return text
