"""One task at a time beside its caller: reading goes on while DuckDB screens, screening while files are written."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor


class Alongside:
    """A thread for one task at a time. What a task raises is raised where one waits for it."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1)
        self._running: Future[None] | None = None

    def start(self, task: Callable[[], None]) -> None:
        """Start a task when the one before has ended."""
        self.wait()
        self._running = self._pool.submit(task)

    def wait(self) -> None:
        """Wait for the task under way, if there is one."""
        running, self._running = self._running, None
        if running is not None:
            running.result()

    def close(self) -> None:
        """Let the task under way end, whatever comes of it."""
        self._pool.shutdown()
