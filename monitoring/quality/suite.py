"""Runs expectations over tables with Great Expectations: ephemeral, in memory, nothing sent anywhere.

A suite is code: a function that names tables and, for each, expectations. Severity says what a failure does:
``critical`` stops what comes after, ``warning`` is only shown.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from core.settings import apply_no_telemetry

if TYPE_CHECKING:
    from great_expectations.expectations.expectation import Expectation

MAX_EXAMPLES = 10
CRITICAL = "critical"
WARNING = "warning"


@dataclass(frozen=True)
class Table:
    """Rows to check, as read from the lake or an export."""

    name: str
    rows: pd.DataFrame
    total_count: int
    """Rows that there are; more than ``len(rows)`` where only a sample and the extremes are checked."""
    expectations: "Sequence[Expectation]"


@dataclass(frozen=True)
class Outcome:
    """What became of one expectation."""

    table: str
    column: str
    expectation: str
    """Great Expectations' name, e.g. ``expect_column_values_to_not_be_null``."""
    says: str
    """The expectation in words."""
    severity: str
    passed: bool
    observed: str
    """The observed value, where the expectation has one."""
    failed_count: int
    checked_count: int
    examples: tuple[dict[str, str], ...]
    """Up to ten rows that failed, as text; pseudonyms only."""


def great_expectations() -> Any:
    """Import the library with analytics, notices and progress bars off (they write to standard error)."""
    apply_no_telemetry()
    import great_expectations as gx

    # after the import, which sets its own level; child loggers that were set before keep theirs
    for name in ("great_expectations", "great_expectations.data_context.types.base"):
        logging.getLogger(name).setLevel(logging.WARNING)
    return gx


def run_suite(name: str, tables: Sequence[Table]) -> list[Outcome]:
    """Validate every table and return all outcomes in order."""
    gx = great_expectations()
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    source = context.data_sources.add_pandas("tables")
    outcomes: list[Outcome] = []
    for table in tables:
        batch = source.add_dataframe_asset(table.name).add_batch_definition_whole_dataframe("all")
        suite = gx.ExpectationSuite(name=f"{name}.{table.name}", expectations=list(table.expectations))
        checked = batch.get_batch(batch_parameters={"dataframe": table.rows}).validate(
            suite, result_format={"result_format": "SUMMARY", "partial_unexpected_count": MAX_EXAMPLES}
        )
        outcomes += [_outcome(table, result) for result in checked.results]
    return outcomes


def _outcome(table: Table, result: Any) -> Outcome:
    config, found = result.expectation_config, result.result or {}
    kwargs = config.kwargs
    columns = [kwargs[key] for key in ("column", "column_A", "column_B") if key in kwargs]
    failure = _raised(result.exception_info)
    return Outcome(
        table=table.name,
        column=", ".join(columns),
        expectation=config.type,
        says=config.description or config.type,
        severity=str(getattr(config.severity, "value", config.severity)),
        passed=bool(result.success),
        observed=failure or _text(found.get("observed_value")),
        failed_count=0 if result.success else int(found.get("unexpected_count") or len(table.rows)),
        checked_count=int(found.get("element_count") or len(table.rows)),
        examples=() if result.success else _examples(table.rows, found.get("partial_unexpected_index_list")),
    )


def _raised(info: Any) -> str:
    """The message of an expectation that could not be evaluated (e.g. a column that is missing)."""
    if not isinstance(info, dict):
        return ""
    if "raised_exception" in info:
        return str(info["exception_message"]) if info["raised_exception"] else ""
    return next((text for text in (_raised(each) for each in info.values()) if text), "")


def _examples(rows: pd.DataFrame, positions: Any) -> tuple[dict[str, str], ...]:
    chosen = list(range(len(rows))) if positions is None else [int(each) for each in positions]
    return tuple(
        {str(column): _text(value) for column, value in rows.iloc[position].items()}
        for position in chosen[:MAX_EXAMPLES]
    )


def _text(value: Any) -> str:
    return "" if value is None else str(value)
