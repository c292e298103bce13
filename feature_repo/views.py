"""Feature views: taste, recency and volume of a device for recommendations; households for ad decisions alone."""

from datetime import timedelta

from entities import device, household
from feast import FeatureView, Field
from feast.types import Bool, Float64, Int64, String
from sources import device_rows, household_device_rows, household_rows

from core import settings
from core.contracts import exports
from core.domain import DEVICE_CLASSES

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

ad_decision_device = FeatureView(
    name="ad_decision_device",
    entities=[device],
    ttl=timedelta(days=settings.load().next_video.window_days),
    schema=[
        Field(name="household_id", dtype=String, description="The household in which it lives"),
        Field(name="membership_days", dtype=Float64, description="Days since it has been counted to it"),
        Field(name="household_confidence", dtype=Float64, description="How sure that is, 0..1"),
        Field(name="is_separable", dtype=Bool, description="False: more than one household may share the router"),
        Field(name="away_days_30d", dtype=Int64, description="Days seen in another household's home"),
        Field(name="age_group", dtype=String, description="Inferred, or not sure (HH-6)"),
        Field(name="age_group_confidence", dtype=Float64, description="0..1"),
        Field(name="gender", dtype=String, description="Inferred, or not sure (HH-6)"),
        Field(name="gender_confidence", dtype=Float64, description="0..1"),
    ],
    source=household_device_rows,
    online=True,
    tags={"is_model_output": "true", "consent": "advertising"},
    description="For ad decisions only, never for recommendations (PRV-5); devices with consent to advertising",
)

ad_decision_household = FeatureView(
    name="ad_decision_household",
    entities=[household],
    ttl=timedelta(days=settings.load().next_video.window_days),
    schema=[
        Field(name="device_count", dtype=Int64, description="Devices with consent to advertising"),
        *(
            Field(name=f"{device_class}_count", dtype=Int64, description=f"Of these, {device_class}")
            for device_class in DEVICE_CLASSES
        ),
        Field(name="tenure_days", dtype=Float64, description="Days that the longest-known of them has been there"),
        Field(name="confidence", dtype=Float64, description="Mean confidence of their assignments, 0..1"),
        Field(name="visited_household_count", dtype=Int64, description="Households visited on two days or more (HH-4)"),
        Field(name="visiting_days_30d", dtype=Int64, description="Days of those visits"),
        Field(name="income", dtype=String, description="Inferred class, or not sure (HH-9)"),
        Field(name="income_confidence", dtype=Float64, description="0..1"),
    ],
    source=household_rows,
    online=True,
    tags={"is_model_output": "true", "consent": "advertising"},
    description="For ad decisions only, never for recommendations (PRV-5)",
)
