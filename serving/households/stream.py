"""Socket.IO namespace ``/households``: a snapshot, then every delta in order, to each client at its own pace (HH-3).

Nothing is queued for a client that is slow: it has a place (the version it was sent last), and is sent what follows
once it has taken what it has. When what follows is no longer kept, it gets a snapshot. Whoever comes back names its
place in the handshake (``{"token", "epoch", "seq"}``) and goes on from there. A ``status`` beside them says whether
anybody takes up what happens: ``{"is_live", "published_at"}``.
"""

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import Sequence
from http.cookies import SimpleCookie
from typing import Any

import engineio
import orjson
import socketio

from serving.auth import is_token
from serving.households.graph_client import GraphClient

NAMESPACE = "/households"
PATH = "/socket.io"
_log = logging.getLogger("mediathek")
_TICK_SECONDS = 0.15
_WAITING_PACKETS = 4
_SNAPSHOTS_AT_ONCE = 4
_DELTAS_AT_ONCE = 50
_SENT_IN_A_ROW = 8
_BREATH_SECONDS = 0.001  # requests come first
_MOST_CLIENTS = 1000
_COOKIE = "mediathek_token"


class _Json:
    """Socket.IO's JSON by orjson, which takes what is written out already as it is."""

    @staticmethod
    def dumps(value: Any, **_: Any) -> str:
        return orjson.dumps(value).decode()

    @staticmethod
    def loads(text: str | bytes, **_: Any) -> Any:
        return orjson.loads(text)


class HouseholdStream:
    """All clients of one process. ``app`` is the ASGI app to mount at ``PATH``; ``run`` sends until cancelled."""

    def __init__(self, graph: GraphClient, token: str) -> None:
        self._graph, self._token = graph, token
        self._sio = socketio.AsyncServer(
            async_mode="asgi", json=_Json, max_http_buffer_size=16_384, ping_interval=5, ping_timeout=20,
            namespaces=[NAMESPACE],
        )  # fmt: skip
        self._place: dict[str, int] = {}
        self._told_live: dict[str, bool] = {}
        self._sio.on("connect", self._connect, namespace=NAMESPACE)
        self._sio.on("disconnect", self._disconnect, namespace=NAMESPACE)
        self._sio.on("*", _ignore, namespace=NAMESPACE)
        self._somebody: asyncio.Event | None = None
        self.app = socketio.ASGIApp(self._sio, socketio_path=PATH)

    @property
    def client_count(self) -> int:
        return len(self._place)

    async def run(self) -> None:
        """While somebody watches: take up what is new, in a thread, and send each client what follows."""
        self._somebody = somebody = asyncio.Event()
        while True:
            if not self._place:
                somebody.clear()
                await somebody.wait()
            try:
                await asyncio.to_thread(self._graph.refresh)
                await self._send()
            except Exception:  # a task that died would go unnoticed
                _log.exception("households: the stream failed, trying again")
            await asyncio.sleep(_TICK_SECONDS)

    # --- clients ---------------------------------------------------------------------------------------------
    async def _connect(self, sid: str, environ: dict[str, Any], auth: Any) -> None:
        given = auth if isinstance(auth, dict) else {"token": auth}
        if not self._is_allowed(given.get("token"), environ):
            raise socketio.exceptions.ConnectionRefusedError("the token is missing or wrong")
        if len(self._place) >= _MOST_CLIENTS:
            raise socketio.exceptions.ConnectionRefusedError("too many clients; try again later")
        seq = given.get("seq", given.get("last_seq"))
        is_ours = given.get("epoch") in (None, self._graph.epoch)
        self._place[sid] = seq if isinstance(seq, int) and is_ours else -1
        if self._somebody is not None:
            self._somebody.set()

    async def _disconnect(self, sid: str, *_: Any) -> None:
        self._place.pop(sid, None)
        self._told_live.pop(sid, None)

    def _is_allowed(self, token: Any, environ: dict[str, Any]) -> bool:
        """The token: in the handshake, as a bearer, or in the cookie of the page (same site only)."""
        cookie = SimpleCookie()
        with contextlib.suppress(Exception):
            cookie.load(environ.get("HTTP_COOKIE", ""))
        bearer = str(environ.get("HTTP_AUTHORIZATION", "")).removeprefix("Bearer ")
        given = [token, bearer, cookie[_COOKIE].value if _COOKIE in cookie else ""]
        return any(isinstance(each, str) and is_token(each.strip(), self._token) for each in given)

    # --- sending ---------------------------------------------------------------------------------------------
    async def _send(self) -> None:
        """Everybody who has taken what was sent before gets what follows; who stands at one place is served at once."""
        standing: defaultdict[int, list[str]] = defaultdict(list)
        busy = 0
        for sid, place in list(self._place.items()):
            waiting = self._waiting(sid)
            if waiting == 0 and place != self._graph.versions.seq:
                standing[place].append(sid)
            busy += waiting > 0
        for place, sids in standing.items():
            following = self._graph.versions.after(place, _DELTAS_AT_ONCE)
            if following is None:
                await self._send_snapshot(sids[: max(0, _SNAPSHOTS_AT_ONCE - busy)])
                continue
            for version in following[:_WAITING_PACKETS]:
                await self._emit("delta", version.body, version.seq, sids)

        await self._send_status()

    async def _send_status(self) -> None:
        """To everybody who has a picture and was told otherwise, or nothing."""
        status = self._graph.status
        is_live = bool(status.get("is_live"))
        for sid, place in list(self._place.items()):
            if place >= 0 and self._told_live.get(sid) is not is_live and self._waiting(sid) == 0:
                self._told_live[sid] = is_live
                await self._sio.emit("status", status, to=sid, namespace=NAMESPACE)

    async def _send_snapshot(self, sids: Sequence[str]) -> None:
        if sids:
            seq, body = await asyncio.to_thread(self._graph.snapshot)
            await self._emit("snapshot", body, seq, sids)

    async def _emit(self, event: str, body: bytes, seq: int, sids: Sequence[str]) -> None:
        """Written out once for all. A place moves on first, so that nothing is sent twice; requests get their turn."""
        written = socketio.packet.Packet(socketio.packet.EVENT, [event, orjson.Fragment(body)], NAMESPACE).encode()
        packet = engineio.packet.Packet(engineio.packet.MESSAGE, written)
        for number, sid in enumerate(sids, 1):
            eio_sid = self._sio.manager.eio_sid_from_sid(sid, NAMESPACE)
            if sid in self._place and eio_sid is not None:
                self._place[sid] = seq
                await self._sio.eio.send_packet(eio_sid, packet)
            if number % _SENT_IN_A_ROW == 0:
                await asyncio.sleep(_BREATH_SECONDS)

    def _waiting(self, sid: str) -> int:
        """How many packets a client has not taken yet; one that is not there yet counts as busy."""
        manager = self._sio.manager
        eio_sid = manager.eio_sid_from_sid(sid, NAMESPACE) if manager.is_connected(sid, NAMESPACE) else None
        socket = self._sio.eio.sockets.get(eio_sid)
        return 1 if socket is None else int(socket.queue.qsize())


async def _ignore(*_: Any) -> None:
    """Clients have nothing to say."""
