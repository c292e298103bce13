"""Claim: an experiment's read-out recovers a known effect from viewers who call the API, and is fooled by nothing else.

Run: python -m benchmarks.experiments [--devices 600] [--days 14]; its table is experiments.md.
Each row is one closed loop: viewers ask the app, follow or ignore what it recommends; both logs are taken in, dbt
builds the warehouse, the experiment is read out. Synthetic viewers; the true effect is worked out, not measured.
"""

import argparse
import tempfile
from pathlib import Path

from benchmarks.claim import Claim, say
from monitoring.experiments.readout import Readout
from tests.closed_loop import Scenario, run

AS_IT_IS, FOLLOWED_MORE = 0.2, 0.6
_HEAD = (
    "| what viewers do | true effect | estimate | band at any look | 95 % interval of the bounds | status | units |\n"
    "|---|---|---|---|---|---|---|"
)


def scenarios(devices: int, days: int) -> dict[str, Scenario]:
    """By what viewers do."""
    same = {"as_it_is": AS_IT_IS, "more_alike": AS_IT_IS}
    more = {"as_it_is": AS_IT_IS, "more_alike": FOLLOWED_MORE}
    return {
        "the same in both arms": Scenario(devices, days, same, seed=11),
        "follow more often": Scenario(devices, days, more, seed=12),
        "follow less often": Scenario(devices, days, dict(zip(more, reversed(more.values()), strict=True)), seed=13),
        "the same; a tenth of the clients forget their unit": Scenario(devices, days, same, 0.1, seed=14),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--devices", type=int, default=600)
    parser.add_argument("--days", type=int, default=14)
    chosen = parser.parse_args()
    print(_HEAD, flush=True)
    right = []
    for name, scenario in scenarios(chosen.devices, chosen.days).items():
        with tempfile.TemporaryDirectory() as folder:
            found = run(Path(folder), scenario)
        print(_row(name, scenario, found), flush=True)
        right.append(_is_right(scenario, found))
    say(
        Claim(
            text="read-outs of closed loops say what is true",
            figure=f"{sum(right)} of {len(right)}",
            bar=f"= {len(right)}",
            is_met=all(right),
            baseline="the true effect of the simulated viewers",
        )
    )


def _is_right(scenario: Scenario, found: Readout) -> bool:
    """Blocked where the assignment is broken; else the band holds the truth and the verdict does not contradict it."""
    if scenario.switching_share:
        return found.status == "blocked"
    band = found.contrasts[0].relative
    holds = band.low is not None and band.high is not None and band.low <= scenario.true_effect <= band.high
    wrong = {"better": scenario.true_effect <= 0, "worse": scenario.true_effect >= 0}
    return holds and not wrong.get(found.status, False)


def _row(name: str, scenario: Scenario, found: Readout) -> str:
    contrast = found.contrasts[0]
    bounds = contrast.at_decision
    return (
        f"| {name} | {scenario.true_effect:+.1%} | {contrast.relative.value:+.1%}"
        f" | {_range(contrast.relative.low, contrast.relative.high)}"
        f" | {_range(bounds.low, bounds.high) if bounds else '–'} | {found.status}"
        f" | {' / '.join(str(arm.unit_count) for arm in found.arms)} |"
    )


def _range(low: float | None, high: float | None) -> str:
    return "–" if low is None or high is None else f"{low:+.1%} to {high:+.1%}"


if __name__ == "__main__":
    main()
