"""The live consumer's state in memory: the same whether a batch is taken for the first time or again after a kill."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from core.algorithms.households.change import Change
from core.algorithms.households.model import Households
from core.algorithms.households.parameters import Parameters
from training.households import checkpoint
from training.households.checkpoint import Position
from training.households.handover import HandedOver
from training.households.tail import Batch

NextBatch = Callable[[int], Batch | None]


class LiveState:
    """Households, and how far they are."""

    def __init__(self, parameters: Parameters | None = None) -> None:
        self._parameters = parameters
        self.households = Households(parameters)
        self.position = Position()
        self.is_stale = False
        """Something was taken since the last clustering."""

    def load(self, folder: Path) -> None:
        """Take the newest checkpoint; without one, stay empty."""
        checkpoint.recover(folder)
        found = checkpoint.load(folder)
        if found is not None:
            state, self.position = found
            self.households = Households.load(state, self._parameters)
            self.is_stale = True  # perhaps: what was taken before a kill need not have been clustered

    def take(self, batch: Batch) -> None:
        """Take a commit, or several as one, into the evidence."""
        now_ms = max(self.position.now_ms, int(batch.as_of.timestamp() * 1000))
        self.position = replace(self.position, batch_id=batch.batch_id, now_ms=now_ms)
        if not batch.is_empty:
            observe(self.households, batch)
            self.is_stale = True

    def refresh(self) -> list[Change]:
        """Cluster what was taken; returns what that changed."""
        self.is_stale = False
        return self.households.refresh(self.position.now_ms)

    def take_up(self, handed: HandedOver, next_batch: NextBatch, before: dict[str, str]) -> list[Change]:
        """Go on with a batch run's state, the commits since taken into it; ids stay, and it is said what differs.

        Args:
            handed: what the batch run left.
            next_batch: gives the commit after a number.
            before: the household of each device by what was told so far.
        """
        households = Households.load(handed.state, self._parameters)
        newest = handed.batch_id
        while newest < self.position.batch_id and (batch := next_batch(newest)) is not None:
            observe(households, batch)
            newest = batch.batch_id
        if before:
            households.keep_ids(before)
        self.is_stale = False
        changes = households.refresh(self.position.now_ms)
        gone = before.keys() - households.ids().keys()
        self.households = households
        self.position = replace(self.position, batch_id=newest, taken_over=handed.name)
        left = [Change("leave", before[key], key, None, self.position.now_ms, "gone") for key in sorted(gone)]
        return [*left, *changes]

    def forget(self, device_keys: list[str], orders: str) -> list[Change]:
        """Forget devices; ``orders`` names what asked for it."""
        self.households.forget(device_keys)
        self.position = replace(self.position, erased=orders)
        return self.refresh()

    def written(self) -> None:
        """A step was written."""
        self.position = replace(self.position, seq=self.position.seq + 1)


def observe(households: Households, batch: Batch) -> None:
    """Put a commit into the evidence: events, then withdrawals, then what retention has dropped."""
    households.observe(
        batch.device_keys, batch.address_keys, batch.at_ms, batch.device_classes, batch.is_mac_local, batch.user_keys
    )
    for device_key, at_ms in batch.withdrawals:
        households.withdraw(device_key, at_ms)
    if batch.events_kept_from_ms:
        households.expire(batch.events_kept_from_ms)
