"""The door's suite (LOG-4, PRV-1, PRV-2): what ingestion let in, before anything is built from it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from core.domain import DEVICE_CLASSES
from core.settings import Settings
from monitoring.quality.door_tables import DoorTables, read
from monitoring.quality.report import QualityReport, conclude, last_counts, newest_run
from monitoring.quality.suite import CRITICAL, WARNING, Table, great_expectations, run_suite
from monitoring.quality.summary import Measured, summary_table

if TYPE_CHECKING:
    import pandas as pd
    from great_expectations.expectations.expectation import Expectation

SUITE = "door"
EVENTS = ("click", "view", "bookmark", "unbookmark", "recommendation", "ad")
MAX_PLAYBACK_SECONDS = 48 * 3600
MAX_WATCHED_OVER_LENGTH = 1.5
"""Seconds really played over the video's length: above 1 who plays parts twice; far above 1 a broken player."""
MIN_ROWS_TO_COMPARE = 100


def check(settings: Settings, as_of: datetime) -> QualityReport:
    """Check the lake and write the report.

    Raises:
        StageError: the suite failed (the line names expectation, rows and report), or there is nothing to check.
    """
    tables = read(settings.paths, settings.monitoring.checked_rows)
    last = last_counts(settings.paths, SUITE, as_of)
    now = max(as_of, newest_run(settings.paths) or as_of)  # a backfill finds events that are younger than its day
    latest = now + timedelta(minutes=settings.ingestion.future_tolerance_minutes)
    outcomes = run_suite(
        SUITE,
        [
            Table("events", tables.events, tables.event_count, _event_expectations(latest)),
            Table("views", _views(tables), tables.event_count, _view_expectations()),
            Table("repeated_events", tables.repeated, len(tables.repeated), _repeated_expectations()),
            Table("keys", tables.keys, len(tables.keys), _key_expectations()),
            Table("catalogue", tables.catalogue, len(tables.catalogue), _catalogue_expectations()),
            Table("quarantine", tables.quarantine, tables.quarantined_count, _quarantine_expectations()),
            summary_table(_measured(settings, tables, last)),
        ],
    )
    return conclude(settings.paths, SUITE, as_of, outcomes, tables.counts)


def _views(tables: DoorTables) -> "pd.DataFrame":
    return tables.events[tables.events["event"] == "view"].reset_index(drop=True)


def _event_expectations(latest: datetime) -> "Sequence[Expectation]":
    gxe = great_expectations().expectations
    consent = ("has_personalisation_consent", "has_advertising_consent")
    return [
        gxe.ExpectColumnValuesToNotBeNull(column="event_id", description="every event has an id"),
        gxe.ExpectColumnValuesToNotBeNull(column="happened_at", description="every event has a time"),
        gxe.ExpectColumnValuesToBeBetween(
            column="happened_at",
            min_value=datetime(2000, 1, 1),  # noqa: DTZ001  # the lake's times are naive UTC
            max_value=latest.astimezone(UTC).replace(tzinfo=None),
            description="no event is from the future or from before the year 2000",
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="is_in_its_hour", value_set=[True], description="an event lies in the partition of its hour"
        ),
        gxe.ExpectColumnValuesToBeInSet(column="event", value_set=EVENTS, description="the event is a known one"),
        gxe.ExpectColumnValuesToNotBeNull(column="device_class", description="every event has a device class"),
        gxe.ExpectColumnValuesToBeInSet(
            column="device_class", value_set=DEVICE_CLASSES, description="the device class is a known one"
        ),
        *(
            gxe.ExpectColumnValuesToNotBeNull(column=name, description="consent is yes or no, never unknown (PRV-2)")
            for name in consent
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="has_key_without_consent",
            value_set=[False],
            description="without any consent no device, address or user key is kept (PRV-2)",
        ),
    ]


