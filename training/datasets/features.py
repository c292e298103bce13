"""Feast: publishes device features for serving, and joins them point in time for training and evaluation."""

import contextlib
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.algorithms.next_video.arrays import FloatArray
from core.algorithms.next_video.ranking import genre_codes, taste_scores
from core.contracts import exports
from core.contracts.exports import GENRES_WITH_TASTE
from core.errors import StageError
from core.feature_store import SERVICE, TASTE_PREFIX, repo_config
from core.logs import progress
from core.paths import PROJECT_ROOT
from core.settings import Settings, apply_no_telemetry, lent_environment
from core.storage import fsync_directory, read_rows
from training.datasets.splits import Split

_REPO = PROJECT_ROOT / "feature_repo"
_FILES = ("registry.db", "online.db")


@dataclass(frozen=True)
class PublishReport:
    """What was published; ``devices`` are those of the recommender, ``households`` those of ad decisions."""

    views: list[str]
    devices: int
    households: int
    as_of: str


def publish(settings: Settings, as_of: datetime) -> PublishReport:
    """Apply the definitions and materialise every device's newest row up to ``as_of``.

    Both files are made aside and renamed, so that readers see the old or the new state, and a device that was erased
    or fell out of the window is gone.

    Raises:
        StageError: the export is missing.
    """
    file = settings.paths.export(exports.FEAT_DEVICE)
    if not file.exists():
        raise StageError(f"features: {file.name} is missing; run the build first")
    aside = settings.paths.feast / "aside"
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    store = _store(aside)
    with contextlib.redirect_stdout(sys.stderr):
        store.apply(_definitions(settings))
        start = as_of - timedelta(days=settings.next_video.window_days)
        store.materialize(start_date=start, end_date=as_of)
    views = [view.name for view in store.list_feature_views()]
    for name in _FILES:
        (aside / name).replace(settings.paths.feast / name)
    fsync_directory(settings.paths.feast)
    shutil.rmtree(aside, ignore_errors=True)
    devices = _count_devices(file, start, as_of)
    progress(f"features: {devices} devices materialised up to {as_of:%Y-%m-%d %H:%M} UTC")
    households = _count_households(settings)
    progress(f"features: {households} households for ad decisions")
    return PublishReport(views, devices, households, as_of.isoformat())


def features_at(settings: Settings, device_keys: Sequence[str], instants: Sequence[datetime]) -> Any:
    """Point-in-time join: a data frame, a row for each device and (aware) instant, in the order given.

    Columns: ``device_key``, ``event_timestamp`` and the feature service's features; missing where nothing was known.
    """
    import pandas as pd

    store = _store(settings.paths.feast)
    rows = pd.DataFrame({"device_key": list(device_keys), "event_timestamp": pd.to_datetime(list(instants), utc=True)})
    rows["place"] = np.arange(len(rows))
    job = store.get_historical_features(entity_df=rows, features=store.get_feature_service(SERVICE))
    return job.to_df().sort_values("place").drop(columns="place").reset_index(drop=True)


class TasteAt:
    """Taste scores for the test targets of a split, each as known at its time: what serving would have read."""

    def __init__(self, settings: Settings, split: Split) -> None:
        interactions = split.interactions
        genres = _genres(settings, interactions.items)
        self._codes = genre_codes(genres, GENRES_WITH_TASTE)
        self._shares: dict[int, npt.NDArray[np.float32]] = {}
        if len(split.test) == 0:
            return
        users = [interactions.users[user] for user in interactions.user[split.test]]
        instants = interactions.at_ms[split.test].astype("datetime64[ms]").tolist()
        frame = features_at(settings, users, instants)
        columns = [f"{TASTE_PREFIX}{genre}" for genre in GENRES_WITH_TASTE]
        shares = frame[columns].to_numpy(dtype=np.float32)
        is_known = ~np.isnan(shares).any(axis=1)
        self._shares = {int(target): shares[place] for place, target in enumerate(split.test) if is_known[place]}

    def __call__(self, target: int) -> FloatArray | None:
        """Scores (n,), or None where nothing was known about the device at that time."""
        shares = self._shares.get(target)
        if shares is None:
            return None
        taste = dict(zip(GENRES_WITH_TASTE, shares.tolist(), strict=True))
        return taste_scores(taste, self._codes, GENRES_WITH_TASTE)


def _genres(settings: Settings, content_ids: Sequence[str]) -> list[str | None]:
    file = settings.paths.export(exports.DIM_CONTENT)
    if not file.exists():
        raise StageError(f"features: {file.name} is missing; run the build first")
    genre_of = {row["content_id"]: row["genre"] for row in read_rows(file, "select content_id, genre from rows")}
    return [genre_of.get(content_id) for content_id in content_ids]


def _store(folder: Path) -> Any:
    apply_no_telemetry()
    from feast import FeatureStore, RepoConfig

    return FeatureStore(config=RepoConfig(repo_path=_REPO, **repo_config(folder)))


def _definitions(settings: Settings) -> list[Any]:
    """Load the repository's objects as Feast's own command does: by bare name, from its folder, anew each time."""
    from feast.repo_operations import parse_repo

    names = [file.stem for file in _REPO.glob("*.py")]
    with contextlib.chdir(_REPO), lent_environment(settings):
        sys.path.insert(0, str(_REPO))
        try:
            for name in names:
                sys.modules.pop(name, None)
            found = parse_repo(_REPO)
        finally:
            sys.path.remove(str(_REPO))
            for name in names:
                sys.modules.pop(name, None)
    return [*found.entities, *_with_export(found)]


def _with_export(found: Any) -> Iterator[Any]:
    """Sources whose export is there, and the views and services that read no other."""
    sources = [source for source in found.data_sources if Path(source.path).exists()]
    names = {source.name for source in sources}
    views = [view for view in found.feature_views if view.batch_source.name in names]
    known = {view.name for view in views}
    services = [
        each for each in found.feature_services if {part.name for part in each.feature_view_projections} <= known
    ]
    yield from (*sources, *views, *services)


def _count_households(settings: Settings) -> int:
    file = settings.paths.export(exports.FEAT_HOUSEHOLD)
    return int(read_rows(file, "select count(*) as n from rows")[0]["n"]) if file.exists() else 0


def _count_devices(file: Path, start: datetime, end: datetime) -> int:
    query = "select count(distinct device_key) as n from rows where event_timestamp between $start and $end"
    rows = read_rows(file, query, start=start.replace(tzinfo=None), end=end.replace(tzinfo=None))
    return int(rows[0]["n"])
