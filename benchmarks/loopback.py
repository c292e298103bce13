"""Servers on loopback that a benchmark starts: a free port, and waiting until one answers."""

import socket
import time
import urllib.request


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def wait_for(address: str, seconds: float = 300.0) -> None:
    """Return once the address answers 200.

    Raises:
        OSError: it did not in time.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5):  # noqa: S310 - our own server
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
