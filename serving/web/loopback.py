"""Who sits at this machine: sound is played to nobody else (AD-10)."""

import ipaddress
from urllib.parse import urlsplit

from fastapi import Request


def is_local(request: Request) -> bool:
    """Tell whether a request comes from this machine, was not passed on by a proxy, and names this machine.

    The name is looked at because a foreign page can make its own name lead here.
    """
    if any(name in request.headers for name in ("forwarded", "x-forwarded-for", "via")):
        return False
    host = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    return _is_loopback(request.client.host if request.client else "") and (host == "localhost" or _is_loopback(host))


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
