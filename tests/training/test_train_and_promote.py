"""A whole training run over a small home, and the gates after it. Needs TensorFlow, Feast and MLflow."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from core.algorithms.next_video.bundle import Bundle
from core.contracts.exports import CHAMPION, REGISTERED_MODEL
from core.errors import StageError
from core.settings import Settings

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning:mlflow.*"),
    pytest.mark.filterwarnings("ignore::UserWarning:mlflow.*"),
]


@pytest.fixture
def train(built: Settings) -> Callable[..., object]:
    from training.next_video.config import SequenceConfig, TrainingConfig
    from training.next_video.run import train as run

    small = TrainingConfig(
        sequence=SequenceConfig(width=16, max_length=12, batch_rows=8, min_steps=60, max_epochs=4, refit_epochs=1),
        min_class_plays=1000,
        bootstrap_samples=100,
        test_hours=72,
        validation_hours=72,
    )
    return lambda as_of, **changes: run(built, as_of, replace(small, **changes))


def test_from_plays_to_champion(built: Settings, as_of: datetime, train: Callable[..., object]) -> None:
    """NV-T1, NV-T4, NV-T5, OPS-1: trained, compared, logged, registered, gated, and only then the champion."""
    from training import gates, runs

    report = train(as_of)
    assert report.is_new
    assert report.classes == {"tv": "tv", "smartphone": "all", "tablet": "all", "desktop": "all"}
    tv = report.metrics["tv"]
    assert set(tv) == {"sequence", "similarity", "combination", "popularity", "item_knn"}
    assert tv["sequence"]["ndcg_at_10"] > 2 * tv["popularity"]["ndcg_at_10"]
    assert runs.champion_version(built) is None, "training must not move the alias"

    store = runs.client(built)
    bundle = Bundle.load(runs.bundle_of(built, store, report.version))
    assert bundle.manifest["window"]["days"] == 30
    assert bundle.manifest["models"]["tv"]["rows"] == 60 * 30
    assert bundle.manifest["models"]["all"]["rows"] == 75 * 30
    run = store.get_run(report.run_id)
    assert run.info.status == "FINISHED"
    assert run.data.params["blend.sequence"] == str(built.next_video.blend.sequence)
    assert run.data.metrics["tv.combination.ndcg_at_10"] == pytest.approx(tv["combination"]["ndcg_at_10"])
    assert len(store.get_metric_history(report.run_id, "tv.curve.loss")) >= 1
    assert {file.path for file in store.list_artifacts(report.run_id, "plots")} >= {"plots/curve_tv.png"}

    again = train(as_of)
    assert (again.version, again.is_new) == (report.version, False), "the same input is not trained twice"

    verdict = gates.promote(built, report.version, as_of)
    assert [gate.name for gate in verdict.gates] == ["size", "load", "accuracy", "class", "coverage", "rules"]
    assert runs.champion_version(built) == report.version
    assert store.get_model_version(REGISTERED_MODEL, report.version).tags["verdict"] == "passed"
    assert json.loads(Path(store.download_artifacts(report.run_id, "gates.json")).read_text())["is_promoted"] is True
    assert not runs.is_champion_due(built, as_of + timedelta(hours=3))
    assert runs.is_champion_due(built, as_of + timedelta(hours=4))

    _a_failed_gate_keeps_the_champion(built, as_of, train)


def _a_failed_gate_keeps_the_champion(built: Settings, as_of: datetime, train: Callable[..., object]) -> None:
    from training import gates, runs

    first = runs.champion_version(built)
    second = train(as_of, seed=2)
    store = runs.client(built)
    tight = built.model_copy(update={"gates": built.gates.model_copy(update={"max_bundle_megabytes": 0.001})})
    with pytest.raises(StageError, match=r"size: .* at most 0\.001"):
        gates.promote(tight, second.version, as_of)
    assert runs.champion_version(built) == first
    assert store.get_model_version(REGISTERED_MODEL, second.version).tags["verdict"] == "failed"

    gates.promote(built, second.version, as_of)
    assert runs.champion_version(built) == second.version
    assert str(runs.version_at(store, runs.PREVIOUS).version) == first
    assert str(runs.version_at(store, CHAMPION).version) == second.version


def test_a_run_killed_while_it_is_logged_leaves_no_version_and_is_done_again(
    built: Settings, as_of: datetime, train: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    from training import runs

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(runs, "_log_values", killed)
    with pytest.raises(KeyboardInterrupt):
        train(as_of)
    monkeypatch.undo()
    store = runs.client(built)
    assert store.search_model_versions("") == []
    report = train(as_of)
    assert report.is_new
    experiment = runs.experiment_id(built, store)
    assert [run.info.run_id for run in store.search_runs([experiment])] == [report.run_id]


def test_without_a_play_there_is_nothing_to_learn_and_the_line_says_so(
    built: Settings, as_of: datetime, train: Callable[..., object]
) -> None:
    with pytest.raises(StageError, match="no play is left"):
        train(as_of - timedelta(days=90))
