"""Schemas of what is known of households. Times are UTC as naive TIMESTAMPs; keys are pseudonyms (PRV-1)."""

import pyarrow as pa

_AT = pa.timestamp("us")

FEED_SEQ = b"household_feed_seq"
"""Metadata of assignments.parquet: the last step of ``household_feed`` within. The live consumer writes it, a batch run
writes 0 or nothing; who reads the file goes on with the steps after it (0: with those that are still to come)."""

STEP_FIELDS = ("seq", "batch_id", "at", "cause", "changes", "sightings", "sightings_left_out", "detail")
"""One line of ``household_feed``, a JSON object; ``seq`` has no gaps and a line never changes its length or place.

``cause`` is batch (commits were taken: sightings), refresh (they are clustered: changes), takeover (a batch run's state
was taken) or erase (devices were forgotten; old lines are blanked in place): after the last two take a new snapshot. A
line without its newline is not whole yet.
"""

PULSE_SECONDS = 1.0
"""``household_pulse`` is touched so often; one that is older than ten times that is a dead consumer's."""

ASSIGNMENTS = pa.schema(
    [
        ("device_key", pa.string()),
        ("household_id", pa.string()),
        ("from_at", _AT),
        ("until_at", _AT),  # null: still so
        ("confidence", pa.float64()),  # 0..1
        ("reason", pa.string()),  # as in CHANGES
        ("is_separable", pa.bool_()),  # false: more than one household may live behind this router
    ]
)

VISITS = pa.schema(
    [
        ("device_key", pa.string()),
        ("household_id", pa.string()),  # where the device lives
        ("host_household_id", pa.string()),  # in whose lease it was seen
        ("day", pa.date32()),
        ("is_night", pa.bool_()),
        ("minutes", pa.float64()),  # from the first to the last sighting of the visit
        ("last_at", _AT),
    ]
)

LEASES = pa.schema(
    [
        ("address_key", pa.string()),
        ("day", pa.date32()),  # an address has another key each UTC day
        ("from_at", _AT),
        ("until_at", _AT),
        ("household_id", pa.string()),  # null where kind is not home
        ("kind", pa.string()),  # home, shared, public, mobile, unknown
        ("device_count", pa.int32()),
        ("event_count", pa.int32()),
    ]
)

LINKS = pa.schema(
    [
        ("household_a", pa.string()),  # a < b
        ("household_b", pa.string()),
        ("weight", pa.float64()),  # 0..1
        ("visit_days", pa.int32()),
        ("shared_lift", pa.float64()),  # shared content over what its popularity gives by chance; null: nothing shared
        ("shared_lift_low", pa.float64()),
        ("shared_lift_high", pa.float64()),
        ("first_at", _AT),
        ("last_at", _AT),
        ("evidence", pa.string()),
    ]
)

INFERENCES = pa.schema(
    [
        ("device_key", pa.string()),  # null where it is said of the household
        ("household_id", pa.string()),
        ("what", pa.string()),  # age_group, gender, income
        ("value", pa.string()),  # or "not sure"
        ("confidence", pa.float64()),  # calibrated, 0..1
        ("model_version", pa.string()),
    ]
)

CHANGES = pa.schema(
    [
        ("change", pa.string()),  # new, join, leave, split, merge, revert
        ("household_id", pa.string()),
        ("device_key", pa.string()),
        ("other_household_id", pa.string()),
        ("at", _AT),
        ("reason", pa.string()),
    ]
)

EVIDENCE = pa.schema(
    [
        ("device_key", pa.string()),
        ("household_id", pa.string()),
        ("days", pa.int32()),  # on which it was seen in the household's leases
        ("nights", pa.int32()),
        ("addresses", pa.int32()),  # of the household, at which it was seen
        ("days_elsewhere", pa.int32()),
        ("co_seen_device_key", pa.string()),  # the device it was seen with on most days; null: none
        ("co_seen_days", pa.int32()),
    ]
)
"""One row a device that lives somewhere now: ``Households.why`` as counts, for the words on the page (HH-3)."""
