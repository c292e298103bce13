"""Claim: an experiment's read-out recovers a known effect from viewers who call the API, and is fooled by nothing else.

Run: python -m benchmarks.experiments [--devices 600] [--days 14]; its tables are in experiments.md.
The first table is statistics alone: a thousand made-up experiments a row, looked at every day. In the second each row
is one closed loop: viewers ask the app, follow or ignore what it recommends; both logs are taken in, dbt builds the
warehouse, the experiment is read out. Synthetic viewers; the true effect is worked out, not measured.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.claim import Claim, say
from monitoring.experiments.lift import Lift
from monitoring.experiments.planning import power_of
from monitoring.experiments.readout import Readout
from monitoring.experiments.sequential import Plan, course
from tests.closed_loop import Scenario, run
from tests.monitoring.experiments.viewers import Made, make

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


_COUNT = 1000
_PLAN = Plan(alpha=0.05, power=0.8, minimum_effect=0.15)
_Z = 1.959963984540054
_MIN_UNITS = 30
_STATISTICS = (
    "| true effect | CUPED | plain z test, any day | bounds, any day | band, any day | computed power"
    " | band holds the truth on all days | bounds' interval does |\n|---|---|---|---|---|---|---|---|"
)


def statistics() -> bool:
    """Print what a thousand experiments of 500 units and 28 daily looks come to; whether false alarms keep to 5 %."""
    print(_STATISTICS)
    is_kept = True
    for effect in (0.0, 0.15):
        for is_adjusted in (True, False):
            made = make(1, _COUNT, effect=effect, is_adjusted=is_adjusted)
            found = [course(_one(made, place), made.counts[place], made.fractions, _PLAN, _MIN_UNITS)
                     for place in range(_COUNT)]  # fmt: skip
            plain = ((np.abs(made.found.z) > _Z) & (made.counts >= _MIN_UNITS)).any(axis=1).mean()
            by_bound = sum(each.decided_at is not None for each in found) / _COUNT
            by_band = sum(each.p_value <= _PLAN.alpha for each in found) / _COUNT
            error = float(made.found.standard_error[:, -1].mean())
            power = power_of(error, len(made.fractions), _PLAN.alpha, float(np.log1p(effect)))
            held = [sum(_holds(*pair, effect) for pair in pairs) / _COUNT for pairs in (
                [(each.low, each.high) for each in found], [(each.bound_low, each.bound_high) for each in found],
            )]  # fmt: skip
            name = "month before" if is_adjusted else "none"
            print(f"| {effect:+.0%} | {name} | {plain:.1%} | {by_bound:.1%} | {by_band:.1%} | {power:.1%}"
                  f" | {held[0]:.1%} | {held[1]:.1%} |", flush=True)  # fmt: skip
            is_kept = is_kept and (effect != 0 or (by_bound <= _PLAN.alpha and by_band <= _PLAN.alpha))
    return is_kept


def _one(made: Made, place: int) -> Lift:
    return Lift(*(getattr(made.found, name)[place] for name in ("log_ratio", "standard_error", "variance_removed")))


def _holds(low: "np.ndarray", high: "np.ndarray", truth: float) -> bool:
    return bool(np.all(~(low > truth) & ~(high < truth)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--devices", type=int, default=600)
    parser.add_argument("--days", type=int, default=14)
    chosen = parser.parse_args()
    is_kept = statistics()
    say(
        Claim(
            text="a thousand A/A experiments with daily looks: false alarms of bounds and band",
            figure="both at most 5 %" if is_kept else "more than 5 %",
            bar="<= 5 %",
            is_met=is_kept,
            baseline="a plain z test on the same days, in the table",
        )
    )
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
