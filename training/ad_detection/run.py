"""One training of the detector: heard, fitted, tuned, judged, logged, registered, and served if it may be."""

import shutil
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from core.algorithms.audio.detector_bundle import DetectorBundle
from core.contracts.ad_detection import REGISTERED_DETECTOR
from core.logs import progress
from core.privacy import fingerprint
from core.settings import Settings
from training import runs
from training.ad_detection.config import DetectorConfig
from training.ad_detection.corpus import TRUTH, Corpus, read_corpus
from training.ad_detection.gates import promote

EXPERIMENT = "ad_detection"


@dataclass(frozen=True)
class DetectorReport:
    """What a run made."""

    version: str
    is_new: bool
    """False: this corpus and these settings gave a version before, and nothing was done."""
    is_served: bool
    hours: float
    figures: dict[str, float]
    """On the stations held out of the corpus: they chose epoch and scale, so they flatter a little."""


def train(
    settings: Settings, as_of: datetime, corpus_folder: Path, config: DetectorConfig | None = None
) -> DetectorReport:
    """Train on a corpus; may be killed and run again.

    Raises:
        UserError: the corpus is none; the line says why.
    """
    config = config or DetectorConfig()
    corpus = read_corpus(corpus_folder)
    store = runs.client(settings)
    mark = fingerprint("\n".join([str(config.as_dict()), (corpus.folder / TRUTH).read_text(encoding="utf-8-sig")]))
    known = runs.version_of(store, mark, REGISTERED_DETECTOR)
    if known is not None:
        progress(f"train: version {known.version} was made from this corpus already")
        bundle = DetectorBundle.load(runs.bundle_of(settings, store, known.version, REGISTERED_DETECTOR))
        served = promote(settings, store, str(known.version))
        return _report(str(known.version), bundle, is_new=False, is_served=served)
    work = settings.paths.training_work / "ad_detection"
    shutil.rmtree(work, ignore_errors=True)
    bundle = make(corpus, as_of, config)
    bundle.write(work / runs.BUNDLE)
    figures = {f"held_out.{name}": value for name, value in bundle.manifest["figures"].items()}
    curves = [
        runs.CurvePoint(name, value, epoch)
        for name in ("loss", "held_out_accuracy")
        for epoch, value in enumerate(bundle.manifest["curves"][name], start=1)
    ]
    record = runs.RunRecord(
        f"as of {as_of:%Y-%m-%d %H:%M}", mark, as_of, config.as_dict(), figures, curves,
        {"hours": str(bundle.manifest["hours"])}, work, REGISTERED_DETECTOR, EXPERIMENT,
    )  # fmt: skip
    version = runs.record(settings, store, record)
    shutil.rmtree(work, ignore_errors=True)
    return _report(version, bundle, is_new=True, is_served=promote(settings, store, version))


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
        "origin": _origin(corpus),
        "segment_model": asdict(model),
        "figures": {
            "net_step_accuracy": max(fitted.accuracies),
            "step_accuracy": right_share(model, held_out, answers),
        },
        "curves": {"loss": list(fitted.losses), "held_out_accuracy": list(fitted.accuracies)},
    }
    return DetectorBundle(manifest, fitted.weights, hotlist_of(corpus))


def _origin(corpus: Corpus) -> str:
    """What the corpus says of itself; one's own sound says nothing."""
    file = corpus.folder / "ORIGIN.txt"
    return file.read_text(encoding="utf-8") if file.is_file() else "labelled recordings of one's own"


def _report(version: str, bundle: DetectorBundle, is_new: bool, is_served: bool) -> DetectorReport:
    return DetectorReport(version, is_new, is_served, float(bundle.manifest["hours"]), dict(bundle.manifest["figures"]))
