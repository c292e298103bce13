"""Household features in Feast: for ad decisions with consent, and never for the recommender (HH-6, HH-9, PRV-5)."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.contracts import exports
from core.feature_store import SERVICE, repo_config
from core.settings import Settings

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning:ibis.*"),
]

ANNA = "d_" + "a" * 24


def write(file: Path, rows: list[dict[str, Any]], schema: pa.Schema | None = None) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), file)


@pytest.fixture
def rows(as_of: datetime) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """What dbt exports: of a device for the recommender, of the same for ad decisions, of its household."""
    times = dict.fromkeys(("event_timestamp", "created_timestamp"), as_of.replace(tzinfo=None))
    early = dict.fromkeys(times, as_of.replace(tzinfo=None) - timedelta(days=1))
    taste = {f"taste_{genre}": 0.0 for genre in exports.GENRES_WITH_TASTE}
    known = {"main_device_class": "tv", "play_count_30d": 4, "watched_s_30d": 4000.0, "days_since_last_play": 0.5}
    device = {
        "household_id": "hh-1", "membership_days": 9.0, "household_confidence": 0.9, "is_separable": True,
        "away_days_30d": 2, "age_group": "30-49", "age_group_confidence": 0.7, "gender": "not sure",
        "gender_confidence": 0.55,
    }  # fmt: skip
    household = {
        "device_count": 3, "tv_count": 1, "smartphone_count": 2, "tablet_count": 0, "desktop_count": 0,
        "tenure_days": 20.0, "confidence": 0.8, "visited_household_count": 1,
        "visiting_days_30d": 4, "income": "high", "income_confidence": 0.6,
    }  # fmt: skip
    return (
        {"device_key": ANNA, **early, **known, **taste},
        {"device_key": ANNA, **times, **device},
        {"household_id": "hh-1", **times, **household},
    )


def test_ad_decisions_read_households_and_the_recommender_none_of_it(
    settings: Settings, as_of: datetime, rows: tuple[dict[str, Any], ...]
) -> None:
    from feast import FeatureStore, RepoConfig

    from training.datasets.features import publish

    names = (exports.FEAT_DEVICE, exports.FEAT_HOUSEHOLD_DEVICE, exports.FEAT_HOUSEHOLD)
    for name, row in zip(names, rows, strict=True):
        write(settings.paths.export(name), [row])
    report = publish(settings, as_of)
    assert (report.devices, report.households) == (1, 1)

    store = FeatureStore(config=RepoConfig(repo_path=settings.home, **repo_config(settings.paths.feast)))
    service = store.get_feature_service("household_features")
    served = store.get_online_features(service, [{"device_key": ANNA, "household_id": "hh-1"}]).to_dict()
    for name, value in {**rows[1], **rows[2]}.items():
        if not name.endswith("_timestamp"):
            assert served[name] == [value], name

    recommender = store.get_feature_service(SERVICE)
    assert [part.name for part in recommender.feature_view_projections] == ["next_video_device_taste"]
    own = {feature.name for part in recommender.feature_view_projections for feature in part.features}
    assert not own & (rows[1].keys() | rows[2].keys()) - {"device_key"}
    sources = {view.name: view.batch_source.name for view in store.list_feature_views()}
    assert sources["next_video_device_taste"] == exports.FEAT_DEVICE


def test_before_the_first_clustering_there_are_no_households_and_the_recommender_has_its_features(
    settings: Settings, as_of: datetime, rows: tuple[dict[str, Any], ...]
) -> None:
    from training.datasets.features import publish

    write(settings.paths.export(exports.FEAT_DEVICE), [rows[0]])
    for name, row in zip((exports.FEAT_HOUSEHOLD_DEVICE, exports.FEAT_HOUSEHOLD), rows[1:], strict=True):
        write(settings.paths.export(name), [], pa.Table.from_pylist([row]).schema)
    report = publish(settings, as_of)
    assert (report.devices, report.households) == (1, 0)
    settings.paths.export(exports.FEAT_HOUSEHOLD).unlink()
    assert sorted(publish(settings, as_of).views) == ["ad_decision_device", "next_video_device_taste"]
