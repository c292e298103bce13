"""Where features come from: dbt's exports. The home is found as the code finds it, through core.settings."""

from feast import FileSource

from core import settings
from core.contracts import exports

device_rows = FileSource(
    name="feat_next_video__device",
    path=str(settings.load().paths.export(exports.FEAT_DEVICE)),
    timestamp_field="event_timestamp",
    created_timestamp_column="created_timestamp",
    description="One row per device and UTC day on which it played: what was known at event_timestamp",
)

household_device_rows = FileSource(
    name="feat_households__device",
    path=str(settings.load().paths.export(exports.FEAT_HOUSEHOLD_DEVICE)),
    timestamp_field="event_timestamp",
    created_timestamp_column="created_timestamp",
    description="Model output: one row per device with consent to advertising that lives in a household",
)

household_rows = FileSource(
    name="feat_households__household",
    path=str(settings.load().paths.export(exports.FEAT_HOUSEHOLD)),
    timestamp_field="event_timestamp",
    created_timestamp_column="created_timestamp",
    description="Model output: one row per household with such a device",
)
