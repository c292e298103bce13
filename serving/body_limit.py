"""A request whose body is larger than allowed is answered with 413, by its announced and by its real size."""

import asyncio
from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.errors import error_response

_READ_ON_BYTES = 32 * 1024 * 1024
_READ_ON_SECONDS = 5.0


class TooLargeError(HTTPException):
    """413, raised while a body is read."""

    def __init__(self, max_bytes: int) -> None:
        super().__init__(413, f"body: more than {max_bytes // 1024} KB; send less, e.g. a shorter history")


class BodyLimit:
    """Middleware over the whole app."""

    def __init__(self, app: ASGIApp, max_bytes: int, larger: Mapping[str, int] | None = None) -> None:
        """Limit all bodies to ``max_bytes``, but those of the paths in ``larger`` to what stands there."""
        self._app = app
        self._max_bytes = max_bytes
        self._larger = larger or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = self._larger.get(scope["path"], self._max_bytes)
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if announced.isdigit() and int(announced[:20]) > most:
            await _read_on(receive)
            error = TooLargeError(most)
            await error_response(413, error.detail, headers={"connection": "close"})(scope, receive, send)
            return
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > most:
                if message.get("more_body"):
                    await _read_on(receive)
                raise TooLargeError(most)
            return message

        await self._app(scope, counted, send)


async def _read_on(receive: Receive) -> None:
    """Read and forget the rest, within bounds: a client still sending would see a reset connection, not the answer."""
    left = _READ_ON_BYTES
    try:
        async with asyncio.timeout(_READ_ON_SECONDS):
            while left > 0:
                message = await receive()
                if message["type"] != "http.request" or not message.get("more_body"):
                    return
                left -= len(message.get("body", b""))
    except TimeoutError:
        return
