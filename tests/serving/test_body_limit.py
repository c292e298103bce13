"""What happens to a body that is too large: it is read to its end before the answer, so that the client sees the answer."""

import asyncio
from typing import Any

import pytest

from serving.body_limit import BodyLimit


async def reads_all(scope: Any, receive: Any, send: Any) -> None:
    while (await receive()).get("more_body"):
        pass


@pytest.mark.parametrize("headers", [[(b"content-length", b"4000")], []], ids=["announced", "not announced"])
def test_the_rest_of_a_body_too_large_is_read_before_413(headers: list[tuple[bytes, bytes]]) -> None:
    chunks = [{"type": "http.request", "body": b"x" * 1000, "more_body": number < 3} for number in range(4)]
    sent: list[Any] = []

    async def receive() -> Any:
        return chunks.pop(0)

    async def send(message: Any) -> None:
        sent.append((message, len(chunks)))

    async def ask() -> None:
        scope = {"type": "http", "headers": headers, "method": "POST", "path": "/"}
        await BodyLimit(reads_all, max_bytes=1500)(scope, receive, send)

    if headers:
        asyncio.run(ask())
        assert sent[0][0]["status"] == 413
        assert sent[0][1] == 0  # nothing was left unread when the answer began
    else:
        with pytest.raises(Exception, match="more than 1 KB"):  # the app's handler makes 413 of it
            asyncio.run(ask())
        assert chunks == []


def test_a_client_that_never_stops_is_answered_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("serving.body_limit._READ_ON_BYTES", 10_000)
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"x" * 1000, "more_body": True}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "headers": [(b"content-length", b"99999999")], "method": "POST", "path": "/"}
    asyncio.run(BodyLimit(reads_all, max_bytes=1500)(scope, receive, send))
    assert sent[0]["status"] == 413