def _view_expectations() -> "Sequence[Expectation]":
    gxe = great_expectations().expectations
    return [
        gxe.ExpectColumnValuesToNotBeNull(column="playback_id", description="every view names its playback"),
        gxe.ExpectColumnValuesToNotBeNull(column="watched_s", description="every view says how long was played"),
        gxe.ExpectColumnValuesToBeBetween(
            column="watched_s",
            min_value=0,
            max_value=MAX_PLAYBACK_SECONDS,
            description=f"a playback plays between 0 and {MAX_PLAYBACK_SECONDS:,} seconds",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="watched_over_length",
            min_value=0,
            max_value=MAX_WATCHED_OVER_LENGTH,
            mostly=0.9,
            description=f"nine of ten views play at most {MAX_WATCHED_OVER_LENGTH:g} times the video's length",
        ),
    ]


def _repeated_expectations() -> "Sequence[Expectation]":
    gxe = great_expectations().expectations
    return [gxe.ExpectTableRowCountToEqual(value=0, description="an event id is in the lake once only")]


def _key_expectations() -> "Sequence[Expectation]":
    gxe = great_expectations().expectations
    return [
        gxe.ExpectColumnValuesToBeInSet(
            column="is_pseudonym",
            value_set=[True],
            description="a key is a keyed pseudonym, nothing that looks like a MAC or an address (PRV-1)",
        )
    ]


def _catalogue_expectations() -> "Sequence[Expectation]":
    gxe = great_expectations().expectations
    return [
        gxe.ExpectTableRowCountToBeBetween(min_value=1, description="the catalogue is not empty"),
        gxe.ExpectColumnValuesToNotBeNull(column="content_id", description="every entry has an id"),
        gxe.ExpectColumnValuesToBeUnique(column="content_id", description="an entry is in the catalogue once only"),
        gxe.ExpectColumnValuesToBeInSet(
            column="kind", value_set=["video", "page"], description="an entry is a video or a page"
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="audience", value_set=["general", "kids"], description="the audience is general or kids (NV-R1)"
        ),
        gxe.ExpectColumnValuesToNotBeNull(column="path", description="every entry has a path (NV-H2)"),
        gxe.ExpectColumnValuesToNotBeNull(
            column="is_playable", description="it is known whether an entry can be played (NV-C1)"
        ),
    ]


def _quarantine_expectations() -> "Sequence[Expectation]":
    gxe = great_expectations().expectations
    return [
        gxe.ExpectColumnValuesToNotBeNull(column="reason", description="a quarantined line has a reason (LOG-4)"),
        gxe.ExpectColumnValuesToBeInSet(
            column="is_masked",
            value_set=[True],
            description="in a quarantined line MAC and address are masked (PRV-1)",
        ),
    ]


def _measured(settings: Settings, tables: DoorTables, last: dict[str, int]) -> list[Measured]:
    bounds = settings.monitoring
    delivered = tables.counts["events"] + tables.quarantined_count
    found = [
        Measured(
            "quarantined_share",
            tables.quarantined_count / delivered,
            0,
            bounds.max_quarantined_share if delivered >= MIN_ROWS_TO_COMPARE else 1,
            f"at most {bounds.max_quarantined_share:.0%} of the events are quarantined (LOG-4)",
            CRITICAL,
        ),
        Measured(
            "quarantined_share",
            tables.quarantined_count / delivered,
            0,
            bounds.max_quarantined_share / 4,
            f"more than {bounds.max_quarantined_share / 4:.0%} quarantined events are unusual (LOG-4)",
            WARNING,
        ),
    ]
    if last.get("catalogue", 0) >= MIN_ROWS_TO_COMPARE:
        found.append(
            Measured(
                "catalogue_share_of_last_run",
                tables.counts["catalogue"] / last["catalogue"],
                1 - bounds.max_shrink_share,
                None,
                f"the catalogue did not lose more than {bounds.max_shrink_share:.0%} of its entries since the last run",
                CRITICAL,
            )
        )
    return found
