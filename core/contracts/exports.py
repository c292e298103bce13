"""Names and columns of what dbt exports as Parquet; later stages read these and nothing else of the warehouse.

A column list names what other stages rely on; a model may have more. Times are UTC, naive TIMESTAMP.
"""

DIM_CONTENT = "dim_content"
FCT_PLAYBACKS = "fct_playbacks"
FCT_SESSIONS = "fct_sessions"
FCT_CONTENT_DAYS = "fct_content_days"
FEAT_DEVICE = "feat_next_video__device"
FEAT_TRAINING_PLAYS = "feat_next_video__training_plays"
FEAT_CONTENT_COUNTS = "feat_next_video__content_counts"
FEAT_HOUSEHOLD_DEVICE = "feat_households__device"
FEAT_HOUSEHOLD = "feat_households__household"
RPT_FUNNEL = "rpt_next_video__funnel"
RPT_VIEWING_VOLUME = "rpt_next_video__viewing_volume"
RPT_DECISIONS = "rpt_next_video__decisions"
RPT_FRESHNESS = "rpt_platform__freshness"
RPT_AD_TRAFFIC = "rpt_ads__traffic"
RPT_AD_HOUSEHOLD_DAYS = "rpt_ads__household_days"
RPT_AD_BREACHES = "rpt_ads__breaches"
RPT_AD_DIFFERENCES = "rpt_ads__differences"

# fmt: off
COLUMNS: dict[str, tuple[str, ...]] = {
    # one row per catalogue entry
    DIM_CONTENT: (
        "content_id", "kind", "title", "path", "genre", "audience", "collection", "series_id", "season", "episode",
        "duration_s", "published_at", "available_from", "available_until", "is_playable", "categories",
        "is_serial", "is_kids", "is_documentary", "has_doubtful_metadata",
    ),
    # one row per playback with consent to personalisation (all lengths; whole retention)
    FCT_PLAYBACKS: (
        "playback_id", "device_key", "device_class", "content_id", "started_at", "ended_at", "watched_s",
        "duration_s", "watched_share", "is_play", "is_view", "session_id",
    ),
    # one row per session of a device
    FCT_SESSIONS: ("session_id", "device_key", "device_class", "started_at", "ended_at", "playback_count", "watched_s"),
    # one row per content, device class and UTC day: aggregates over everybody, with and without consent
    FCT_CONTENT_DAYS: (
        "content_id", "device_class", "day", "playback_count", "play_count", "view_count", "watched_s",
    ),
    # one row per device and UTC day on which it played: what was known at `event_timestamp` (exclusive)
    FEAT_DEVICE: (
        "device_key", "event_timestamp", "created_timestamp", "main_device_class", "play_count_30d", "watched_s_30d",
        "days_since_last_play", "taste_documentary", "taste_report", "taste_news", "taste_fiction", "taste_show",
        "taste_sport", "taste_kids", "taste_magazine",
    ),
    # one row per play that training may use: NV-T1 window, NV-T2, NV-T3, consent; ordered by device, time
    FEAT_TRAINING_PLAYS: ("device_key", "device_class", "content_id", "played_at", "watched_share"),
    # one row per content played in the window: NV-T3's count
    FEAT_CONTENT_COUNTS: ("content_id", "play_count", "is_trainable"),
    # one row per device with consent to advertising that lives in a household: what ad decisions may know of it (PRV-5)
    FEAT_HOUSEHOLD_DEVICE: (
        "device_key", "event_timestamp", "created_timestamp", "household_id", "membership_days", "household_confidence",
        "is_separable", "away_days_30d", "age_group", "age_group_confidence", "gender", "gender_confidence",
    ),
    # one row per household with such a device, which counts such devices only (HH-4, HH-9)
    FEAT_HOUSEHOLD: (
        "household_id", "event_timestamp", "created_timestamp", "device_count", "tv_count", "smartphone_count",
        "tablet_count", "desktop_count", "tenure_days", "confidence", "visited_household_count",
        "visiting_days_30d", "income", "income_confidence",
    ),
    # one row per step, in order: what was used and what was dropped (MC-2)
    RPT_FUNNEL: ("step_number", "step", "requirement", "device_class", "row_count", "dropped_count"),
    # one row per UTC day, device class, experiment and arm (null: none)
    RPT_VIEWING_VOLUME: (
        "day", "device_class", "experiment", "arm", "unit_count", "recommendation_count", "watched_s",
        "attributed_watched_s",
    ),
    # one row per UTC hour, device class, case and reason of serving's decisions
    RPT_DECISIONS: (
        "hour", "device_class", "case", "reason", "model_version", "arm", "decision_count", "p99_latency_ms",
    ),
    # one row per source: newest event, newest batch, rows
    RPT_FRESHNESS: ("source", "newest_at", "newest_batch_id", "row_count"),
    # one row per UTC hour and device class, over everybody
    RPT_AD_TRAFFIC: ("hour", "device_class", "report_count"),
    # one row per household (or device without one), local day and campaign: plays by the log (HH-11)
    RPT_AD_HOUSEHOLD_DAYS: (
        "viewers_id", "day", "campaign_id", "play_count", "per_day", "newest_at", "is_decided_here",
    ),
    # one row per breach of a cap that the log shows
    RPT_AD_BREACHES: ("cap", "subject", "shown", "happened_at", "play_count", "is_decided_here"),
    # one row per break and spot that log and live counters do not agree about
    RPT_AD_DIFFERENCES: ("break_id", "spot_id", "happened_at", "difference"),
}
# fmt: on

# Models that grow with the log, by the column that tells a row's UTC day. For these `Paths.export` is a folder of
# Parquet parts (core.warehouse.parts), which DuckDB and pyarrow read like a file. Ask exists(), not is_file().
PARTED_BY = {
    FCT_PLAYBACKS: "started_at",
    FCT_SESSIONS: "started_at",
    FCT_CONTENT_DAYS: "day",
    FEAT_DEVICE: "event_timestamp",
}

GENRES_WITH_TASTE = ("documentary", "report", "news", "fiction", "show", "sport", "kids", "magazine")
REGISTERED_MODEL = "next_video"
CHAMPION = "champion"
