"""Claim: what serves ranks better than popularity and item-kNN, on the same interactions, in the same run.

``python -m benchmarks.next_video_accuracy [--interactions CSV] [--protocol leave-one-out|global-time]``; without a CSV,
the plays of the last build, all device classes together, cut in time. Prints figures and, as ratios, what they are
against the better baseline; ``--bound`` ends with exit code 1 below that ratio.
"""

import argparse
import csv
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.claim import Claim, say
from core import logs
from core.contracts import exports
from core.settings import Settings, apply_no_telemetry, load
from core.storage import read_rows

BASELINES = ("popularity", "item_knn")
FIGURES = ("ndcg_at_10", "recall_at_10", "mrr", "coverage_at_10")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--interactions", type=Path, help="CSV with the header user,item,timestamp")
    parser.add_argument("--protocol", default=None, choices=("leave-one-out", "global-time"))
    parser.add_argument("--bound", type=float, default=1.0, help="least NDCG@10 against the better baseline")
    given = parser.parse_args()
    logs.set_up()
    apply_no_telemetry()
    from training.next_video.config import TrainingConfig
    from training.next_video.protocol import Protocol, evaluate_file

    settings = load()
    with tempfile.TemporaryDirectory() as folder:
        file = given.interactions or _plays_of_last_build(settings, Path(folder) / "plays.csv")
        protocol: Protocol = given.protocol or ("leave-one-out" if given.interactions else "global-time")
        report = evaluate_file(settings, file, protocol, None, TrainingConfig())
    return _print(report, protocol, given.bound)


def _plays_of_last_build(settings: Settings, target: Path) -> Path:
    file = settings.paths.export(exports.FEAT_TRAINING_PLAYS)
    if not file.exists():
        sys.exit(f"{file} is missing; run `mediathek pipeline` first, or give --interactions")
    rows = read_rows(file, "select device_key, content_id, played_at from rows")
    with target.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(("user", "item", "timestamp"))
        writer.writerows((row["device_key"], row["content_id"], _epoch_seconds(row["played_at"])) for row in rows)
    return target


def _epoch_seconds(at: datetime) -> float:
    return at.replace(tzinfo=UTC).timestamp()


def _print(report: dict[str, Any], protocol: str, bound: float) -> int:
    contenders = {"combination": report, **report["baselines"]}
    counts = report["counts"]
    print(f"{protocol}: {counts['rows']} interactions, {counts['devices']} users, {counts['items']} items")
    print(f"| {'contender':<12} | " + " | ".join(f"{figure:<14}" for figure in FIGURES) + " | train s |")
    print("|---|" + "---|" * (len(FIGURES) + 1))
    for name, figures in contenders.items():
        cells = " | ".join(f"{figures[figure]:<14.4f}" for figure in FIGURES)
        print(f"| {name:<12} | {cells} | {figures['train_seconds']:.1f} |")
    best = max(BASELINES, key=lambda name: report["baselines"][name]["ndcg_at_10"])
    against = report["baselines"][best]["ndcg_at_10"]
    ratio = report["ndcg_at_10"] / against if against else float("inf")
    print(f"ratio of NDCG@10, combination to {best}: {ratio:.2f} (at least {bound:g})")
    say(
        Claim(
            f"Next-Video: NDCG@10, {protocol}", f"{ratio:.2f}", f">= {bound:g}", ratio >= bound, f"{best}, the better"
        )
    )
    return 0 if ratio >= bound else 1


if __name__ == "__main__":
    sys.exit(main())
