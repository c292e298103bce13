"""One training run: a model per device class (NV-T1), evaluated, logged and registered. Never moves the alias."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from core.algorithms.next_video.bundle import Bundle, size_bytes, write_bundle
from core.contracts import exports
from core.domain import DEVICE_CLASSES
from core.errors import StageError
from core.logs import progress
from core.privacy import fingerprint
from core.settings import Settings
from core.storage import read_rows
from training import runs
from training.datasets.interactions import Interactions, training_plays
from training.datasets.splits import global_time, time_cuts
from training.next_video.config import TrainingConfig

ALL = "all"
_HOUR_MS = 3_600_000
SOURCES = (
    {
        "title": "Self-Attentive Sequential Recommendation",
        "authors": "W.-C. Kang, J. McAuley",
        "year": 2018,
        "where": "IEEE ICDM, arXiv:1808.09781",
    },
    {
        "title": "Turning Dross Into Gold Loss: is BERT4Rec really better than SASRec?",
        "authors": "A. Klenitskiy, A. Vasilev",
        "year": 2023,
        "where": "ACM RecSys, arXiv:2309.07602",
    },
    {
        "title": "Collaborative Filtering for Implicit Feedback Datasets",
        "authors": "Y. Hu, Y. Koren, C. Volinsky",
        "year": 2008,
        "where": "IEEE ICDM",
    },
)


@dataclass(frozen=True)
class TrainReport:
    """What a run made."""

    version: str
    run_id: str
    is_new: bool
    """False: a version made from exactly this input was there already, and nothing was done."""
    classes: dict[str, str]
    """Which model serves which device class."""
    metrics: dict[str, dict[str, dict[str, float]]]
    """By model, contender and figure."""
    bundle_bytes: int


def train(settings: Settings, as_of: datetime, config: TrainingConfig | None = None) -> TrainReport:
    """Train, evaluate, log and register.

    May be killed and run again: only a finished run has a version, and a second run over the same input returns it.

    Raises:
        StageError: exports are missing, or no play is left to learn from.
    """
    config = config or TrainingConfig()
    store = runs.client(settings)
    mark = input_fingerprint(settings, as_of, config)
    known = runs.version_of(store, mark)
    if known is not None:
        progress(f"train: version {known.version} was made from this input already")
        return _report(runs.bundle_of(settings, store, known.version), known, is_new=False)
    work = settings.paths.training_work / "next_video"
    shutil.rmtree(work, ignore_errors=True)
    _make(settings, as_of, config, work)
    version = runs.record(settings, store, _record(settings, as_of, config, mark, work))
    report = _report(work / runs.BUNDLE, store.get_model_version(exports.REGISTERED_MODEL, version), is_new=True)
    shutil.rmtree(work, ignore_errors=True)
    progress(f"train: registered version {version}")
    return report


def input_fingerprint(settings: Settings, as_of: datetime, config: TrainingConfig) -> str:
    """Digest of all that a run depends on: time, settings, and the exports' content."""
    parts = [as_of.isoformat(), settings.next_video.model_dump_json(), json.dumps(config.as_dict(), sort_keys=True)]
    for name in (exports.FEAT_TRAINING_PLAYS, exports.FEAT_DEVICE):
        file = settings.paths.export(name)
        if not file.exists():
            raise StageError(f"train: {file.name} is missing; run the build first")
        # a folder's parts are named after a digest of their rows
        names = "".join(sorted(part.name for part in file.iterdir())) if file.is_dir() else file.read_bytes().hex()
        parts.append(fingerprint(names))
    return fingerprint("\n".join(parts))


def plays_by_model(
    settings: Settings, as_of: datetime, config: TrainingConfig
) -> tuple[dict[str, Interactions], dict[str, str]]:
    """Plays of each model, those of all classes first, and which model serves which device class (NV-T1).

    All have the vocabulary of all classes: that is what a class borrows.
    """
    window = settings.next_video.window_days
    plays = {ALL: training_plays(settings.paths, as_of, window)}
    if len(plays[ALL]) == 0:
        raise StageError("train: no play is left after NV-T1, NV-T2, NV-T3 and consent; look at the funnel report")
    for device_class in DEVICE_CLASSES:
        own = training_plays(settings.paths, as_of, window, device_class)
        if len(own) >= config.min_class_plays:
            plays[device_class] = own.among(plays[ALL].items)
    return plays, {name: name if name in plays else ALL for name in DEVICE_CLASSES}


def cuts(everybody: Interactions, config: TrainingConfig) -> tuple[int, int]:
    """When validation and test begin (epoch ms), for all classes alike.

    So what a class borrows has seen nothing of its validation and test.
    """
    return time_cuts(everybody, config.validation_hours * _HOUR_MS, config.test_hours * _HOUR_MS, config.max_span_share)


