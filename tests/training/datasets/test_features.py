"""Feast: training and serving see the same value, and no feature sees the future (OPS-1). Needs Feast."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from core.errors import StageError
from core.settings import Settings
from serving.online_features import OnlineFeatures

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning:ibis.*"),
]

ANNA, BERND, NOBODY = ("d_" + digit * 24 for digit in "abc")


@pytest.fixture
def device_row() -> Any:
    from datetime import datetime as at_type

    genres = ("documentary", "report", "news", "fiction", "show", "sport", "kids", "magazine")

    def row(device: str, at: at_type, **taste: float) -> dict[str, Any]:
        naive = at.replace(tzinfo=None)
        return {
            "device_key": device,
            "event_timestamp": naive,
            "created_timestamp": naive,
            "main_device_class": "tv",
            "play_count_30d": 4,
            "watched_s_30d": 4000.0,
            "days_since_last_play": 0.5,
            **{f"taste_{genre}": taste.get(genre, 0.0) for genre in genres},
        }

    return row


def test_training_and_serving_see_the_same_value(
    settings: Settings, as_of: datetime, write_devices: Any, device_row: Any
) -> None:
    from training.datasets.features import features_at, publish

    write_devices(
        [
            device_row(ANNA, as_of - timedelta(days=5), news=1.0),
            device_row(ANNA, as_of - timedelta(days=2), sport=0.75, news=0.25),
            device_row(BERND, as_of - timedelta(days=9), kids=1.0),
        ]
    )
    publish(settings, as_of)
    online = OnlineFeatures(settings)
    online.refresh()
    offline = features_at(settings, [ANNA, BERND], [as_of, as_of])
    for place, device in enumerate((ANNA, BERND)):
        served = online.taste(device)
        assert served is not None
        assert served == {genre: offline[f"taste_{genre}"][place] for genre in served}
    assert online.taste(ANNA)["sport"] == 0.75  # type: ignore[index]


def test_no_feature_sees_the_future(settings: Settings, as_of: datetime, write_devices: Any, device_row: Any) -> None:
    """A row planted one second after the time asked for is never returned, in training or in serving."""
    from training.datasets.features import features_at, publish

    asked_at = as_of - timedelta(days=1)
    write_devices(
        [
            device_row(ANNA, asked_at, news=1.0),
            device_row(ANNA, asked_at + timedelta(seconds=1), sport=1.0),
            device_row(BERND, asked_at + timedelta(seconds=1), sport=1.0),
        ]
    )
    publish(settings, asked_at)
    offline = features_at(settings, [ANNA, BERND, ANNA], [asked_at, asked_at, as_of])
    assert offline["taste_news"].tolist()[0] == 1.0
    assert offline["taste_sport"].isna().tolist() == [False, True, False]
    assert offline["taste_sport"].tolist()[2] == 1.0
    online = OnlineFeatures(settings)
    online.refresh()
    assert online.taste(ANNA)["news"] == 1.0  # type: ignore[index]
    assert online.taste(BERND) is None


def test_a_row_older_than_the_window_is_no_longer_known(
    settings: Settings, as_of: datetime, write_devices: Any, device_row: Any
) -> None:
    from training.datasets.features import features_at, publish

    write_devices([device_row(ANNA, as_of - timedelta(days=31), news=1.0), device_row(BERND, as_of, news=1.0)])
    publish(settings, as_of)
    assert features_at(settings, [ANNA], [as_of])["taste_news"].isna().all()
    online = OnlineFeatures(settings)
    online.refresh()
    assert online.taste(ANNA) is None


def test_prv_3_a_device_that_is_gone_from_the_export_is_gone_from_the_store(
    settings: Settings, as_of: datetime, write_devices: Any, device_row: Any
) -> None:
    """And serving takes up the newly published store without a restart."""
    from training.datasets.features import publish

    write_devices([device_row(ANNA, as_of, news=1.0), device_row(BERND, as_of, news=1.0)])
    publish(settings, as_of)
    online = OnlineFeatures(settings)
    online.refresh()
    assert online.taste(ANNA) is not None
    write_devices([device_row(BERND, as_of, sport=1.0)])
    publish(settings, as_of)
    online.refresh()
    assert online.taste(ANNA) is None
    assert online.taste(BERND)["sport"] == 1.0  # type: ignore[index]
    assert ANNA.encode() not in (settings.paths.feast / "online.db").read_bytes()


def test_serving_never_raises_whatever_it_is_asked(
    settings: Settings, as_of: datetime, write_devices: Any, device_row: Any
) -> None:
    from training.datasets.features import publish

    online = OnlineFeatures(settings)
    online.refresh()
    assert online.taste(ANNA) is None  # nothing was published yet
    write_devices([device_row(ANNA, as_of, news=1.0)])
    publish(settings, as_of)
    online.refresh()
    assert [online.taste(unit) for unit in (None, "", "user-7", NOBODY, "d_zz", "' or 1=1 --")] == [None] * 6


def test_a_missing_export_says_what_to_do(settings: Settings, as_of: datetime) -> None:
    from training.datasets.features import publish

    with pytest.raises(StageError, match="run the build first"):
        publish(settings, as_of)
