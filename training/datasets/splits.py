"""Time-based splits. A target is one interaction to be foretold from all earlier ones of the same user."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from training.datasets.interactions import Interactions

RowArray = npt.NDArray[np.int64]
_MIN_EVALUATED = 3  # the contract: users with fewer interactions only train


@dataclass(frozen=True)
class Split:
    """Rows of ``interactions``: those that train, and the targets of validation and test (at most one a user)."""

    interactions: Interactions
    is_training: npt.NDArray[np.bool_]
    validation: RowArray
    test: RowArray

    @property
    def training(self) -> Interactions:
        return self.interactions.where(self.is_training)

    @cached_property
    def first_met_ms(self) -> npt.NDArray[np.int64]:
        """(items,) when anybody first met each item (epoch ms): the age of an item where nothing else tells it."""
        result = np.full(len(self.interactions.items), np.iinfo(np.int64).max)
        np.minimum.at(result, self.interactions.item, self.interactions.at_ms)
        return result

    def history(self, target: int) -> list[int]:
        """Items of the target's user before it, oldest first; at the test this includes the validation item."""
        start = self.interactions.starts[self.interactions.user[target]]
        items: list[int] = self.interactions.item[start:target].tolist()
        return items


def leave_one_out(interactions: Interactions) -> Split:
    """The papers' split: each user's last item is the test, the one before it validation; neither ever trains.

    Users with fewer than 3 interactions only train.
    """
    starts, ends = interactions.starts[:-1], interactions.starts[1:]
    evaluated = ends[(ends - starts) >= _MIN_EVALUATED]
    is_training = np.ones(len(interactions), dtype=bool)
    is_training[evaluated - 1] = False
    is_training[evaluated - 2] = False
    return Split(interactions, is_training, evaluated - 2, evaluated - 1)


def global_time(interactions: Interactions, validation_from_ms: int, test_from_ms: int) -> Split:
    """One cut in time for all: training before ``validation_from_ms``, test from ``test_from_ms`` on.

    The target in each span is the user's last item there that the user had not met before (what has been seen is
    never recommended, NV-P1), and it needs a history. So no model learns from anything later than what it is asked.
    """
    is_training = interactions.at_ms < validation_from_ms
    in_validation = ~is_training & (interactions.at_ms < test_from_ms)
    in_test = interactions.at_ms >= test_from_ms
    is_new = _is_first_meeting(interactions)
    return Split(
        interactions,
        is_training,
        _last_of_each_user(interactions, in_validation & is_new),
        _last_of_each_user(interactions, in_test & is_new),
    )


def time_cuts(interactions: Interactions, validation_ms: int, test_ms: int, max_share: float) -> tuple[int, int]:
    """Where validation and test start (epoch ms): spans at the end of the data, each at most a share of the rows."""
    if len(interactions) == 0:
        return 0, 0
    end = int(interactions.at_ms.max()) + 1
    shares = [1 - 2 * max_share, 1 - max_share]
    validation_floor, test_floor = (int(value) + 1 for value in np.quantile(interactions.at_ms, shares))
    test_from = max(end - test_ms, test_floor)
    return max(test_from - validation_ms, validation_floor), test_from


def _is_first_meeting(interactions: Interactions) -> npt.NDArray[np.bool_]:
    """Rows at which a user meets an item for the first time, and not as the user's first row of all."""
    pairs = interactions.user.astype(np.int64) * max(len(interactions.items), 1) + interactions.item
    _, first = np.unique(pairs, return_index=True)
    result = np.zeros(len(interactions), dtype=bool)
    result[first] = True
    starts = interactions.starts[:-1]
    result[starts[starts < len(interactions)]] = False
    return result


def _last_of_each_user(interactions: Interactions, mask: npt.NDArray[np.bool_]) -> RowArray:
    rows = np.flatnonzero(mask)
    if rows.size == 0:
        return rows
    users = interactions.user[rows]
    is_last = np.append(users[1:] != users[:-1], True)
    result: RowArray = rows[is_last]
    return result
