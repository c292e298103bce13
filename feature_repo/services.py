"""Feature services: what one request reads, in one go."""

from feast import FeatureService
from views import next_video_device_taste

next_video = FeatureService(
    name="next_video",
    features=[next_video_device_taste],
    description="Read by training (point in time) and by serving (online) alike",
)
