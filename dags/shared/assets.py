"""The one registry of assets: DAGs meet through these and in no other way.

    landing -> ingest -> lake -> build -> marts
                                   |-> retrain (no champion yet) -> train_next_video -> model -> monitor_next_video
                                   |    retrain (drift alert) <----------------------------------------|
                                   |-> households -> households

An asset's event says "this is newer now"; what it holds lies where ``core.paths`` says.
"""

from airflow.sdk import Asset, AssetWatcher

from core.settings import load
from dags.shared.landing_trigger import LandingTrigger

LAKE = Asset("lake", uri="mediathek://lake")
"""Events, catalogue and decisions as Parquet (``paths.lake``); written by ingest."""

MARTS = Asset("marts", uri="mediathek://marts")
"""dbt's exports, checked (``paths.exports``); written by build."""

MODEL = Asset("next_video_model", uri="mediathek://model/next_video")
"""A version of the registered model that passed all gates and is the champion; written by train_next_video."""

RETRAIN = Asset("next_video_retrain", uri="mediathek://retrain/next_video")
"""A wish for a model out of turn: drift was found (monitor_next_video), or there is no champion yet (build)."""

CARDS = Asset("model_cards", uri="mediathek://cards")
"""The model cards (``paths.cards``); written by monitor_next_video and train_ad_detection."""


HOUSEHOLDS = Asset("households", uri="mediathek://households")
"""Who lives where, links and inferences (``paths.households``); written by households."""


def landing() -> Asset:
    """The landing directory; it changes by other hands, so a watcher in the triggerer reports what is new."""
    source = load().source
    if source is None:
        return Asset("landing", uri="mediathek://landing")
    watcher = AssetWatcher(name="landing_watcher", trigger=LandingTrigger(directory=str(source)))
    return Asset("landing", uri="mediathek://landing", watchers=[watcher])
