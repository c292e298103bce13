"""What serving's counters of caps hand over to the warehouse (HH-11). Times are UTC as naive TIMESTAMPs."""

import pyarrow as pa

# No device is named: the log knows who watched, and what is erased there (PRV-3) must not stay here.
COUNTED_PLAYS = pa.schema(
    [
        ("spot_id", pa.string()),
        ("campaign_id", pa.string()),  # null: nobody knows (linear television, AD-11)
        ("break_id", pa.string()),
        ("counted_at", pa.timestamp("us")),  # when it was decided; when it was played, once that is known
        ("state", pa.string()),  # reserved, played, released
        ("is_decided_here", pa.bool_()),  # False: heard of from elsewhere
    ]
)

RULES = pa.schema([("timezone", pa.string()), ("gap_minutes", pa.float64())])
"""One row: what ``config/ad_decision/rules.yaml`` says of caps."""
