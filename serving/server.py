"""The process that serves: a socket of its own, uvicorn, one worker or several, an orderly end."""

import errno
import json
import signal
import socket
import sys
from collections.abc import Callable
from types import FrameType

import uvicorn

from core.errors import UserError
from core.logs import progress
from core.settings import Settings

_APP = "serving.app:create_app_from_environment"
_PORTS_TRIED = 50
_GIL_SECONDS = 0.0005
"""A background thread (a reload, the decision log) hands the interpreter back to requests this soon."""


def bind(host: str, port: int) -> socket.socket:
    """Bind the address to serve at; port 0 takes any free one.

    Raises:
        UserError: the port is taken (another one is suggested), or the host is none of this machine.
    """
    if not 0 <= port <= 65535:  # the resolver would take it modulo 65536
        raise UserError(f"port: {port} is none; ports go from 0 to 65535")
    try:
        return _bound(host, port)
    except socket.gaierror:
        raise UserError(f"host: '{host}' is no address of this machine; try 127.0.0.1") from None
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise UserError(f"port: {port} is taken by another program; {_suggestion(host, port)}") from None
        raise UserError(
            f"port: cannot serve at {host}:{port}: {error.strerror}; try another --port or --host"
        ) from None


def run(settings: Settings, listening: socket.socket, workers: int, as_json: bool) -> None:
    """Serve until SIGTERM or Ctrl-C; open requests are answered, decision records written, then it returns."""
    ending = _Ending()
    host, port = listening.getsockname()[:2]
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    if as_json:
        print(json.dumps({"address": address, "port": port, "home": str(settings.home)}), flush=True)  # noqa: T201
    progress(f"serving at {address}   (ready when {address}/readyz answers 200; Ctrl-C ends it)")
    sys.setswitchinterval(_GIL_SECONDS)
    if workers == 1:
        from serving.app import create_app

        server = _Server(_config(create_app(settings)))
        ending.stop = lambda: setattr(server, "should_exit", True)
        if not ending.is_wanted:
            server.run(sockets=[listening])
        return
    from uvicorn.supervisors import Multiprocess

    supervisor = Multiprocess(_config(_APP, workers), sockets=[listening])
    if ending.is_wanted:
        supervisor.should_exit.set()
    supervisor.run()


class _Server(uvicorn.Server):
    """Tells the app that the end has come: streams of events would keep it waiting."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.config.app.state.is_ending = True  # type: ignore[union-attr]
        super().handle_exit(sig, frame)


class _Ending:
    """Takes SIGTERM and Ctrl-C while uvicorn does not: before it serves, and when it raises them again at its end."""

    def __init__(self) -> None:
        self.is_wanted = False
        self.stop: Callable[[], None] = lambda: None
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._note)

    def _note(self, *_: object) -> None:
        self.is_wanted = True
        self.stop()


def _config(app: object, workers: int = 1) -> uvicorn.Config:
    return uvicorn.Config(
        app,  # type: ignore[arg-type]
        factory=isinstance(app, str),
        workers=workers,
        loop="uvloop",
        http="httptools",
        ws="websockets-sansio",  # Socket.IO's
        ws_per_message_deflate=False,  # 200 clients' snapshots would take seconds of the requests' time
        lifespan="on",
        access_log=False,
        log_config=None,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=10,
    )


def _bound(host: str, port: int) -> socket.socket:
    family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listening = socket.socket(family, kind)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.set_inheritable(True)
        listening.listen(512)  # at once: nobody else can take the port, and early requests wait
    except BaseException:
        listening.close()
        raise
    return listening


def _suggestion(host: str, port: int) -> str:
    for other in range(port + 1, min(port + _PORTS_TRIED, 65536)):
        try:
            _bound(host, other).close()
        except OSError:
            continue
        return f"{other} is free: --port {other}"
    return "name a free one with --port"
