"""The only code that moves the ``champion`` alias: a version is served if, and only if, it passes every gate.

1. accuracy: NDCG@10 of the combination above the best baseline's, over all models weighted by tested devices. Where
   fewer than ``gates.small_test_devices`` were tested, chance decides: then the upper end of its 95 % interval must
   reach the baseline's value (the tolerance), and without any tested device there is nothing to compare.
   While there is no champion yet, ``gates.first_champion_share`` of the best baseline is enough (here and in gate 2):
   an answer a little worse than the best simple method beats no recommendation at all, and the card shows both figures.
2. class: no model's combination is surely worse (its interval wholly below) than that model's best baseline.
3. coverage: the test's top ten show ``gates.min_coverage`` of the vocabulary; where the devices are too few for it,
   a quarter of what they could show.
4. rules: on a replay of requests, checked apart from the chain's own code, no rule is broken.
5. size and load time: serving can take it.
"""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from core.algorithms.next_video.bundle import Bundle, BundleError, size_bytes
from core.contracts.exports import CHAMPION, REGISTERED_MODEL
from core.errors import StageError
from core.json_form import json_form
from core.logs import progress
from core.settings import Gates, Settings
from training import runs
from training.gate import Gate
from training.replay import replay

BASELINES = ("popularity", "item_knn")
COMBINATION = "combination"
NDCG = "ndcg_at_10"
_REACHABLE_SHARE = 0.25


@dataclass(frozen=True)
class GateReport:
    """All gates of a version."""

    version: str
    is_promoted: bool
    gates: tuple[Gate, ...]

    @property
    def failed(self) -> str:
        """What failed, in one line; empty where all passed."""
        return "; ".join(f"{gate.name}: {gate.reading}" for gate in self.gates if not gate.is_passed)


def promote(settings: Settings, version: str, as_of: datetime) -> GateReport:
    """Put a version through the gates and make it the champion.

    Raises:
        StageError: a gate failed; the line says which and why. The champion stays what it was.
    """
    report = judge(settings, version, as_of)
    if not report.is_promoted:
        raise StageError(f"gates: version {version} stays out: {report.failed}")
    return report


def judge(settings: Settings, version: str, as_of: datetime) -> GateReport:
    """The same without raising: tag the version with the verdict, move the alias if every gate passed."""
    store = runs.client(settings)
    bundle, load_gates = _loaded(runs.bundle_of(settings, store, version), settings.gates)
    gates = list(load_gates)
    if bundle is not None:
        is_first = runs.champion_version(settings) is None
        gates += quality_gates(bundle.manifest["models"], settings.gates, is_first=is_first)
        gates.append(_rules_gate(settings, bundle, as_of))
    report = GateReport(version, all(gate.is_passed for gate in gates), tuple(gates))
    for gate in gates:
        progress(f"gate {gate.name}: {'passed' if gate.is_passed else 'FAILED'}: {gate.reading}")
    _write_verdict(store, report)
    if report.is_promoted:
        _move_alias(store, version)
    return report


def quality_gates(models: Mapping[str, Any], bounds: Gates, *, is_first: bool = False) -> list[Gate]:
    """Gates over the manifest's figures; ``is_first``: nothing is served yet."""
    share = bounds.first_champion_share if is_first else 1.0
    return [_accuracy(models, bounds, share), _no_class_worse(models, share), _coverage(models, bounds)]


def _accuracy(models: Mapping[str, Any], bounds: Gates, share: float) -> Gate:
    devices = sum(_users(entry) for entry in models.values())
    value = _weighted(models, COMBINATION)
    best = max(BASELINES, key=lambda name: _weighted(models, name))
    threshold = share * _weighted(models, best)
    of = "" if share == 1 else f"{share:g} of "
    reading = f"NDCG@10 {value:.4f} against {threshold:.4f} ({of}{best}) on {devices} devices"
    if devices >= bounds.small_test_devices:
        return Gate("accuracy", value, threshold, value > threshold, reading)
    upper = _weighted(models, COMBINATION, bound=1)
    is_passed = devices == 0 or upper >= threshold
    return Gate("accuracy", upper, threshold, is_passed, f"{reading}, few: with tolerance {upper:.4f}")


