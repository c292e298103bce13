"""Figures of a whole table (a share, a ratio to the last run) as one row that expectations look at."""

from collections.abc import Sequence
from dataclasses import dataclass

from monitoring.quality.suite import Table, great_expectations


@dataclass(frozen=True)
class Measured:
    """One figure and where it must lie; None is no bound."""

    name: str
    value: float
    low: float | None
    high: float | None
    says: str
    severity: str


def summary_table(measured: Sequence[Measured]) -> Table:
    """One row, one column a figure; a figure may be held against several bounds."""
    import pandas as pd

    gxe = great_expectations().expectations
    expectations = [
        gxe.ExpectColumnValuesToBeBetween(
            column=each.name,
            min_value=each.low,
            max_value=each.high,
            description=each.says,
            severity=each.severity,
        )
        for each in measured
    ]
    row = pd.DataFrame([{each.name: each.value for each in measured}])
    return Table("summary", row, 1, expectations)
