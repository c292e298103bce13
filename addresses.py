"""Where the started programs listen: the ports that are free, written down so that the pages can link to them."""

import json
import socket
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from core.errors import UserError
from core.settings import Settings
from core.storage import write_text

_HOST = "127.0.0.1"
_AIRFLOW_PORT = 8080
_MLFLOW_PORT = 5000
_TRIES = 100


@dataclass(frozen=True)
class Addresses:
    """URLs without a slash at the end; ``docs`` is dbt's documentation, served among the pages."""

    api: str
    airflow: str
    mlflow: str
    docs: str


def port_of(address: str) -> int:
    """Return the port of an address that we made."""
    return int(address.rpartition(":")[2])


def choose(settings: Settings, port: int | None, say: Callable[[str], None]) -> Addresses:
    """Choose a free port for each program, the usual one if it can be had, and write the addresses down.

    Raises:
        UserError: a hundred ports in a row are taken.
    """
    chosen: list[int] = []
    wanted = (("the pages", port or settings.serving.port), ("Airflow", _AIRFLOW_PORT), ("MLflow", _MLFLOW_PORT))
    for name, usual in wanted:
        chosen.append(_free_port(name, usual, chosen, say))
    addresses = _on_ports(*chosen)
    write_text(_file(settings), json.dumps(asdict(addresses), indent=2) + "\n")
    return addresses


def last_chosen(settings: Settings) -> Addresses:
    """Return what the last `mediathek up` over this home chose, or the usual addresses."""
    try:
        return Addresses(**json.loads(_file(settings).read_text()))
    except (OSError, ValueError, TypeError):
        return _on_ports(settings.serving.port, _AIRFLOW_PORT, _MLFLOW_PORT)


def _on_ports(api: int, airflow: int, mlflow: int) -> Addresses:
    pages = f"http://{_HOST}:{api}"
    return Addresses(
        api=pages, airflow=f"http://{_HOST}:{airflow}", mlflow=f"http://{_HOST}:{mlflow}", docs=f"{pages}/docs/dbt/"
    )


def _file(settings: Settings) -> Path:
    return settings.home / "addresses.json"


def _free_port(name: str, usual: int, taken: list[int], say: Callable[[str], None]) -> int:
    for candidate in range(usual, usual + _TRIES):
        if candidate not in taken and is_free(candidate):
            if candidate != usual:
                say(f"port {usual} for {name} is taken by another program: using {candidate}")
            return candidate
    raise UserError(f"port: {usual} to {usual + _TRIES - 1} are all taken; name a free one with --port")


def is_free(port: int) -> bool:
    """Tell whether a server could listen on this port of the loopback interface now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError:
            return False
    return True
