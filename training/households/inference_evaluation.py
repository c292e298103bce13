"""How far the inferences are right, against a truth that only evaluation sees (HH-6, HH-9)."""

import csv
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from core.algorithms.households.inference_settings import NOT_SURE, InferenceSettings, load_inference_settings
from core.errors import UserError
from core.privacy import load_pseudonyms, normalise_mac
from core.settings import Settings
from training.households.demographics import WHATS, Guess
from training.households.inference import all_guesses, answers, homes
from training.households.inference_model import Floats

_BINS = 10


def evaluate_inferences(settings: Settings, truth: Path, as_of: datetime) -> dict[str, Any]:
    """Return figures by what is inferred, from ``truth/person.csv``, ``income.csv`` and ``device_household.csv``.

    Each: ``count``, ``accuracy`` of the likeliest value, ``prior_accuracy`` of always guessing the most common,
    ``log_loss`` and ``prior_log_loss``, ``sure_count`` and ``sure_share`` (answered, not "not sure"),
    ``sure_accuracy``, ``ece`` (expected calibration error, Guo et al., ICML 2017), ``bins`` for the reliability plot,
    and ``groups``: the same for the people of each true value, for the fairness note.

    Raises:
        UserError: a file of the truth is missing.
        StageError: households were not clustered yet.
    """
    rules = load_inference_settings(settings.config)
    home_of = homes(settings, as_of)
    guesses = all_guesses(settings, rules, home_of, as_of)
    keys = _device_keys(settings, truth)
    people = {keys[row["mac"]]: row for row in _read(truth, "person") if row["mac"] in keys}
    incomes = _incomes(truth, keys, home_of)
    figures = {
        what: _figures(guesses[what], {key: row[what] for key, row in people.items()}, rules, what) for what in WHATS
    }
    return figures | {"income": _figures(guesses["income"], incomes, rules, "income")}


def _device_keys(settings: Settings, truth: Path) -> dict[str, str]:
    pseudonyms = load_pseudonyms(settings.paths.keys)
    macs = {row["mac"] for row in _read(truth, "person")}
    normal = {mac: normalise_mac(mac) for mac in macs}
    return {mac: pseudonyms.device_key(known) for mac, known in normal.items() if known}


def _incomes(truth: Path, keys: dict[str, str], home_of: dict[str, str]) -> dict[str, str]:
    """True income of each household found: that of the true household of most of its devices."""
    income = {row["household_id"]: row["income"] for row in _read(truth, "income")}
    votes: dict[str, Counter[str]] = {}
    for row in _read(truth, "device_household"):
        home = home_of.get(keys.get(row["mac"], ""))
        if home is not None:
            votes.setdefault(home, Counter())[row["household_id"]] += 1
    most = {home: min(counts, key=lambda each: (-counts[each], each)) for home, counts in votes.items()}
    return {home: income[true] for home, true in most.items() if true in income}


def _read(truth: Path, name: str) -> list[dict[str, str]]:
    file = truth / f"{name}.csv"
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            return list(csv.DictReader(lines))
    except OSError:
        raise UserError(f"truth: {file} cannot be read; name the truth folder of a simulation") from None


def _figures(guess: Guess, truth: dict[str, str], rules: InferenceSettings, what: str) -> dict[str, Any]:
    """Compare; whoever's true value is none of the model's (several people, a child) is not counted."""
    place = {value: number for number, value in enumerate(guess.values)}
    rows = np.array([row for row, key in enumerate(guess.keys) if truth.get(key) in place], dtype=np.int64)
    true = np.array([place[truth[guess.keys[row]]] for row in rows], dtype=np.int64)
    if not len(rows):
        return {"count": 0}
    chances = guess.chances[rows]
    best, confidence = chances.argmax(axis=1), chances.max(axis=1)
    is_right = best == true
    said = answers(guess, rules, what)
    is_sure = np.array([said[row][0] != NOT_SURE for row in rows])
    prior = np.array([rules.priors[what][value] for value in guess.values])
    bins = _bins(confidence, is_right)
    return {
        "count": len(rows),
        "accuracy": float(is_right.mean()),
        "prior_accuracy": float((true == prior.argmax()).mean()),
        "log_loss": float(-np.log(np.maximum(chances[np.arange(len(rows)), true], 1e-12)).mean()),
        "prior_log_loss": float(-np.log(prior[true]).mean()),
        **_sure(is_sure, is_right),
        "ece": sum(each["count"] * abs(each["accuracy"] - each["confidence"]) for each in bins) / len(rows),
        "bins": bins,
        "groups": {
            value: {"count": int((true == number).sum())} | _sure(is_sure[true == number], is_right[true == number])
            for value, number in place.items()
        },
    }


def _sure(is_sure: Any, is_right: Any) -> dict[str, float | None]:
    return {
        "sure_count": int(is_sure.sum()),
        "sure_share": float(is_sure.mean()) if len(is_sure) else None,
        "sure_accuracy": float(is_right[is_sure].mean()) if is_sure.any() else None,
    }


def _bins(confidence: Floats, is_right: Any) -> list[dict[str, Any]]:
    """Ten bins of confidence; empty ones are left out."""
    place = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    return [
        {
            "confidence": float(confidence[place == number].mean()),
            "accuracy": float(is_right[place == number].mean()),
            "count": int((place == number).sum()),
        }
        for number in range(_BINS)
        if (place == number).any()
    ]
