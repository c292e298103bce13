"""A process that ends with its parent and takes everything below it along, however its parent ended (Linux).

`python guard.py PARENT_PID GRACE_SECONDS COMMAND...` starts the command in a session of its own and waits. It asks the
kernel for a signal when its parent dies and to be given the orphans among its descendants, so that even a `kill -9` of
`mediathek up` leaves nothing behind. Standard library only and no import of the project: five of these run at once.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

_SET_PARENT_DEATH_SIGNAL = 1  # prctl(2)
_SET_CHILD_SUBREAPER = 36
_STOPS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def prctl(option: int, value: int) -> None:
    """Call prctl(2) where there is one; elsewhere (macOS) a kill -9 of the parent goes unnoticed."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def adopt_orphans() -> None:
    """Have orphaned descendants handed to this process, so that it can find and end them."""
    prctl(_SET_CHILD_SUBREAPER, 1)


def die_with_parent() -> None:
    """Get SIGTERM when the parent's main thread dies."""
    prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)


def children(parent: int) -> list[int]:
    """Process ids right below ``parent``, without zombies."""
    return _by_parent().get(parent, [])


def descendants(root: int) -> list[int]:
    """Process ids below ``root``, nearest first, without zombies."""
    by_parent = _by_parent()
    found: list[int] = []
    level = [root]
    while level:
        level = [child for parent in level for child in by_parent.get(parent, ())]
        found += level
    return found


def _by_parent() -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir() if sys.platform == "linux" else ():
        if not entry.name.isdigit():
            continue
        try:
            state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
        except (OSError, ValueError):
            continue  # it ended while we looked
        if state != "Z":
            found.setdefault(int(parent), []).append(int(entry.name))
    return found


def end_descendants(root: int, grace_seconds: float) -> None:
    """Ask everything below ``root`` to end, and after the grace period end it; processes born meanwhile included.

    Zombies count as ended: whoever is their parent collects them.
    """
    deadline = time.monotonic() + grace_seconds
    asked: set[int] = set()
    while below := descendants(root):
        is_late = time.monotonic() > deadline
        for process in below:
            if is_late or process not in asked:
                asked.add(process)
                _signal(process, signal.SIGKILL if is_late else signal.SIGTERM)
        time.sleep(0.05)


def reap() -> dict[int, int]:
    """Collect ended children; exit codes by process id, negative for a signal."""
    ended: dict[int, int] = {}
    while True:
        try:
            process, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return ended
        if process == 0:
            return ended
        ended[process] = os.waitstatus_to_exitcode(status)


def _signal(process: int, number: signal.Signals) -> None:
    try:
        os.kill(process, number)
    except ProcessLookupError:
        pass


def _prepare_child() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, (*_STOPS, signal.SIGCHLD))
    die_with_parent()


def main() -> int:
    """Start the command, pass on its exit code; on a stop signal, end everything below first."""
    parent, grace_seconds, command = int(sys.argv[1]), float(sys.argv[2]), sys.argv[3:]
    signal.pthread_sigmask(signal.SIG_BLOCK, (*_STOPS, signal.SIGCHLD))
    adopt_orphans()
    die_with_parent()
    if os.getppid() != parent:
        return 0  # it died before we could ask to be told
    child = subprocess.Popen(command, start_new_session=True, preexec_fn=_prepare_child)  # noqa: PLW1509
    code = None
    while code is None:
        number = signal.sigwait((*_STOPS, signal.SIGCHLD))
        if number != signal.SIGCHLD:
            code = 0
            break
        code = reap().get(child.pid)
    end_descendants(os.getpid(), grace_seconds)
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main())
