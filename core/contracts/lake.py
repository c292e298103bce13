"""Schemas of the lake (written by ingestion). Every time is UTC, stored as a naive TIMESTAMP in microseconds."""

import pyarrow as pa

_AT = pa.timestamp("us")

EVENTS = pa.schema(
    [
        ("event_id", pa.string()),
        ("event", pa.string()),
        ("happened_at", _AT),  # the contract's `at`
        ("device_key", pa.string()),  # null without any consent (PRV-2)
        ("address_key", pa.string()),  # null without any consent
        ("user_key", pa.string()),  # null without login or without any consent
        ("is_mac_local", pa.bool_()),  # locally administered (randomised) MAC; null with device_key
        ("device_class", pa.string()),
        ("content_id", pa.string()),
        ("series_id", pa.string()),
        ("playback_id", pa.string()),
        ("watched_s", pa.float64()),
        ("position_s", pa.float64()),
        ("duration_s", pa.float64()),
        ("page", pa.string()),
        ("use_case", pa.string()),
        ("arm", pa.string()),
        ("items", pa.list_(pa.string())),
        ("spot_id", pa.string()),
        ("break_id", pa.string()),
        ("has_personalisation_consent", pa.bool_()),
        ("has_advertising_consent", pa.bool_()),
        ("batch_id", pa.int64()),  # the commit it came with: only grows, so later builds take up late events
    ]
)

# PRV-2: only of devices that had given the consent before; one that never did leaves no trace.
WITHDRAWALS = pa.schema(
    [
        ("device_key", pa.string()),
        ("purpose", pa.string()),  # personalisation, advertising
        ("withdrawn_at", _AT),  # of the first event without the consent after one with it
        ("batch_id", pa.int64()),
    ]
)

CATALOGUE = pa.schema(
    [
        ("content_id", pa.string()),
        ("kind", pa.string()),
        ("title", pa.string()),
        ("path", pa.string()),
        ("genre", pa.string()),
        ("audience", pa.string()),
        ("collection", pa.string()),
        ("series_id", pa.string()),
        ("season", pa.int32()),
        ("episode", pa.int32()),
        ("duration_s", pa.float64()),
        ("published_at", _AT),
        ("available_from", _AT),
        ("available_until", _AT),
        ("is_playable", pa.bool_()),
        ("categories", pa.list_(pa.string())),
        ("updated_at", _AT),
        ("batch_id", pa.int64()),
    ]
)

CAMPAIGNS = pa.schema(
    [
        ("campaign_id", pa.string()),
        ("advertiser", pa.string()),
        ("starts_at", _AT),
        ("ends_at", _AT),
        ("impressions", pa.int64()),
        ("device_split", pa.string()),  # JSON
        ("cap", pa.string()),  # JSON
        ("target", pa.string()),  # JSON
        ("spots", pa.string()),  # JSON
        ("updated_at", _AT),
        ("batch_id", pa.int64()),
    ]
)

QUARANTINE = pa.schema(
    [
        ("quarantine_id", pa.string()),
        ("kind", pa.string()),  # events, catalogue, campaigns, decisions
        ("file", pa.string()),  # relative to the source, or kafka topic/partition
        ("line", pa.int64()),  # 1-based, or the Kafka offset
        ("reason", pa.string()),
        ("field", pa.string()),
        ("message", pa.string()),  # what is wrong and what to do
        ("raw", pa.string()),  # the line with MAC and IP masked
        ("quarantined_at", _AT),
        ("batch_id", pa.int64()),
    ]
)

DECISIONS = pa.schema(
    [
        ("decision_id", pa.string()),
        ("decided_at", _AT),
        ("route", pa.string()),  # next-video
        ("case", pa.string()),  # next-episode, regular, hidden
        ("reason", pa.string()),  # NV-H1..NV-H4 or null
        ("current", pa.string()),
        ("device_class", pa.string()),
        ("unit_key", pa.string()),  # pseudonym of `unit`, or null
        ("experiment", pa.string()),
        ("arm", pa.string()),
        ("model_name", pa.string()),
        ("model_version", pa.string()),
        ("history_source", pa.string()),  # NV-U1..NV-U4 or null
        ("history_count", pa.int32()),
        ("counts", pa.string()),  # JSON: candidates before and after each rule
        ("items", pa.list_(pa.string())),
        ("sources", pa.list_(pa.string())),
        ("scores", pa.list_(pa.float64())),
        ("latency_ms", pa.float64()),
        ("inputs", pa.string()),  # JSON: what the answer can be computed from again
        ("batch_id", pa.int64()),
    ]
)
