"""A taken port is named and another one chosen; the pages read what was chosen."""

import json
import socket
from collections.abc import Iterator

import pytest

from addresses import choose, is_free, last_chosen, port_of
from core.settings import Settings


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that another program listens on."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_a_taken_port_is_named_and_the_next_free_one_is_used(settings: Settings, taken: int) -> None:
    said: list[str] = []
    addresses = choose(settings, taken, said.append)
    assert port_of(addresses.api) > taken
    assert any(f"port {taken} for the pages is taken" in line and str(port_of(addresses.api)) in line for line in said)


def test_no_two_programs_get_the_same_port(settings: Settings) -> None:
    addresses = choose(settings, 8080, lambda _: None)
    assert len({addresses.api, addresses.airflow, addresses.mlflow}) == 3


def test_the_choice_is_written_down_for_the_pages(settings: Settings) -> None:
    addresses = choose(settings, None, lambda _: None)
    written = json.loads((settings.home / "addresses.json").read_text())
    assert written["airflow"] == addresses.airflow
    assert set(written) == {"api", "airflow", "mlflow", "docs"}
    assert last_chosen(settings) == addresses


def test_everything_listens_on_loopback(settings: Settings) -> None:
    addresses = choose(settings, None, lambda _: None)
    for address in (addresses.api, addresses.airflow, addresses.mlflow):
        assert address.startswith("http://127.0.0.1:")


def test_a_listener_makes_a_port_taken(taken: int) -> None:
    assert not is_free(taken)
