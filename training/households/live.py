"""``mediathek households follow``: the lake's commits become households while they arrive (HH-1, HH-3)."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from core.algorithms.households.parameters import Parameters
from core.settings import Settings
from training.households import ownership, pulse
from training.households.consumer import Consumer, FollowReport

_REFRESH_PAUSE_FACTOR = 2.0
"""Clustering takes at most a third of the time; else new events are told at once."""
_PAUSE_FACTOR = 10.0
"""Publishing, linking and saving each take at most one part in so many of the time, however large the state."""


def follow(
    settings: Settings,
    clock: Callable[[], datetime],
    is_stopped: Callable[[], bool],
    wait: Callable[[float], Any] = time.sleep,
    parameters: Parameters | None = None,
) -> FollowReport:
    """Follow the lake until ``is_stopped``; what is not published or saved then is.

    Raises:
        StageError: another process owns the households of this home, or their state is damaged.
    """
    live = settings.live_households
    with ownership.owned(settings.paths, ownership.LIVE), pulse.beating(settings.paths):
        consumer = Consumer(settings, clock, parameters)
        try:
            consumer.start()
            refreshing = _Rhythm(0.0, _REFRESH_PAUSE_FACTOR)
            publishing, saving = _Rhythm(live.publish_seconds), _Rhythm(live.checkpoint_seconds)
            linking = _Rhythm(live.links_seconds)
            while not is_stopped():
                if consumer.is_stale:  # before the next commit, also after a restart: so steps do not depend on kills
                    refreshing.perhaps(consumer.refresh)
                is_busy = consumer.work()
                if not consumer.is_published:
                    publishing.perhaps(consumer.publish)
                if consumer.links.is_behind:
                    linking.perhaps(consumer.link)
                if not consumer.is_saved:
                    saving.perhaps(consumer.save)
                if not is_busy:
                    wait(live.poll_seconds)
            finish(consumer)
        finally:
            consumer.close()
    return consumer.report


def finish(consumer: Consumer) -> None:
    """Cluster, publish, link and save what has not been."""
    if consumer.is_stale:
        consumer.refresh()
    if not consumer.is_published:
        consumer.publish()
    if consumer.links.is_behind:
        consumer.link()
    if not consumer.is_saved:
        consumer.save()


class _Rhythm:
    """Does something every so many seconds, and more rarely if it takes long. At first it waits."""

    def __init__(self, seconds: float, pause_factor: float = _PAUSE_FACTOR) -> None:
        self._seconds = seconds
        self._pause_factor = pause_factor
        self._next_at = 0.0

    def perhaps(self, work: Callable[[], None]) -> None:
        began = time.monotonic()
        if began < self._next_at:
            return
        work()
        ended = time.monotonic()
        self._next_at = ended + max(self._seconds, self._pause_factor * (ended - began))
