"""Scores a detector on a labelled corpus, file by file, as ``detect`` answers it."""

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from core.algorithms.audio.detection import Decoder, Heard, hear, segments
from core.algorithms.audio.detector_bundle import DetectorBundle
from core.audio_decoding import SoundFile
from core.logs import progress
from training.ad_detection.corpus import Corpus
from training.ad_detection.kinds import by_kind, examples, read_kinds
from training.ad_detection.scores import border_errors, confusion_of, figures


def evaluate(bundle: DetectorBundle, corpus: Corpus) -> dict[str, Any]:
    """The contract's figures; ``parts``: what each part brought; ``kinds``: right by kind of content; ``examples``."""
    heard, seconds, elapsed = dict[str, Heard](), 0.0, 0.0
    for name in corpus.files:
        started = time.perf_counter()
        heard[name] = hear(bundle, SoundFile(corpus.path(name)))
        elapsed += time.perf_counter() - started
        seconds += heard[name].duration_s
        progress(f"evaluate: {name}: {heard[name].duration_s / 60:.0f} minutes heard")
    started = time.perf_counter()
    report = scored(bundle, corpus, heard, "segments")
    elapsed += time.perf_counter() - started
    unknown = {name: replace(each, matches=()) for name, each in heard.items()}
    report["parts"] = {
        "net alone": scored(bundle, corpus, unknown, "none"),
        "net, author's thresholds": scored(bundle, corpus, unknown, "author"),
        "net, segment model": scored(bundle, corpus, unknown, "segments"),
    }
    said = {name: segments(bundle, each) for name, each in heard.items()}
    kinds = read_kinds(corpus.folder)
    report["kinds"], report["examples"] = by_kind(corpus.files, said, kinds), examples(corpus.files, said, kinds)
    return {**report, "hours": round(seconds / 3600, 3), "realtime_factor": round(seconds / max(elapsed, 1e-9), 1)}


def scored(bundle: DetectorBundle, corpus: Corpus, heard: Mapping[str, Heard], decoder: Decoder) -> dict[str, Any]:
    """Figures of one way to decode what was heard."""
    confusion, errors, shares = np.zeros((3, 3), dtype=np.int64), list[float](), list[float]()
    for name, truth in corpus.files.items():
        said = segments(bundle, heard[name], decoder)
        own = confusion_of(truth, said)
        confusion += own
        shares.append(float(np.diag(own).sum() / max(1, own.sum())))
        errors += border_errors(truth, said)
    low, high = _interval(shares)
    stations = {name: round(share, 4) for name, share in zip(corpus.files, shares, strict=True)}
    interval = [round(low, 4), round(high, 4)]
    return {**figures(confusion, errors), "frame_accuracy_interval": interval, "stations": stations}


def _interval(shares: list[float]) -> tuple[float, float]:
    """95 % by bootstrap over files, each taken as a station."""
    rng = np.random.default_rng(0)
    means = [float(np.mean(rng.choice(shares, len(shares)))) for _ in range(1000)]
    return float(np.quantile(means, 0.025)), float(np.quantile(means, 0.975))
