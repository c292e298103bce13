"""Ad detection on sources never heard: which part brings what, and how fast it is.

Run: ``python -m benchmarks.ad_detection [--recordings .cache/recordings]``. Trains on composed stations and scores on
others that share no voice, language, style or recording with them. Without ``--recordings`` (``make corpus``) every
voice and tune is SYNTHETIC, and the figures are figures on synthetic sound.
"""

import argparse
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.claim import Claim, say
from core.settings import apply_no_telemetry


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recordings", type=Path, help="folder with train/ and test/ as `make corpus` leaves it")
    parser.add_argument("--hours", type=float, default=0.5, help="of composed sound to learn from; a quarter to test")
    parser.add_argument("--epochs", type=int, default=6)
    given = parser.parse_args()
    apply_no_telemetry()
    with tempfile.TemporaryDirectory() as work:
        report, seconds = measure(Path(work), given.recordings, given.hours, given.epochs)
    kind = "recordings" if given.recordings else "SYNTHETIC voices and music"
    print(f"unseen sources, {kind}; {given.hours} h learned in {seconds:.0f} s, {report['hours']} h tested\n")
    rows = {"all": report, **report["parts"]}
    print("| decoder | frames right | F1 ad | F1 talk | F1 music | border error |\n|---|---|---|---|---|---|")
    for name, row in rows.items():
        f1 = row["f1"]
        print(f"| {name} | {row['frame_accuracy']:.3f} {row['frame_accuracy_interval']} | {f1['ad']} | {f1['talk']} | "
              f"{f1['music']} | {row['boundary_error_s']} s |")  # fmt: skip
    _claim(report, kind)


def measure(work: Path, recordings: Path | None, hours: float, epochs: int) -> tuple[dict[str, Any], float]:
    from training.ad_detection.composer.compose import compose
    from training.ad_detection.config import DetectorConfig
    from training.ad_detection.evaluate import evaluate
    from training.ad_detection.run import make

    learned, tested = (recordings / part if recordings else None for part in ("train", "test"))
    train = compose(work / "train", hours, 1, "train", learned, 0.65, 9)
    test = compose(work / "test", max(0.2, hours / 4), 900, "test", tested, 1.0, 9)
    started = time.perf_counter()
    bundle = make(train, datetime(2026, 1, 1, tzinfo=UTC), DetectorConfig(epochs=epochs))
    seconds = time.perf_counter() - started
    return evaluate(bundle, test), seconds


def _claim(report: dict[str, Any], kind: str) -> None:
    author = report["parts"]["net, author's thresholds"]["frame_accuracy"]
    own = report["parts"]["net, segment model"]["frame_accuracy"]
    say(Claim(f"AD-4 frames right, {kind}", f"{own:.3f}", f">= the author's {author:.3f}", own >= author,
              "the author's thresholds on the same net"))  # fmt: skip
    speed = report["realtime_factor"]
    say(Claim("AD-7 recordings, decoding included", f"{speed:.0f}x", ">= 100x", speed >= 100, "real time"))


if __name__ == "__main__":
    main()