def _make(settings: Settings, as_of: datetime, config: TrainingConfig, work: Path) -> None:
    """Train all models and write the bundle and its plots below ``work``.

    First the one of all classes, from which the others go on; it is in the bundle where it serves a class. Refitted
    last: until then it must not have seen what the classes are tested on.
    """
    from training.datasets.features import TasteAt, publish
    from training.next_video import control_prices, held_out_answers, plots
    from training.next_video.fit import use_threads
    from training.next_video.train import Trained, describe, refit, train_and_evaluate

    use_threads(config.threads)
    data, classes = plays_by_model(settings, as_of, config)
    cut_at, blend = cuts(data[ALL], config), settings.next_video.blend
    if not (settings.paths.feast / "registry.db").exists():
        publish(settings, as_of)
    judged: dict[str, Trained] = {}
    prices: dict[str, dict[str, Any]] = {}
    for name, interactions in data.items():
        progress(f"train: {name}: {len(interactions)} plays, {len(interactions.items)} videos")
        split = global_time(interactions, *cut_at)
        taste = TasteAt(settings, split)
        start = judged[ALL].learner if judged else None
        judged[name] = train_and_evaluate(name, split, config, blend, taste, start=start)
        answers = work / held_out_answers.FOLDER / f"{name}.parquet"
        if name in classes.values():
            held_out_answers.write(answers, judged[name].model, split, blend, taste, config.max_test_users, config.seed)
            prices[name] = control_prices.prices_of_run(settings, judged[name].model, split, taste, config)
    served = {name: refit(judged[name], data[name], config) for name in judged if name in classes.values()}
    about = {name: describe(trained) | prices[name] for name, trained in served.items()}
    models = [trained.model for trained in served.values()]
    write_bundle(work / runs.BUNDLE, models, classes, _details(settings, as_of, config), about)
    plots.draw(work / "plots", about)


def _details(settings: Settings, as_of: datetime, config: TrainingConfig) -> dict[str, Any]:
    """The manifest's head."""
    start = as_of - timedelta(days=settings.next_video.window_days)
    return {
        "created_at": as_of.astimezone(UTC).isoformat(),
        "as_of": as_of.astimezone(UTC).isoformat(),
        "window": {"days": settings.next_video.window_days, "from": start.isoformat(), "until": as_of.isoformat()},
        "settings": {"next_video": settings.next_video.model_dump(), "training": config.as_dict()},
        "protocol": (
            "global time split; metrics from a model that saw neither validation nor test; the served model then "
            f"went on for {config.sequence.refit_epochs} epochs over all plays"
        ),
        "sources": SOURCES,
    }


def _record(settings: Settings, as_of: datetime, config: TrainingConfig, mark: str, work: Path) -> runs.RunRecord:
    """What MLflow is told."""
    manifest = json.loads((work / runs.BUNDLE / "manifest.json").read_text(encoding="utf-8"))
    models: Mapping[str, Any] = manifest["models"]
    counts = ("rows", "training_rows", "devices", "test_devices", "items", "parameters", "epochs")
    parameters = {f"{name}.{key}": entry[key] for name, entry in models.items() for key in counts}
    parameters |= {f"window.{key}": value for key, value in manifest["window"].items()}
    parameters |= {f"sequence.{key}": value for key, value in config.as_dict()["sequence"].items()}
    parameters |= {f"similarity.{key}": value for key, value in config.as_dict()["similarity"].items()}
    parameters |= {f"blend.{key}": value for key, value in settings.next_video.blend.model_dump().items()}
    metrics = {
        f"{name}.{contender}.{figure}": float(value)
        for name, entry in models.items()
        for contender, figures in entry["metrics"].items()
        for figure, value in figures.items()
        if not isinstance(value, list)
    }
    curves = [
        runs.CurvePoint(f"{name}.curve.{curve}", float(value), step)
        for name, entry in models.items()
        for curve, values in entry["loss_curve"].items()
        for step, value in enumerate(values, start=1)
    ]
    tags = {"classes": json.dumps(manifest["classes"]), "ledger_head": str(_ledger_head(settings))}
    metrics["bundle_bytes"] = float(size_bytes(work / runs.BUNDLE))
    return runs.RunRecord(f"as of {as_of:%Y-%m-%d %H:%M}", mark, as_of, parameters, metrics, curves, tags, work)


def _ledger_head(settings: Settings) -> int:
    """The newest commit of ingestion that the marts hold; 0 where the freshness report is missing."""
    file = settings.paths.export(exports.RPT_FRESHNESS)
    if not file.exists():
        return 0
    return int(read_rows(file, "select coalesce(max(newest_batch_id), 0) as head from rows")[0]["head"])


def _report(bundle: Path, version: Any, is_new: bool) -> TrainReport:
    manifest = Bundle.load(bundle).manifest
    metrics = {
        name: {
            contender: {figure: value for figure, value in figures.items() if not isinstance(value, list)}
            for contender, figures in entry["metrics"].items()
        }
        for name, entry in manifest["models"].items()
    }
    classes = dict(manifest["classes"])
    return TrainReport(str(version.version), str(version.run_id), is_new, classes, metrics, size_bytes(bundle))
