"""A thread that does one step again and again in the background, and never dies of it."""

import logging
import threading
from collections.abc import Callable

_log = logging.getLogger("mediathek")


class Poller:
    """Calls ``step`` every so many seconds until stopped. A step that raises is logged and tried again."""

    def __init__(self, name: str, every_seconds: float, step: Callable[[], None]) -> None:
        self._every_seconds = every_seconds
        self._step = step
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stop after the step that runs now."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._step()
            except Exception:  # a thread that died would go unnoticed
                _log.exception("%s: failed, trying again", self._thread.name)
            self._stopping.wait(self._every_seconds)
