"""Claim: a device class with little data is served no worse by a model that borrows from the others than by its own.

``python -m benchmarks.next_video_classes [--device-class desktop] [--plays 500 2000 0] --as-of TIME`` on the plays of
the last build (the simulator's are synthetic). For each number of training plays left to the class (0: all it has),
three models are trained before the same cut in time and asked for the same held-out devices of the class: *own*, from
nothing on the class's plays; *shared*, on those of all; *borrowed*, going on from the shared one on the class's plays.
"""

import argparse
import sys
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from benchmarks.claim import Claim, say
from core import clock, logs
from core.algorithms.next_video.bundle import ClassModel
from core.algorithms.next_video.ranking import combine
from core.algorithms.next_video.sequences import model_input
from core.settings import Settings, apply_no_telemetry, load
from training.datasets.interactions import Interactions, training_plays
from training.datasets.splits import Split, global_time
from training.next_video.config import TrainingConfig
from training.next_video.evaluate import drawn
from training.next_video.metrics import interval, per_user, rank_of

MODELS = ("own", "shared", "borrowed")
Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    """The two splits of one number of plays, over the same items and cut at the same time."""

    shared: Split
    own: Split

    @property
    def plays(self) -> int:
        return len(self.own.training)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device-class", default="desktop")
    parser.add_argument("--plays", type=int, nargs="+", default=[500, 2000, 0], help="0: all")
    parser.add_argument("--as-of", required=True, help="time of the build, RFC 3339 with zone")
    given = parser.parse_args()
    logs.set_up()
    apply_no_telemetry()
    from training.next_video.fit import use_threads

    settings, config = load(), TrainingConfig()
    as_of = clock.parse_instant(given.as_of, "as-of")
    use_threads(config.threads)
    window = settings.next_video.window_days
    everybody = training_plays(settings.paths, as_of, window)
    of_class = training_plays(settings.paths, as_of, window, given.device_class)
    print(f"{given.device_class}: {len(of_class)} of {len(everybody)} plays")
    print(
        "| its training plays | devices | model | sequence | combination | sequence, borrowed minus it | combination |"
    )
    print("|---|---|---|---|---|---|---|")
    cases = [_case(everybody, of_class, count, config) for count in given.plays]
    is_met = [_compare(settings, config, case, given.device_class) for case in cases]
    return 0 if all(is_met) else 1


def _case(everybody: Interactions, of_class: Interactions, count: int, config: TrainingConfig) -> Case:
    """Leave ``count`` training plays to the class: those of devices drawn at random; the others train nobody."""
    from training.next_video.run import cuts

    cut_at = cuts(everybody, config)
    shared, own = global_time(everybody, *cut_at), global_time(of_class.among(everybody.items), *cut_at)
    users = len(of_class.users)
    order = np.random.default_rng(config.seed).permutation(users)
    plays = np.cumsum(np.bincount(of_class.user[own.is_training], minlength=users)[order])
    is_left = np.zeros(users, dtype=bool)
    is_left[order[: int(np.searchsorted(plays, count)) + 1] if count else order] = True
    gone = np.isin(np.asarray(everybody.users), np.asarray(of_class.users)[~is_left])
    return Case(
        replace(shared, is_training=shared.is_training & ~gone[everybody.user]),
        replace(own, is_training=own.is_training & is_left[of_class.user]),
    )


def _compare(settings: Settings, config: TrainingConfig, case: Case, name: str) -> bool:
    """Train the three, print a row for each, and say whether what is borrowed is surely worse than its own."""
    from training.next_video.train import class_model, learned

    rng = np.random.default_rng(config.seed)
    judged_all = drawn(case.shared.validation, config.sequence.validation_users, rng)
    judged = drawn(case.own.validation, config.sequence.validation_users, rng)
    shared, _ = learned("shared", case.shared, judged_all, config)
    own, _ = learned("own", case.own, judged, config)
    borrowed, _ = learned("borrowed", case.own, judged, config, start=shared)
    values = {
        "own": _values(class_model("own", case.own.training, own, config), settings, case.own),
        "shared": _values(class_model("shared", case.shared.training, shared, config), settings, case.own),
        "borrowed": _values(class_model("borrowed", case.own.training, borrowed, config), settings, case.own),
    }
    for model in MODELS:
        cells = [f"{figures.mean():.4f}" for figures in values[model]]
        cells += [
            _difference(theirs, mine, rng) for mine, theirs in zip(values[model], values["borrowed"], strict=True)
        ]
        print(f"| {case.plays} | {len(case.own.test)} | {model} | " + " | ".join(cells) + " |", flush=True)
    mean, _, high = _paired(values["borrowed"][1], values["own"][1], rng)
    text = f"Next-Video: {name} with {case.plays} plays, NDCG@10 of borrowed minus own, upper end"
    say(Claim(text, f"{high:+.4f} ({mean:+.4f})", ">= 0", high >= 0, "its own model alone"))
    return high >= 0


def _values(model: ClassModel, settings: Settings, split: Split) -> tuple[Values, Values]:
    """NDCG@10 of each test device, of the sequence half and of the combination."""
    ranks: tuple[list[int], list[int]] = ([], [])
    for target in split.test.tolist():
        history = split.history(target)
        wanted = int(split.interactions.item[target])
        *earlier, current = history
        alone = model.sequence_scores(model_input(earlier, current, model.sequence.max_length))
        both = combine(model, earlier, current, settings.next_video.blend).scores
        for found, scores in zip(ranks, (alone, both), strict=True):
            found.append(rank_of(scores, wanted, history))
    return per_user(ranks[0])["ndcg_at_10"], per_user(ranks[1])["ndcg_at_10"]


def _paired(theirs: Values, mine: Values, rng: np.random.Generator) -> tuple[float, float, float]:
    low, high = interval(theirs - mine, rng, 2000)
    return float((theirs - mine).mean()), low, high


def _difference(theirs: Values, mine: Values, rng: np.random.Generator) -> str:
    if theirs is mine:
        return ""
    mean, low, high = _paired(theirs, mine, rng)
    return f"{mean:+.4f} ({low:+.4f} to {high:+.4f})"


if __name__ == "__main__":
    sys.exit(main())