def _no_class_worse(models: Mapping[str, Any], share: float) -> Gate:
    margins = {
        name: _figure(entry, COMBINATION, bound=1) - share * max(_figure(entry, baseline) for baseline in BASELINES)
        for name, entry in models.items()
        if _users(entry)
    }
    if not margins:
        return Gate("class", 0.0, 0.0, True, "no device was tested")
    worst = min(margins, key=lambda name: margins[name])
    reading = f"{worst}: upper end of the interval is {margins[worst]:+.4f} from the best baseline"
    return Gate("class", margins[worst], 0.0, margins[worst] >= 0, reading)


def _coverage(models: Mapping[str, Any], bounds: Gates) -> Gate:
    margins = {}
    for name, entry in models.items():
        if users := _users(entry):
            reachable = min(1.0, 10 * users / max(entry["items"], 1))
            threshold = min(bounds.min_coverage, _REACHABLE_SHARE * reachable)
            value = float(entry["metrics"][COMBINATION]["coverage_at_10"])
            margins[name] = (value - threshold, value, threshold)
    if not margins:
        return Gate("coverage", 0.0, 0.0, True, "no device was tested")
    worst = min(margins, key=lambda name: margins[name])
    margin, value, threshold = margins[worst]
    return Gate(
        "coverage", value, threshold, margin >= 0, f"{worst}: {value:.3f} of the videos, at least {threshold:.3f}"
    )


def _rules_gate(settings: Settings, bundle: Bundle, as_of: datetime) -> Gate:
    result = replay(settings, bundle, as_of)
    reading = f"{len(result.breaks)} rules broken in {result.request_count} answers"
    if result.breaks:
        reading += f"; first: {result.breaks[0]}"
    return Gate("rules", float(len(result.breaks)), 0.0, not result.breaks, reading)


def _loaded(folder: Path, bounds: Gates) -> tuple[Bundle | None, Sequence[Gate]]:
    megabytes = size_bytes(folder) / 1e6
    limit = bounds.max_bundle_megabytes
    size = Gate("size", megabytes, limit, megabytes <= limit, f"{megabytes:.1f} MB, at most {limit:g}")
    began = time.perf_counter()
    try:
        bundle = Bundle.load(folder)
        bundle.warm_up()
    except BundleError as error:
        return None, [size, Gate("load", 0.0, bounds.max_load_seconds, False, str(error))]
    seconds = time.perf_counter() - began
    reading = f"{seconds:.2f} s, at most {bounds.max_load_seconds:g}"
    return bundle, [size, Gate("load", seconds, bounds.max_load_seconds, seconds <= bounds.max_load_seconds, reading)]


def _users(entry: Mapping[str, Any]) -> int:
    return int(entry["metrics"][COMBINATION]["users"])


def _figure(entry: Mapping[str, Any], contender: str, bound: int | None = None) -> float:
    figures = entry["metrics"][contender]
    return float(figures[NDCG] if bound is None else figures[f"{NDCG}_interval"][bound])


def _weighted(models: Mapping[str, Any], contender: str, bound: int | None = None) -> float:
    """Mean over all models, weighted by the devices tested; 0 without any."""
    tested = [(entry, _users(entry)) for entry in models.values() if _users(entry)]
    total = sum(users for _, users in tested)
    return sum(_figure(entry, contender, bound) * users for entry, users in tested) / total if total else 0.0


def _write_verdict(store: Any, report: GateReport) -> None:
    tags = {"verdict": "passed" if report.is_promoted else "failed"}
    tags |= {
        f"gate.{gate.name}": f"{'passed' if gate.is_passed else 'failed'}: {gate.reading}" for gate in report.gates
    }
    for name, value in tags.items():
        store.set_model_version_tag(REGISTERED_MODEL, report.version, name, value[:4000])
    run_id = store.get_model_version(REGISTERED_MODEL, report.version).run_id
    store.log_text(run_id, json.dumps(json_form(report), indent=1), "gates.json")


def _move_alias(store: Any, version: str) -> None:
    """The champion before stays reachable as ``previous``."""
    champion = runs.version_at(store, CHAMPION)
    if champion is not None and str(champion.version) == version:
        return
    if champion is not None:
        store.set_registered_model_alias(REGISTERED_MODEL, runs.PREVIOUS, str(champion.version))
    store.set_registered_model_alias(REGISTERED_MODEL, CHAMPION, version)
