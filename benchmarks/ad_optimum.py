"""The best that anybody could have delivered on a simulated day, knowing all of it beforehand: a linear programme."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_matrix

from benchmarks.ad_day import VALUES, Break
from core.algorithms.ads.eligibility import reason_for
from core.algorithms.ads.rules import AdRules
from core.domain.advertising import Campaign

SPLIT_TOLERANCE = 0.02
"""HH-10: the optimum, too, keeps each campaign's shares of the device classes within two percentage points."""


class _Rows:
    """Rows of ``matrix x <= bound``, gathered by name."""

    def __init__(self) -> None:
        self.names: dict[tuple[object, ...], int] = {}
        self.bounds: list[float] = []
        self.at: list[tuple[int, int, float]] = []

    def add(self, name: tuple[object, ...], bound: float, column: int, factor: float = 1.0) -> None:
        if name not in self.names:
            self.names[name] = len(self.bounds)
            self.bounds.append(bound)
        self.at.append((self.names[name], column, factor))


def upper_bound(breaks: Sequence[Break], booked: Sequence[Campaign], by: AdRules) -> float:
    """Return the value of the best assignment of spots to slots.

    Within it: slots a break, a campaign at most once in a break, its plays a household and day, what was booked, and
    the split over device classes. Left out, so that the true optimum may be a little lower: that spots are not
    divisible, the gap of five minutes, rivals, and which spot fits which slot's length.

    Raises:
        RuntimeError: HiGHS did not solve it.
    """
    rows, worth, column = _Rows(), [], 0
    of_class: dict[tuple[str, str], list[int]] = defaultdict(list)
    for opportunity, household in breaks:
        for campaign in booked:
            name = campaign.campaign_id
            reason = reason_for(campaign, opportunity.content, opportunity.viewer, by.month(opportunity.at), by)
            if reason is None:
                continue
            worth.append(VALUES[reason])
            rows.add(("slots", opportunity.break_id), len(opportunity.slots), column)
            rows.add(("booked", name), campaign.impressions, column)
            if household is not None and campaign.per_day is not None:
                rows.add(("cap", household, name), campaign.per_day, column)
            of_class[name, opportunity.device_class].append(column)
            column += 1
    _hold_splits(rows, booked, of_class)
    down, across, factors = zip(*rows.at, strict=True)
    matrix = coo_matrix((factors, (down, across)), shape=(len(rows.bounds), column)).tocsr()
    solved = linprog(-np.array(worth), A_ub=matrix, b_ub=rows.bounds, bounds=(0, 1), method="highs-ipm")
    if not solved.success:
        raise RuntimeError(f"HiGHS: {solved.message}")
    return float(-solved.fun)


def _hold_splits(rows: _Rows, booked: Sequence[Campaign], of_class: dict[tuple[str, str], list[int]]) -> None:
    for campaign in booked:
        for device_class, share in campaign.device_split.items():
            for other in campaign.device_split:
                is_own = float(other == device_class)
                for column in of_class[campaign.campaign_id, other]:
                    most = is_own - (share + SPLIT_TOLERANCE)
                    least = (share - SPLIT_TOLERANCE) - is_own
                    rows.add(("most", campaign.campaign_id, device_class), 0.0, column, most)
                    rows.add(("least", campaign.campaign_id, device_class), 0.0, column, least)
