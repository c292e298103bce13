"""OPS-1: started processes are supervised, and nothing outlives the one that started them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import guard
from core.paths import PROJECT_ROOT
from supervisor import Service, Supervisor

GRANDCHILD = (
    "import subprocess, sys, time, os\n"
    "child = subprocess.Popen([sys.executable, '-S', '-c', 'import time; time.sleep(300)'], start_new_session=True)\n"
    "open(sys.argv[1], 'w').write(f'{os.getpid()} {child.pid}')\n"
    "time.sleep(300)\n"
)


def wait_for(probe: Callable[[], Any], seconds: float = 90) -> Any:
    """Ask until the answer is a true one."""
    deadline = time.monotonic() + seconds
    while not (answer := probe()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
    return answer


def is_running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def service(tmp_path: Path, code: str, *arguments: str) -> Service:
    command = (sys.executable, "-S", "-c", code, *arguments)
    return Service("sample", command, dict(os.environ), tmp_path / "sample.log", grace_seconds=1)


@pytest.fixture
def said() -> list[str]:
    return []


def pids_in(file: Path) -> list[int]:
    return [int(word) for word in file.read_text().split()] if file.exists() else []


def test_stop_ends_grandchildren_even_in_a_session_of_their_own(tmp_path: Path, said: list[str]) -> None:
    supervisor = Supervisor(said.append)
    supervisor.keep(service(tmp_path, GRANDCHILD, str(tmp_path / "pids")))
    pids = wait_for(lambda: pids_in(tmp_path / "pids"))
    assert all(is_running(pid) for pid in pids)
    supervisor.stop()
    assert not any(is_running(pid) for pid in pids)


def test_a_process_that_ignores_the_request_to_end_is_ended_after_its_grace(tmp_path: Path, said: list[str]) -> None:
    stubborn = (
        "import os, signal, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "open(sys.argv[1], 'w').write(str(os.getpid()))\n"
        "time.sleep(300)\n"
    )
    supervisor = Supervisor(said.append)
    supervisor.keep(service(tmp_path, stubborn, str(tmp_path / "pids")))
    (pid,) = wait_for(lambda: pids_in(tmp_path / "pids"))
    supervisor.stop()
    assert not is_running(pid)


def test_what_dies_is_started_again_and_a_line_says_so(tmp_path: Path, said: list[str]) -> None:
    code = "import sys; open(sys.argv[1], 'a').write('x'); sys.exit(3)"
    supervisor = Supervisor(said.append)
    supervisor.keep(service(tmp_path, code, str(tmp_path / "starts")))

    def started_twice() -> bool:
        supervisor.tick()
        return (tmp_path / "starts").exists() and len((tmp_path / "starts").read_text()) >= 2

    wait_for(started_twice)
    supervisor.stop()
    assert said
    assert "sample ended (exit code 3)" in said[0]
    assert str(tmp_path / "sample.log") in said[0]


def test_each_restart_waits_longer_than_the_one_before(tmp_path: Path, said: list[str]) -> None:
    supervisor = Supervisor(said.append)
    supervisor.keep(service(tmp_path, "raise SystemExit(1)"))

    def ended_twice() -> bool:
        supervisor.tick()
        return len(said) >= 2

    wait_for(ended_twice)
    supervisor.stop()
    assert "again in 1 s" in said[0]
    assert "again in 2 s" in said[1]


def test_kill_minus_nine_of_the_supervisor_leaves_nothing_behind(tmp_path: Path) -> None:
    code = (
        "import os, sys, time\n"
        "from pathlib import Path\n"
        "from supervisor import Service, Supervisor\n"
        "keeper = Supervisor(print)\n"
        "command = (sys.executable, '-S', '-c', sys.argv[1], sys.argv[2])\n"
        "keeper.keep(Service('sample', command, dict(os.environ), Path(sys.argv[3]), 1))\n"
        "time.sleep(300)\n"
    )
    arguments = [GRANDCHILD, str(tmp_path / "pids"), str(tmp_path / "log")]
    keeper = subprocess.Popen([sys.executable, "-c", code, *arguments], cwd=PROJECT_ROOT)
    pids = wait_for(lambda: pids_in(tmp_path / "pids"))
    keeper.send_signal(signal.SIGKILL)
    keeper.wait()
    wait_for(lambda: not any(is_running(pid) for pid in pids))


def test_what_a_killed_guard_leaves_behind_is_ended_before_the_restart(tmp_path: Path, said: list[str]) -> None:
    supervisor = Supervisor(said.append)
    supervisor.keep(service(tmp_path, GRANDCHILD, str(tmp_path / "pids")))
    first = wait_for(lambda: pids_in(tmp_path / "pids"))
    (guarding,) = [pid for pid in guard.descendants(os.getpid()) if "guard.py" in command_line(pid)]
    os.kill(guarding, signal.SIGKILL)

    def is_restarted() -> bool:
        supervisor.tick()
        return pids_in(tmp_path / "pids") not in ([], first)

    wait_for(is_restarted)
    second = pids_in(tmp_path / "pids")
    assert not any(is_running(pid) for pid in first)
    supervisor.stop()
    assert not any(is_running(pid) for pid in second)


def command_line(process: int) -> str:
    try:
        return Path(f"/proc/{process}/cmdline").read_text()
    except OSError:
        return ""
