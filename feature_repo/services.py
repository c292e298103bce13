"""Feature services: what one request reads, in one go."""

from feast import FeatureService
from views import ad_decision_device, ad_decision_household, next_video_device_taste

next_video = FeatureService(
    name="next_video",
    features=[next_video_device_taste],
    description="Read by training (point in time) and by serving (online) alike",
)

household_features = FeatureService(
    name="household_features",
    features=[ad_decision_device, ad_decision_household],
    description="Read by ad decisions, with consent to advertising (PRV-5); the recommender has no business here",
)
