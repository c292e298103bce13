"""How a task calls a stage: settings and time are read here, so that everything below takes them as arguments."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from airflow.sdk import get_current_context
from airflow.sdk.exceptions import AirflowFailException

from core.clock import now, parse_instant
from core.errors import StageError, UserError
from core.json_form import json_form
from core.logs import progress
from core.settings import Settings, apply_no_telemetry, load


def run_stage(stage: Callable[[Settings, datetime], Any], time: Callable[[], datetime] | None = None) -> Any:
    """Run one stage's entry point in this process and return its report as plain JSON values.

    A user's mistake and a failed stage do not get better by trying again: they fail the task at once, with their
    one line as the last of the log. Anything else (a killed process, a full disk) is retried by Airflow.
    """
    apply_no_telemetry()
    settings = load()
    as_of = (time or run_time)()
    progress(f"as of {as_of:%Y-%m-%d %H:%M:%S} UTC, home {settings.home}")
    try:
        return json_form(stage(settings, as_of))
    except (UserError, StageError) as error:
        raise AirflowFailException(str(error)) from None


def in_turn(stage: Callable[[Settings, datetime], Any]) -> Callable[[Settings, datetime], Any]:
    """Return a stage that changes the lake, so that whoever follows logs into it gives way meanwhile."""

    def given_way_to(settings: Settings, as_of: datetime) -> Any:
        from ingestion.giving_way import given_way

        with given_way(settings.paths):
            return stage(settings, as_of)

    return given_way_to


def run_time() -> datetime:
    """The time of a run: its ``as_of`` if it was triggered with one, else the end of its interval, else now.

    Runs that an asset started have no interval: they mean the present.
    """
    dag_run = get_current_context()["dag_run"]
    asked = (dag_run.conf or {}).get("as_of")
    if asked:
        return parse_instant(asked, "as_of")
    return dag_run.data_interval_end or now()


def arrival_time() -> datetime:
    """The time the door judges by: ``as_of`` if the run was triggered with one, else now, even in a backfill.

    Files hold what has happened until now, whatever day a backfill is about; judged by that day's end, all that
    came later would be quarantined as being from the future.
    """
    asked = (get_current_context()["dag_run"].conf or {}).get("as_of")
    return parse_instant(asked, "as_of") if asked else now()


def is_asked_for() -> bool:
    """Tell whether an asset's event started this run, rather than the clock or a person."""
    return bool(get_current_context()["dag_run"].run_type == "asset_triggered")
