"""One training of the detector: heard, fitted, tuned, judged, logged, registered, and served if it may be."""

import shutil
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from core.algorithms.audio.detector_bundle import DetectorBundle, DetectorBundleError
from core.contracts.ad_detection import REGISTERED_DETECTOR, served_detector
from core.errors import UserError
from core.logs import progress
from core.privacy import fingerprint
from core.settings import Settings
from training import runs
from training.ad_detection.config import DetectorConfig
from training.ad_detection.corpus import TRUTH, Corpus
from training.ad_detection.corrections import compared, corrected, joined, mark_of, provenance
from training.ad_detection.evaluate import evaluate
from training.ad_detection.gates import promote
from training.ad_detection.live_figures import live_figures
from training.ad_detection.sound import sound_of, words_of

EXPERIMENT = "ad_detection"


@dataclass(frozen=True)
class DetectorReport:
    """What a run made."""

    version: str
    is_new: bool
    """False: this corpus and these settings gave a version before, and nothing was done."""
    is_served: bool
    hours: float
    test_accuracy: float
    """Share of tenths of a second right on the test stations."""
    test_ad_f1: float | None
    figures: dict[str, float]
    """On the stations held out of the corpus: they chose epoch and scale, so they flatter a little."""


def train(
    settings: Settings, as_of: datetime, corpus: Corpus, test: Corpus, config: DetectorConfig | None = None
) -> DetectorReport:
    """Train on a corpus and on what people corrected, test on stations never heard; may be killed and run again.

    Raises:
        UserError: corpus and test are one; the line says what to do.
    """
    config = config or DetectorConfig()
    if corpus.folder.resolve() == test.folder.resolve():
        raise UserError(f"test: {test.folder} is what is learned from; name stations that training does not hear")
    fixes = corrected(settings.paths)
    store = runs.client(settings)
    mark = fingerprint("\n".join([str(config.as_dict()), _truth(corpus), _truth(test), mark_of(fixes)]))
    known = runs.version_of(store, mark, REGISTERED_DETECTOR)
    if known is not None:
        progress(f"train: version {known.version} was made from this corpus already")
        bundle = DetectorBundle.load(runs.bundle_of(settings, store, known.version, REGISTERED_DETECTOR))
        served = promote(settings, store, str(known.version), test, as_of)
        return _report(str(known.version), bundle, is_new=False, is_served=served)
    work = settings.paths.training_work / "ad_detection"
    shutil.rmtree(work, ignore_errors=True)
    bundle = judged(settings, make(joined(corpus, fixes), as_of, config), corpus, fixes, test)
    bundle.write(work / runs.BUNDLE)
    version = runs.record(settings, store, _record(bundle, mark, as_of, config, work))
    shutil.rmtree(work, ignore_errors=True)
    return _report(version, bundle, is_new=True, is_served=promote(settings, store, version, test, as_of))


def train_nightly(settings: Settings, as_of: datetime) -> DetectorReport:
    """The same on the composed stations that are kept, as the DAG runs it."""
    from training.ad_detection.composed import learned_stations, unheard_stations

    return train(settings, as_of, learned_stations(settings), unheard_stations(settings))


def judged(
    settings: Settings, bundle: DetectorBundle, corpus: Corpus, fixes: Corpus | None, test: Corpus
) -> DetectorBundle:
    """The bundle with what the card says of it: sound by class and origin, the test's report, corrections."""
    progress(f"train: testing on {len(test.files)} files never heard ...")
    report = {**evaluate(bundle, test), "sound": sound_of(test), **live_figures(bundle, test)}
    more: dict[str, Any] = {
        "parameters": int(sum(each.size for each in bundle.weights.values())),
        "hotlist_clips": len(bundle.hotlist.clips),
        "sound": [sound_of(corpus), *([sound_of(fixes, is_corrected=True)] if fixes else [])],
        "live_reference": report.pop("live_reference"),
        "evaluation": report,
    }
    if fixes is not None:
        more["corrections"] = _nested(compared(fixes, _champion(settings), bundle))
        more["provenance"] = provenance(settings.paths)
    return replace(bundle, manifest={**bundle.manifest, **more})


