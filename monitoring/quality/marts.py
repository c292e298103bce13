"""The marts' suite: what training, serving and the card are about to rely on (NV-T1..T3, NV-U1, PRV-2)."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from core.contracts import exports
from core.domain import DEVICE_CLASSES
from core.settings import Settings
from monitoring.quality.marts_tables import MartTables, read
from monitoring.quality.report import QualityReport, conclude, last_counts
from monitoring.quality.suite import CRITICAL, WARNING, Table, great_expectations, run_suite
from monitoring.quality.summary import Measured, summary_table

if TYPE_CHECKING:
    from great_expectations.expectations.expectation import Expectation

SUITE = "marts"
MIN_ROWS_TO_COMPARE = 100
_COMPARED = (exports.DIM_CONTENT, exports.FCT_PLAYBACKS, exports.FEAT_TRAINING_PLAYS)


def check(settings: Settings, as_of: datetime) -> QualityReport:
    """Check the exports and write the report.

    Raises:
        StageError: the suite failed (the line names expectation, rows and report), or an export is missing.
    """
    tables = read(settings, as_of)
    expectations = {
        exports.DIM_CONTENT: _content_expectations(),
        exports.FCT_PLAYBACKS: _playback_expectations(settings),
        exports.FEAT_DEVICE: _feature_expectations(),
        exports.FEAT_CONTENT_COUNTS: _count_expectations(settings),
        exports.FEAT_TRAINING_PLAYS: _training_expectations(settings),
    }
    outcomes = run_suite(
        SUITE,
        [
            Table("repeated_keys", tables.repeated, len(tables.repeated), _repeated_expectations()),
            *(Table(model, tables.frames[model], tables.counts[model], each) for model, each in expectations.items()),
            summary_table(_measured(settings, tables, last_counts(settings.paths, SUITE, as_of))),
        ],
    )
    return conclude(settings.paths, SUITE, as_of, outcomes, tables.counts)


def _repeated_expectations() -> "Sequence[Expectation]":
    gxe = great_expectations().expectations
    return [gxe.ExpectTableRowCountToEqual(value=0, description="a key is in its table once only")]


def _content_expectations() -> "Sequence[Expectation]":
    gxe = great_expectations().expectations
    return [
        gxe.ExpectTableRowCountToBeBetween(min_value=1, description="there is content"),
        gxe.ExpectColumnValuesToNotBeNull(column="content_id", description="every content has an id"),
        gxe.ExpectColumnValuesToNotBeNull(column="path", description="every content has a path (NV-H2)"),
    ]


def _playback_expectations(settings: Settings) -> "Sequence[Expectation]":
    gxe = great_expectations().expectations
    rules = settings.next_video
    return [
        *_not_null("playback_id", "device_key", "content_id", "started_at", "watched_s"),
        gxe.ExpectColumnValuesToBeInSet(
            column="device_class", value_set=DEVICE_CLASSES, description="the device class is a known one"
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="watched_share",
            min_value=0,
            max_value=1,
            description="the share played lies between 0 and 1",
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="play_threshold_holds",
            value_set=[True],
            description=f"a play is a playback of at least {rules.min_watched_share:.0%} (NV-T2)",
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="view_threshold_holds",
            value_set=[True],
            description=f"a view has more than {rules.view_min_seconds:g} seconds (NV-U1)",
        ),
    ]


def _feature_expectations() -> "Sequence[Expectation]":
    gxe = great_expectations().expectations
    tastes = [f"taste_{genre}" for genre in exports.GENRES_WITH_TASTE]
    found = [
        *_not_null("device_key", "event_timestamp", "main_device_class"),
        *(
            gxe.ExpectColumnValuesToNotBeNull(column=name, mostly=0.5, description=f"{name} is known for most devices")
            for name in ("play_count_30d", "watched_s_30d", "days_since_last_play", *tastes)
        ),
        *(
            gxe.ExpectColumnValuesToBeBetween(
                column=name, min_value=-1e-9, max_value=1 + 1e-9, description=f"{name} is a share"
            )
            for name in tastes
        ),
    ]
    return [
        *found,
        gxe.ExpectColumnValuesToBeBetween(column="play_count_30d", min_value=0, description="no count is negative"),
    ]


def _count_expectations(settings: Settings) -> "Sequence[Expectation]":
    gxe = great_expectations().expectations
    return [
        *_not_null("content_id", "play_count", "is_trainable"),
        gxe.ExpectColumnValuesToBeInSet(
            column="count_threshold_holds",
            value_set=[True],
            description=f"what is trained on was played at least {settings.next_video.min_plays} times (NV-T3)",
        ),
    ]


def _training_expectations(settings: Settings) -> "Sequence[Expectation]":
    gxe = great_expectations().expectations
    rules = settings.next_video
    says = {
        "is_in_window": f"a training play lies in the last {rules.window_days} days (NV-T1)",
        "has_consent": "behind a training play the log holds a view with consent to personalisation (PRV-2)",
        "is_trainable": f"a training play is of a video played at least {rules.min_plays} times (NV-T3)",
    }
    return [
        gxe.ExpectTableRowCountToBeBetween(
            min_value=1, severity=WARNING, description="there are plays to train on (none: no new model)"
        ),
        *_not_null("device_key", "content_id", "played_at"),
        gxe.ExpectColumnValuesToBeBetween(
            column="watched_share",
            min_value=rules.min_watched_share,
            description=f"a training play has at least {rules.min_watched_share:.0%} of the video (NV-T2)",
        ),
        *(
            gxe.ExpectColumnValuesToBeInSet(column=name, value_set=[True], description=text)
            for name, text in says.items()
        ),
    ]


def _not_null(*columns: str) -> "list[Expectation]":
    gxe = great_expectations().expectations
    return [gxe.ExpectColumnValuesToNotBeNull(column=name, description=f"{name} is never missing") for name in columns]


def _measured(settings: Settings, tables: MartTables, last: dict[str, int]) -> list[Measured]:
    bounds, hours = settings.monitoring, settings.next_video.window_days * 24
    found = [
        Measured(
            "events_age_hours",
            tables.events_age_hours,
            None,
            hours,
            f"the newest event is no older than the training window of {hours:,} hours (NV-T1)",
            CRITICAL,
        ),
        Measured(
            "events_age_hours",
            tables.events_age_hours,
            None,
            bounds.max_stale_hours,
            f"the newest event is no older than {bounds.max_stale_hours} hours",
            WARNING,
        ),
    ]
    shrunk = f"did not lose more than {bounds.max_shrink_share:.0%} of its rows since the last run"
    return found + [
        Measured(
            f"{model}_share_of_last_run",
            tables.counts[model] / last[model],
            1 - bounds.max_shrink_share,
            None,
            f"{model} {shrunk}",
            CRITICAL,
        )
        for model in _COMPARED
        if last.get(model, 0) >= MIN_ROWS_TO_COMPARE
    ]
