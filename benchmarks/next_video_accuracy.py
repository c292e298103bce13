"""Claim: the combination ranks better than the best baseline, on the same interactions, in the same run.

``python -m benchmarks.next_video_accuracy [--interactions CSV] [--protocol leave-one-out|global-time]``; without a CSV,
the plays of the last build, all device classes together, cut in time, with the settings that serve. Prints the table
of ``next_video.md`` and, as a ratio, NDCG@10 against the best baseline, all of them set on validation; below
``--bound`` it ends with exit code 1.
``--report JSON`` prints the table of a report that ``mediathek next-video evaluate --json`` has written.
"""

import argparse
import csv
import json
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

BASELINES = ("popularity", "item_knn", "transitions", "ease")
FIGURES = {
    "NDCG@10": ("ndcg_at_10", 4),
    "to the best, paired": ("ndcg_at_10_to_best", 4),
    "Recall@10": ("recall_at_10", 4),
    "coverage@10": ("coverage_at_10", 3),
    "age, days": ("age_days_at_10", 1),
    "Gini": ("gini_at_10", 3),
}
"""Columns: the figure's name in a report, and its decimals."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--interactions", type=Path, help="CSV with the header user,item,timestamp")
    parser.add_argument("--protocol", default=None, choices=("leave-one-out", "global-time"))
    parser.add_argument("--time-budget", type=float, help="minutes; learning stops in time")
    parser.add_argument("--report", type=Path, help="print the table of this report and measure nothing")
    parser.add_argument("--bound", type=float, default=1.0, help="least NDCG@10 against the best baseline")
    given = parser.parse_args()
    if given.report:
        return _print(json.loads(given.report.read_text(encoding="utf-8")), given.bound)
    logs.set_up()
    apply_no_telemetry()
    from training.next_video.config import TrainingConfig
    from training.next_video.protocol import PAPERS, Protocol, evaluate_file

    settings = load()
    with tempfile.TemporaryDirectory() as folder:
        file = given.interactions or _plays_of_last_build(settings, Path(folder) / "plays.csv")
        protocol: Protocol = given.protocol or ("leave-one-out" if given.interactions else "global-time")
        config = TrainingConfig()
        sequence = PAPERS if given.interactions else config.sequence
        report = evaluate_file(settings, file, protocol, given.time_budget, config, sequence=sequence)
    return _print(report, given.bound)


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


def _print(report: dict[str, Any], bound: float) -> int:
    contenders = {"combination": report, **report["baselines"]}
    counts, protocol = report["counts"], report["protocol"]
    print(
        f"{protocol}: {counts['rows']} interactions, {counts['devices']} users, {counts['items']} items; "
        f"{counts['validation_devices']} users validate, {counts['test_devices']} test"
    )
    print("| contender | " + " | ".join(FIGURES) + " | setting | train, s |")
    print("|---|" + "---|" * (len(FIGURES) + 2))
    for name, figures in sorted(contenders.items(), key=lambda each: -each[1]["ndcg_at_10"]):
        cells = " | ".join(_cell(figures, *column) for column in FIGURES.values())
        setting = report["blend"] if name == "combination" else figures.get("setting", {})
        chosen = ", ".join(f"{key} {value:g}" for key, value in setting.items())
        print(f"| {name} | {cells} | {chosen} | {figures['train_seconds']:.1f} |")
    present = [name for name in BASELINES if name in report["baselines"]]
    best = max(present, key=lambda name: report["baselines"][name]["ndcg_at_10"])
    against = report["baselines"][best]["ndcg_at_10"]
    ratio = report["ndcg_at_10"] / against if against else float("inf")
    print(f"ratio of NDCG@10, combination to {best}: {ratio:.2f} (at least {bound:g})")
    claim = f"Next-Video: NDCG@10, {protocol}"
    say(Claim(claim, f"{ratio:.2f}", f">= {bound:g}", ratio >= bound, f"{best}, the best baseline"))
    return 0 if ratio >= bound else 1


def _cell(figures: dict[str, Any], name: str, decimals: int) -> str:
    """A figure and its 95 % interval."""
    if name not in figures:
        return ""
    sign = "+" if name.endswith("to_best") else ""
    value = f"{figures[name]:{sign}.{decimals}f}"
    if f"{name}_interval" not in figures:
        return value
    low, high = figures[f"{name}_interval"]
    if low == high:
        return "0" if sign else value
    return f"{value} ({low:{sign}.{decimals}f} to {high:{sign}.{decimals}f})"


if __name__ == "__main__":
    sys.exit(main())
