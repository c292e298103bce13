"""``mediathek next-video evaluate``: train and score on anybody's interactions, by the papers' protocols."""

import resource
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from core.errors import UserError
from core.settings import Settings
from training.datasets.csv_interactions import read_csv
from training.datasets.interactions import Interactions
from training.datasets.splits import Split, global_time, leave_one_out
from training.next_video import exposure
from training.next_video.config import SequenceConfig, TrainingConfig
from training.next_video.metrics import NAMES

if TYPE_CHECKING:
    from training.next_video.train import Trained

Protocol = Literal["leave-one-out", "global-time"]
PROTOCOLS: tuple[Protocol, ...] = ("leave-one-out", "global-time")
_SHARE = 0.1  # of the interactions, to validation and to test each, by the global split
_MAX_LENGTH = 100
PAPERS = SequenceConfig(
    width=128,
    head_count=4,
    dropout=0.3,
    max_length=_MAX_LENGTH,
    learning_rate=1.5e-3,
    schedule="cosine",
    max_epochs=20,
    patience=20,
    min_steps=200,
)
"""Settings for the papers' data sets, where minutes may be spent instead of one; chosen by hand on MovieLens-1M's
validation split (NV-T6; ``benchmarks/next_video.md`` has what was tried)."""
_EVALUATION_SHARE = 0.85  # of a time budget that may pass before learning stops


def evaluate_file(
    settings: Settings,
    file: Path,
    protocol: Protocol,
    budget_minutes: float | None,
    config: TrainingConfig,
    *,
    has_chosen_shares: bool = True,
    sequence: SequenceConfig = PAPERS,
) -> dict[str, Any]:
    """Train on the file's interactions and rank all items for each test user, rated items removed.

    Returns:
        The contract's figures of the combination, ``train_seconds``, ``peak_memory_mb`` (of this process), and under
        ``baselines`` the same figures of popularity, item-kNN, transitions, EASE and each half alone. ``setting`` and
        ``blend`` were chosen on validation, ``validation`` says from what; ``has_chosen_shares`` false takes the
        shares that serve instead. ``sequence`` sets the sequence half.

    Raises:
        UserError: the file is wrong, or no user has the 3 interactions that a test needs.
    """
    began = time.monotonic()
    interactions = read_csv(file)
    split = split_by(interactions, protocol)
    if len(split.test) == 0:
        raise UserError(f"interactions: {file} has no user with 3 interactions or more to test on; add some")
    from training.next_video.fit import use_threads
    from training.next_video.study import Study
    from training.next_video.train import train_and_evaluate

    use_threads(config.threads)
    seconds = None
    if budget_minutes is not None:
        seconds = max(1.0, budget_minutes * 60 * _EVALUATION_SHARE - (time.monotonic() - began))
    blend, study = settings.next_video.blend, Study(has_chosen_shares)
    trained = train_and_evaluate(
        "model", split, fitted_to(config, split, sequence), blend, seconds=seconds, study=study
    )
    return {"protocol": protocol, **_report(trained), "counts": {**trained.counts, "items": len(interactions.items)}}


def _report(trained: "Trained") -> dict[str, Any]:
    figures: dict[str, Any] = dict(trained.figures)
    combination = figures.pop("combination")
    choice, memory = trained.choice, round(peak_memory_mb(), 1)
    if choice is None:
        raise ValueError("an evaluation is a study")
    return {
        **combination,
        "train_seconds": round(trained.train_seconds, 2),
        "peak_memory_mb": memory,
        "baselines": {
            name: {
                **values,
                "train_seconds": round(trained.seconds_of[name], 2),
                "peak_memory_mb": memory,
                **({"setting": dict(choice.baselines[name].setting)} if name in choice.baselines else {}),
            }
            for name, values in figures.items()
        },
        "blend": {"sequence": choice.blend.sequence, "similarity": choice.blend.similarity},
        "validation": choice.validation,
        "loss_curve": {"loss": trained.curve.loss, "validation_ndcg": trained.curve.validation_ndcg},
        "metrics": [*NAMES, *exposure.NAMES[1:]],
    }


def split_by(interactions: Interactions, protocol: Protocol) -> Split:
    """Cut by one of the two protocols.

    Raises:
        UserError: the protocol is unknown.
    """
    if protocol == "leave-one-out":
        return leave_one_out(interactions)
    if protocol == "global-time":
        validation_from, test_from = np.quantile(interactions.at_ms, [1 - 2 * _SHARE, 1 - _SHARE])
        return global_time(interactions, int(validation_from), int(test_from))
    raise UserError(f"protocol: '{protocol}' is unknown; use one of {', '.join(PROTOCOLS)}")


def fitted_to(config: TrainingConfig, split: Split, sequence: SequenceConfig) -> TrainingConfig:
    """The settings given, but no longer than the longest history; all test users count."""
    longest = int(np.diff(split.interactions.starts).max())
    fitted = replace(sequence, max_length=max(2, min(sequence.max_length, longest)))
    return replace(config, sequence=fitted, max_test_users=len(split.test))


def peak_memory_mb() -> float:
    """Most memory that this process has held, MB (10^6 bytes)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6
