"""Household features come from a model's output: they build without it, see no future, and feed nothing they descend from."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core import warehouse
from core.contracts import exports
from core.contracts.households import ASSIGNMENTS, INFERENCES, VISITS
from core.paths import PROJECT_ROOT
from core.settings import Settings, load
from core.warehouse.builder import run_dbt
from core.warehouse.lock import exclusive
from tests.dbt.conftest import NOON, Lake, at, play, rows_of, video

pytestmark = pytest.mark.slow

SOURCE = "source.mediathek.households."
NEVER = (exports.FEAT_DEVICE, exports.FEAT_TRAINING_PLAYS, exports.FEAT_CONTENT_COUNTS, exports.FCT_PLAYBACKS)


def write(file: Path, schema: pa.Schema, *rows: dict[str, Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(list(rows), schema=schema), file)


def inference(what: str, value: str, device: str | None) -> dict[str, Any]:
    return {"device_key": device, "household_id": "h", "what": what, "value": value, "confidence": 0.8}


@pytest.fixture(scope="module")
def clustered(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A warehouse that was built before and after a clustering: one household of one device."""
    settings = load({"MEDIATHEK_HOME": str(tmp_path_factory.mktemp("clustered"))})
    paths, small = settings.paths, Lake(settings)
    small.set_catalogue(video("v1"))
    small.add_events(1, *play("p1", at("2026-05-20 10:00"), has_advertising_consent=True))
    warehouse.build(settings, NOON)
    assert warehouse.build_household_features(settings, NOON) == warehouse.HouseholdFeatures(0, 0)
    assert rows_of(settings, exports.FEAT_HOUSEHOLD) == rows_of(settings, exports.FEAT_HOUSEHOLD_DEVICE) == []
    home = {"device_key": "a", "household_id": "h", "from_at": at("2026-05-21 12:00"), "confidence": 0.9}
    write(paths.household_assignments, ASSIGNMENTS, home | {"is_separable": True})
    write(paths.household_visits, VISITS)
    write(paths.household_inferences, INFERENCES, inference("gender", "female", "a"), inference("income", "high", None))
    return settings


def test_household_features_follow_a_clustering_and_are_empty_before_it(clustered: Settings) -> None:
    """HH-4, HH-6, HH-9: a first build has nothing to read; a small one after the clustering takes it up."""
    assert warehouse.build_household_features(clustered, NOON) == warehouse.HouseholdFeatures(1, 1)
    (device,) = rows_of(clustered, exports.FEAT_HOUSEHOLD_DEVICE)
    assert (device["household_id"], device["gender"], device["membership_days"]) == ("h", "female", 10.0)
    assert device["event_timestamp"] == NOON.replace(tzinfo=None)
    (household,) = rows_of(clustered, exports.FEAT_HOUSEHOLD)
    assert (household["device_count"], household["tv_count"], household["income"]) == (1, 1, "high")
    again = warehouse.build(clustered, NOON)
    assert again.mode == "unchanged", again.reason


def descendants(manifest: dict[str, Any]) -> set[str]:
    """Models that descend from the households source, however far."""
    below: set[str] = set()
    queue = [name for name in manifest["sources"] if name.startswith(SOURCE)]
    assert len(queue) == 3
    while queue:
        for child in manifest["child_map"].get(queue.pop(), []):
            if child.startswith("model.") and child not in below:
                below.add(child)
                queue.append(child)
    return {name.rsplit(".", 1)[-1] for name in below}


def exports_read(*folders: str) -> Iterator[str]:
    """Exports that code names as ``exports.NAME``."""
    for folder in folders:
        for file in (PROJECT_ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Attribute) and ast.unparse(node).startswith("exports."):
                    value = getattr(exports, node.attr, None)
                    if isinstance(value, str) and value in exports.COLUMNS:
                        yield value


def test_no_household_feature_descends_from_itself_and_the_recommender_sees_none(clustered: Settings) -> None:
    """PRV-5: read off dbt's own lineage. What clustering reads of the warehouse must not descend from its output."""
    with exclusive(clustered.paths) as lock:
        run_dbt(clustered, ["parse"], lock)
    manifest = json.loads((clustered.paths.dbt_target / "manifest.json").read_text())
    below = descendants(manifest)
    assert {exports.FEAT_HOUSEHOLD, exports.FEAT_HOUSEHOLD_DEVICE} <= below
    read_by_clustering = set(exports_read("training/households", "core/algorithms/households"))
    assert exports.FCT_PLAYBACKS in read_by_clustering
    assert not below & read_by_clustering, "the output of clustering would become its own input"
    recommender = set(exports_read("training/next_video", "serving/next_video", "core/algorithms/next_video"))
    assert not below & (recommender | set(NEVER)), "HH-6 and HH-9 are for ads with consent, never for recommendations"


def test_the_recommenders_code_names_nothing_of_households() -> None:
    """PRV-5: neither the artefacts nor the features nor the service of ad decisions."""
    words = ("household_inferences", "FEAT_HOUSEHOLD", "feat_households", "household_features", "paths.household")
    files = [
        file
        for folder in ("training/next_video", "serving/next_video", "core/algorithms/next_video")
        for file in (PROJECT_ROOT / folder).rglob("*.py")
    ]
    assert len(files) > 20
    named = [f"{file.name}: {word}" for file in files for word in words if word in file.read_text()]
    assert not named
