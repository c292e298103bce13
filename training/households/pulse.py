"""Tells readers that the live consumer runs: a file that is touched, also while a clustering takes long."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from core.contracts.households import PULSE_SECONDS
from core.paths import Paths


@contextmanager
def beating(paths: Paths) -> Iterator[None]:
    """Touch ``household_pulse`` every second until this ends, and remove it then; who is killed leaves it to age."""
    pulse, ended = paths.household_pulse, threading.Event()

    def beat() -> None:
        while not ended.wait(PULSE_SECONDS):
            pulse.touch()

    pulse.parent.mkdir(parents=True, exist_ok=True)
    pulse.touch()
    thread = threading.Thread(target=beat, name="households-pulse", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        pulse.unlink(missing_ok=True)
