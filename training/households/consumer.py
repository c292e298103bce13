"""One thing after the other: orders to forget, hand-overs, commits; each a step of the feed (HH-1, HH-3).

Whatever changes the state is a step of the feed, or is followed by a checkpoint at once. So after a kill the state is
a checkpoint and the steps after it, done again without being written again; times come from the commits and never from
the clock, so that they come out the same.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from core.algorithms.households.change import Change
from core.algorithms.households.parameters import Parameters
from core.errors import StageError
from core.settings import Settings
from training.households import checkpoint, erasure, handover, publication
from training.households.documents import Documents, open_store
from training.households.feed import Feed, Step, change_line
from training.households.live_links import LiveLinks
from training.households.live_state import LiveState
from training.households.tail import Batch, Tail

_log = logging.getLogger("mediathek")


@dataclass
class FollowReport:
    """What a run did."""

    batches: int = 0
    events: int = 0
    steps: int = 0
    left_out: dict[str, int] = field(default_factory=dict)
    """What proves nothing at the end, by rule, as in the report of a batch run."""


class Consumer:
    """The state, and the feed, checkpoint and artefacts that are made of it. Needs ``ownership``."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime], parameters: Parameters | None = None) -> None:
        self.report = FollowReport()
        self._settings, self._paths = settings, settings.paths
        self._tail = Tail(self._paths, clock)
        segment_bytes = int(settings.live_households.feed_segment_megabytes * 1_000_000)
        self._feed = Feed(self._paths.household_feed, segment_bytes)
        self._documents = Documents(open_store(settings))
        self.links = LiveLinks(settings)
        self._state = LiveState(parameters)
        self._saved_seq = 0
        self.is_saved, self.is_published = True, False

    # --- after a start ---------------------------------------------------------------------------------------
    def start(self) -> None:
        """Be where the last run was: its checkpoint, and the steps it wrote since.

        Raises:
            StageError: checkpoint, ledger and feed contradict each other.
        """
        publication.sweep(self._paths)
        handover.sweep(self._paths)
        self._state.load(self._paths.household_checkpoint)
        self._saved_seq = self._state.position.seq
        if self._feed.last_seq < self._saved_seq:
            raise StageError(f"households: the feed ends before its checkpoint; remove {self._paths.households}")
        steps = 0
        for step in self._feed.steps(after=self._saved_seq):
            self._redo(step)
            steps += 1
        if steps:
            _log.info("households: %d steps after the checkpoint were done again", steps)
            self.is_saved = False
        self._update_documents()  # a kill after the checkpoint has left them as they were before it

    def _redo(self, step: Step) -> None:
        if step.cause == "batch" and self._state.position.batch_id < step.batch_id:
            batch = self._tail.upto(step.batch_id, after=self._state.position.batch_id)
            if batch is None:
                raise StageError(
                    f"households: the feed knows commit {step.batch_id} and the ledger does not; "
                    f"restore {self._paths.ledger}, or remove {self._paths.households}"
                )
            self._state.take(batch)
        if step.cause == "refresh":
            self._state.refresh()
        if step.cause == "takeover":
            for handed in handover.waiting(self._paths, self._state.position.taken_over):
                if handed.name == step.detail:
                    self._state.take_up(handed, self._tail.next, self._told_homes())
        orders = [order for order in erasure.waiting(self._paths) if order.name in str(step.detail).split()]
        if step.cause == "erase":
            self._forget(orders)
        self._state.written()
        if step.cause == "erase":
            self._erase(orders)

    # --- one thing after the other ---------------------------------------------------------------------------
    def work(self) -> bool:
        """Do what is next; False if there is nothing to do at the moment."""
        return self._carry_out_orders() or self._take_over() or self._take_batch()

    def _take_batch(self) -> bool:
        """Tell what was seen; commits that wait are taken together."""
        before = self._state.position.batch_id
        batch = self._tail.next_some(before, self._settings.live_households.step_events)
        if batch is None:
            return False
        self._state.take(batch)
        self.is_saved = False
        self.report.batches += batch.batch_id - before
        self.report.events += len(batch.device_keys)
        if not batch.is_empty:
            told, left_out = _newest(batch, self._settings.live_households.feed_sightings)
            self._write("batch", [], told, left_out)
        return True

    @property
    def is_stale(self) -> bool:
        """Commits were taken and not clustered yet."""
        return self._state.is_stale

    def refresh(self) -> None:
        """Cluster what was taken. It takes a second where a million events are known; new ones are told before."""
        changes = self._state.refresh()
        if changes:
            self._write("refresh", changes)

    def _take_over(self) -> bool:
        """Go on with the newest state that a batch run has left, if any."""
        waiting = handover.waiting(self._paths, self._state.position.taken_over)
        if not waiting:
            return False
        handed = waiting[-1]
        changes = self._state.take_up(handed, self._tail.next, self._told_homes())
        self._write("takeover", changes, detail=handed.name)
        self.publish()
        self.save()
        return True

    def _told_homes(self) -> dict[str, str]:
        """Where each device lives by what was told so far: at first, by what a batch run has published."""
        is_first = self._state.position.batch_id == 0
        return publication.published_homes(self._paths) if is_first else self._state.households.ids()

    def _carry_out_orders(self) -> bool:
        """PRV-3: forget devices in the state, in the feed, in what is published, and in older checkpoints."""
        orders = erasure.waiting(self._paths)
        done = self._state.position.erased.split()
        for order in orders:
            if order.name in done:
                order.done()  # a kill left it
        if not (orders := [order for order in orders if order.name not in done]):
            return False
        changes = self._forget(orders)
        self._write("erase", changes, detail=erasure.names_of(orders))
        self._erase(orders)
        return True

    def _forget(self, orders: list[erasure.Order]) -> list[Change]:
        keys = erasure.keys_of(orders)
        changes = self._state.forget(keys, erasure.names_of(orders))
        return erasure.blanked(changes, keys)

    def _erase(self, orders: list[erasure.Order]) -> None:
        """On disk; the orders go last, so that a kill before that has all of it done again."""
        keys = erasure.keys_of(orders)
        self._feed.erase(keys)
        self.publish()
        publication.without_devices(self._paths, keys)
        handover.clear(self._paths, up_to=handover.ALL)  # made with them; the next batch run makes one without
        self.save()
        for order in orders:
            order.done()

    def _write(
        self, cause: str, changes: list[Change], sightings: list[list[Any]] | None = None, left_out: int = 0,
        detail: str | None = None,
    ) -> None:  # fmt: skip
        position = self._state.position
        lines = [change_line(change, _text(change.at_ms)) for change in changes]
        at = _text(position.now_ms)
        step = Step(position.seq + 1, position.batch_id, at, cause, lines, sightings or [], left_out, detail)
        self._feed.append(step)
        self._state.written()
        self.is_saved = self.is_published = False
        self.report.steps += 1

    # --- what others see, and what a restart needs -----------------------------------------------------------
    def assignments(self) -> Any:
        """Return who lives where."""
        return self._state.households.assignments()

    def publish(self) -> None:
        """Write the artefacts."""
        position = self._state.position
        publication.publish(self._paths, self._state.households, position.batch_id, position.seq)
        self.is_published = True
        self.links.published()

    def link(self) -> None:
        """Bring the links to what is published, as of the newest commit."""
        self.links.refresh(_instant(self._state.position.now_ms))

    def save(self) -> None:
        """Make a checkpoint, bring the documents up to date, and drop steps that are too old (PRV-4)."""
        position = self._state.position
        checkpoint.save(self._paths.household_checkpoint, self._state.households, position)
        self._saved_seq, self.is_saved = position.seq, True
        self._update_documents()
        handover.clear(self._paths, up_to=position.taken_over)
        oldest = _instant(position.now_ms) - timedelta(days=self._settings.retention.household_feed)
        self._feed.drop_before(oldest, needed_after=position.seq)

    def _update_documents(self) -> None:
        if self._documents.are_kept:
            self._documents.update(self._paths, self.assignments(), self._state.households.leases())

    def close(self) -> None:
        """Let go of files and connections, and count what was left out."""
        self.report.left_out = self._state.households.crowds()
        self._feed.close()
        self._documents.close()


def _newest(batch: Batch, limit: int) -> tuple[list[list[Any]], int]:
    """Return the newest sightings of a batch, oldest first, and how many are left out."""
    count = len(batch.at_ms)
    order = np.argsort(np.asarray(batch.at_ms, np.int64), kind="stable")[max(0, count - limit) :].tolist()
    columns = (batch.at_ms, batch.device_keys, batch.address_keys, batch.device_classes, batch.content_ids)
    return [[column[row] for column in columns] for row in order], count - len(order)


def _instant(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, UTC)


def _text(at_ms: int) -> str:
    return _instant(at_ms).isoformat(timespec="milliseconds").replace("+00:00", "Z")
