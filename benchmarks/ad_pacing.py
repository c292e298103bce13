"""Pacing on simulated days (synthetic): plan against delivery when traffic is normal, jumps or stops (HH-10).

The forecast was learned from three weeks before the day. Traffic jumps to three times from 15 to 17 o'clock, or is away
for three hours (10 to 13; and 19 to 22, the best hours of television: phones have had most of their day by then). For
each day: how far delivery was from the plan, what was delivered of what was booked, and of the value that the offline
optimum of that very day has (``benchmarks.ad_optimum``), and how far the shares of device classes were from the
campaign's split at its end; beside it the same chooser without pacing.

Run: ``python -m benchmarks.ad_pacing [--breaks 8000] [--table]``
"""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np

from benchmarks.ad_day import BEGIN, Shown, campaigns, day, past, rules, run
from benchmarks.ad_optimality import BAR, BudgetPacer
from benchmarks.ad_optimum import upper_bound
from benchmarks.claim import Claim, say
from core.algorithms.ads.pacer import Pacer
from core.algorithms.ads.pacing import ForecastPacer, PacingPlan
from core.domain.advertising import Campaign

DEMAND = 0.7
SPLIT_BAR = 2.0
LARGE = 200
"""Impressions: of a smaller campaign one impression is more than half a percentage point."""


def _level(begin: int, end: int, factor: float) -> tuple[float, ...]:
    return tuple(factor if begin <= hour < end else 1.0 for hour in range(24))


DAYS = {
    "normal": _level(0, 0, 1.0),
    "jump": _level(15, 17, 3.0),
    "stop by day": _level(10, 13, 0.0),
    "stop in the evening": _level(19, 22, 0.0),
}

HELD = ("normal", "jump", "stop by day")
"""Days on which the bars hold; on the fourth the figures are shown as they are."""


@dataclass(frozen=True)
class Paced:
    """One method on one day; ``lines`` are the share of the booked impressions by quarter of an hour."""

    planned: list[float]
    lines: list[float]
    delivered: float
    least: float
    worst_split: float
    of_optimum: float

    @property
    def error(self) -> float:
        """Largest distance from the plan, in shares of what was booked."""
        return max(abs(one - other) for one, other in zip(self.planned, self.lines, strict=True))


def measure(name: str, breaks: int) -> dict[str, Paced]:
    rng = np.random.default_rng(31)
    forecast, booked, by = past(rng, breaks), campaigns(rng, breaks, DEMAND), rules()
    lived = day(rng, breaks, breaks // 2, DAYS[name])
    plan = ForecastPacer([PacingPlan.of(each) for each in booked], forecast, zone=by.zone)
    at = [BEGIN + timedelta(minutes=15 * step) for step in range(96)]
    planned = [
        sum(plan.planned(one.campaign_id, where, when) for one in booked for where in one.device_split) for when in at
    ]
    paced = ForecastPacer([PacingPlan.of(each) for each in booked], forecast, zone=by.zone)
    methods: dict[str, Pacer] = {"paced": paced, "unpaced": BudgetPacer(booked)}
    optimum = upper_bound(lived, booked, by)
    shown = {method: run(lived, booked, pacer, by) for method, pacer in methods.items()}
    return {method: _summed(each, booked, planned, optimum) for method, each in shown.items()}


def _summed(shown: Sequence[Shown], booked: Sequence[Campaign], planned: list[float], optimum: float) -> Paced:
    whole = sum(each.impressions for each in booked)
    steps = np.array([(each.at - BEGIN).total_seconds() / 900 for each in shown])
    lines = [float((steps < step).sum()) / whole for step in range(96)]
    counted = Counter((each.campaign_id, each.device_class) for each in shown)
    totals = Counter(each.campaign_id for each in shown)
    deviations = [
        abs(counted[each.campaign_id, one] / totals[each.campaign_id] - share)
        for each in booked
        if totals[each.campaign_id] >= LARGE
        for one, share in each.device_split.items()
    ]
    least = min(totals[each.campaign_id] / each.impressions for each in booked)
    value = sum(each.value for each in shown) / optimum
    return Paced([each / whole for each in planned], lines, len(shown) / whole, least, 100 * max(deviations), value)


def table(days: dict[str, dict[str, Paced]]) -> str:
    lines = [
        "| day | method | furthest from the plan | of booked | of the optimum | least campaign | worst split, points |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, methods in days.items():
        for method, each in methods.items():
            shares = (each.error, each.delivered, each.of_optimum, each.least)
            cells = " | ".join(f"{share:.3f}" for share in shares)
            lines.append(f"| {name} | {method} | {cells} | {each.worst_split:.2f} |")
    return "\n".join(lines)


def draw(days: dict[str, dict[str, Paced]], file: Path) -> None:
    """Write the lines of all days as one SVG, the same bytes for the same figures."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "ad pacing"
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, len(days), figsize=(4 * len(days), 3.4), sharey=True, layout="constrained")
    hours = np.arange(96) / 4
    for axis, (name, methods) in zip(axes, days.items(), strict=True):
        axis.plot(hours, methods["paced"].planned, color="black", linestyle="--", label="plan")
        axis.plot(hours, methods["paced"].lines, color="tab:blue", label="paced")
        axis.plot(hours, methods["unpaced"].lines, color="tab:orange", label="without pacing")
        axis.set(title=name, xlabel="hour of the day", xlim=(0, 24), xticks=range(0, 25, 6))
    axes[0].set_ylabel("share of what was booked")
    axes[0].legend()
    figure.savefig(file, metadata={"Date": None})


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--breaks", type=int, default=8000, help="expected breaks a day, two slots each on average")
    parser.add_argument("--table", action="store_true", help="write ad_pacing.md and ad_pacing.svg")
    given = parser.parse_args()
    days = {name: measure(name, given.breaks) for name in DAYS}
    print(table(days))
    if given.table:
        file = Path(__file__).with_suffix(".md")
        note = (__doc__ or "").split("\n\nRun")[0]
        scale = f"{given.breaks} breaks a day, 24 campaigns that booked {DEMAND} of the slots; splits of campaigns with"
        scale += f" {LARGE} impressions or more."
        picture = "![plan and delivery by hour](ad_pacing.svg)"
        file.write_text(f"# Ad decisions: pacing\n\n{note}\n\n{scale}\n\n{table(days)}\n\n{picture}\n")
        draw(days, file.with_suffix(".svg"))
    _claim(days)
    return 0


def _claim(days: dict[str, dict[str, Paced]]) -> None:
    split = max(days[name]["paced"].worst_split for name in HELD)
    loose = max(days[name]["unpaced"].worst_split for name in HELD)
    text = "ad pacing: device split, worst campaign and day (points)"
    say(Claim(text, f"{split:.2f}", f"<= {SPLIT_BAR}", split <= SPLIT_BAR, f"without pacing {loose:.2f}"))
    far, loose = (max(days[name][method].error for name in ("normal", "jump")) for method in ("paced", "unpaced"))
    text = "ad pacing: distance from the plan, normal day and jump (share of booked)"
    say(Claim(text, f"{far:.3f}", "<= 0.05", far <= 0.05, f"without pacing {loose:.3f}"))
    after = days["stop by day"]["paced"].of_optimum
    text = "ad pacing: value delivered on a day with a stop of three hours"
    say(Claim(text, f"{after:.3f}", f">= {BAR}", after >= BAR, "offline optimum of that day"))


if __name__ == "__main__":
    sys.exit(main())
