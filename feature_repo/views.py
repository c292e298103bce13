"""Feature views: taste by genre, recency, device class and volume of a device. Household views come later."""

from datetime import timedelta

from entities import device
from feast import FeatureView, Field
from feast.types import Float64, Int64, String
from sources import device_rows

from core import settings
from core.contracts import exports

next_video_device_taste = FeatureView(
    name="next_video_device_taste",
    entities=[device],
    ttl=timedelta(days=settings.load().next_video.window_days),
    schema=[
        Field(name="main_device_class", dtype=String, description="Class of most of its plays"),
        Field(name="play_count_30d", dtype=Int64, description="Plays (NV-T2) in the window before"),
        Field(name="watched_s_30d", dtype=Float64, description="Viewing volume in the window before, seconds"),
        Field(name="days_since_last_play", dtype=Float64, description="Recency"),
        *(
            Field(name=f"taste_{genre}", dtype=Float64, description=f"Share of its plays that are {genre}, 0..1")
            for genre in exports.GENRES_WITH_TASTE
        ),
    ],
    source=device_rows,
    online=True,
    description="Only devices with consent to personalisation (PRV-2)",
)
