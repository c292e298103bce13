"""`mediathek serve`: ports, sources, the token, an orderly end."""

import os
import socket
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from core.errors import UserError
from core.settings import child_environment, load
from serving.auth import load_token
from serving.cli import follow_commands
from serving.follower import Follower
from serving.server import bind


def test_a_taken_port_is_named_and_a_free_one_suggested() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(UserError, match=rf"port: {port} is taken by another program; \d+ is free: --port \d+"):
            bind("127.0.0.1", port)


def test_a_free_port_is_taken_at_once() -> None:
    with bind("127.0.0.1", 0) as listening:
        assert listening.getsockname()[0] == "127.0.0.1"
        with socket.create_connection(listening.getsockname()):
            pass


@pytest.mark.parametrize(("host", "port"), [("no such host", 0), ("192.0.2.1", 0), ("127.0.0.1", 70000)])
def test_an_address_that_cannot_be_served_is_a_clear_message(host: str, port: int) -> None:
    with pytest.raises(UserError, match=r"^(host|port): "):
        bind(host, port)


def test_loopback_is_the_default(tmp_path: Path) -> None:
    assert load({"MEDIATHEK_HOME": str(tmp_path)}).serving.host == "127.0.0.1"


def test_sources_are_a_directory_or_a_topic_and_not_both(tmp_path: Path) -> None:
    live = ["households", "follow"]
    assert follow_commands(None, None, None) == []
    assert follow_commands(tmp_path, None, None) == [["ingest", "--source", str(tmp_path), "--follow"], live]
    topic = ["ingest", "--kafka", "localhost:9092", "--topic", "views", "--follow"]
    assert follow_commands(None, "localhost:9092", "views") == [topic, live]
    for wrong in ((tmp_path / "nowhere", None, None), (None, "localhost:9092", None), (None, None, "views")):
        with pytest.raises(UserError):
            follow_commands(*wrong)
    with pytest.raises(UserError, match="not both"):
        follow_commands(tmp_path, "localhost:9092", "views")


def test_the_token_is_made_once_and_only_its_owner_can_read_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = load({"MEDIATHEK_HOME": str(tmp_path)})
    with caplog.at_level("INFO"):
        token = load_token(settings)
    assert token in caplog.text
    assert len(token) >= 32
    assert stat.S_IMODE(settings.paths.token.stat().st_mode) == 0o600
    caplog.clear()
    assert load_token(settings) == token
    assert token not in caplog.text
    assert load_token(load({"MEDIATHEK_HOME": str(tmp_path), "MEDIATHEK_TOKEN": "given"})) == "given"


def test_ingestion_beside_the_server_is_started_again_and_ends_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, world: Any
) -> None:
    """A stand-in for the command writes down every start and ends at once."""
    (tmp_path / "mediathek.py").write_text(
        "import pathlib, sys\nwith pathlib.Path('starts').open('a') as out: out.write(' '.join(sys.argv[1:]) + '\\n')\n"
    )
    (tmp_path / "guard.py").symlink_to(Path.cwd() / "guard.py")
    monkeypatch.setattr("serving.follower.PROJECT_ROOT", tmp_path)
    monkeypatch.setattr("serving.follower._FIRST_DELAY_SECONDS", 0.01)
    environment = {"PYTHONPATH": str(tmp_path), "PATH": os.environ["PATH"]}
    follower = Follower(["ingest", "--source", "somewhere", "--follow"], environment, niceness=1)
    follower.start()
    starts = tmp_path / "starts"
    world.until(lambda: starts.exists() and len(starts.read_text().splitlines()) >= 2)
    follower.stop()
    assert set(starts.read_text().splitlines()) == {"ingest --source somewhere --follow"}


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_server_told_to_end_before_it_serves_ends(tmp_path: Path, workers: str) -> None:
    """Ctrl-C while the catalogue is being read is no less meant."""
    server = subprocess.Popen(
        [sys.executable, "-m", "mediathek", "serve", "--port", "0", "--workers", workers, "--json"],
        env=child_environment(load({"MEDIATHEK_HOME": str(tmp_path), "MEDIATHEK_TOKEN": "t"})),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert server.stdout is not None
    with server.stdout:
        assert server.stdout.readline()
        server.terminate()
        assert server.wait(90) == 0
