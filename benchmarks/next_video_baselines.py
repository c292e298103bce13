"""Baselines of Next-Video alone, without TensorFlow: ``python -m benchmarks.next_video_baselines --interactions CSV``.

The same split, settings chosen on validation, and figures as in ``mediathek next-video evaluate``, which trains the
sequence half too and takes its time for it.
"""

import argparse
from pathlib import Path

import numpy as np

from core import logs
from training.datasets.csv_interactions import read_csv
from training.next_video.config import TrainingConfig
from training.next_video.evaluate import drawn
from training.next_video.exposure import ages_days
from training.next_video.metrics import RankingFigures
from training.next_video.protocol import split_by
from training.next_video.study import chosen_baselines

COLUMNS = ("ndcg_at_10", "recall_at_10", "coverage_at_10", "age_days_at_10", "gini_at_10")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--interactions", type=Path, required=True, help="CSV with the header user,item,timestamp")
    parser.add_argument("--protocol", default="leave-one-out", choices=("leave-one-out", "global-time"))
    given = parser.parse_args()
    logs.set_up()
    config = TrainingConfig()
    rng = np.random.default_rng(config.seed)
    split = split_by(read_csv(given.interactions), given.protocol)
    judged = drawn(split.validation, config.sequence.validation_users, rng)
    baselines, _ = chosen_baselines(split, judged, config.threads)
    print("| baseline | " + " | ".join(COLUMNS) + " | setting | seconds |\n|---|" + "---|" * (len(COLUMNS) + 2))
    for name, baseline in baselines.items():
        gathered = RankingFigures(len(split.interactions.items))
        for target in split.test.tolist():
            history = split.history(target)
            ages = ages_days(split.first_met_ms, int(split.interactions.at_ms[target]))
            gathered.add(baseline.scorer.scores(history), int(split.interactions.item[target]), history, ages)
        figures = gathered.summary(rng, config.bootstrap_samples)
        cells = []
        for column in COLUMNS:
            low, high = figures[f"{column}_interval"]  # type: ignore[misc]
            cells.append(f"{figures[column]:.4f} ({low:.4f} to {high:.4f})")
        setting = ", ".join(f"{key} {value:g}" for key, value in baseline.setting.items())
        print(f"| {name} | " + " | ".join(cells) + f" | {setting} | {baseline.seconds:.1f} |", flush=True)


if __name__ == "__main__":
    main()