def _record(bundle: DetectorBundle, mark: str, as_of: datetime, config: DetectorConfig, work: Path) -> runs.RunRecord:
    manifest = bundle.manifest
    report = manifest["evaluation"]
    figures = {f"held_out.{name}": value for name, value in manifest["figures"].items()}
    figures |= {f"test.f1_{label}": value for label, value in report["f1"].items() if value is not None}
    figures |= {f"test.{name}": report[name] for name in ("frame_accuracy", "boundary_error_s", "realtime_factor")}
    figures |= {f"test.kind.{kind}": each["frame_accuracy"] for kind, each in report["kinds"].items()}
    figures |= {f"test.live_{p['look_ahead_s']:g}_s": p["frame_accuracy"] for p in report["look_ahead"]}
    for when in ("before", "after"):
        found = manifest.get("corrections", {}).get(when, {})
        figures |= {f"corrections.{when}.{name}": value for name, value in found.items()}
    curves = [
        runs.CurvePoint(name, value, epoch)
        for name in ("loss", "held_out_accuracy")
        for epoch, value in enumerate(manifest["curves"][name], start=1)
    ]
    return runs.RunRecord(
        f"as of {as_of:%Y-%m-%d %H:%M}", mark, as_of, config.as_dict(),
        {name: value for name, value in figures.items() if value is not None}, curves,
        {"hours": str(manifest["hours"])}, work, REGISTERED_DETECTOR, EXPERIMENT,
    )  # fmt: skip


def _truth(corpus: Corpus) -> str:
    return f"{words_of(corpus)}\n{(corpus.folder / TRUTH).read_text(encoding='utf-8-sig')}"


def _champion(settings: Settings) -> DetectorBundle | None:
    try:
        return DetectorBundle.load(served_detector(settings.paths))
    except DetectorBundleError:
        return None


def _nested(flat: dict[str, float]) -> dict[str, Any]:
    """``corrections.before.false_ad_s`` and the like, as ``{"before": {"false_ad_s": ...}}``."""
    nested: dict[str, Any] = {}
    for key, value in flat.items():
        _, *path, name = key.split(".")
        (nested.setdefault(path[0], {}) if path else nested)[name] = value
    return nested


def make(corpus: Corpus, as_of: datetime, config: DetectorConfig) -> DetectorBundle:
    """A detector from a corpus: imports TensorFlow."""
    from training.ad_detection import fit
    from training.ad_detection.features import recordings, split_by_station
    from training.ad_detection.hotlist import hotlist_of
    from training.ad_detection.tuning import right_share, tuned

    heard = recordings(corpus)
    learned, held_out = split_by_station(heard, config.validation_share, config.seed)
    hours = sum(each.seconds for each in heard) / 3600
    progress(f"train: {hours:.1f} hours heard, {len(learned)} files to learn from, {len(held_out)} held out")
    fitted = fit.fit(learned, held_out, config)
    answers = [fit.answers(fitted.weights, each) for each in held_out]
    model = tuned(learned, held_out, answers)
    manifest: dict[str, Any] = {
        "as_of": as_of.isoformat(),
        "config": config.as_dict(),
        "hours": round(hours, 2),
        "origin": words_of(corpus),
        "segment_model": asdict(model),
        "figures": {
            "net_step_accuracy": max(fitted.accuracies),
            "step_accuracy": right_share(model, held_out, answers),
        },
        "curves": {"loss": list(fitted.losses), "held_out_accuracy": list(fitted.accuracies)},
    }
    return DetectorBundle(manifest, fitted.weights, hotlist_of(corpus))


def _report(version: str, bundle: DetectorBundle, is_new: bool, is_served: bool) -> DetectorReport:
    manifest, test = bundle.manifest, bundle.manifest["evaluation"]
    return DetectorReport(
        version, is_new, is_served, float(manifest["hours"]), float(test["frame_accuracy"]), test["f1"]["ad"],
        dict(manifest["figures"]),
    )  # fmt: skip
