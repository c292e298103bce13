"""What a benchmark has to say in one line, so that ``benchmarks.run_all`` can gather it from every script."""

import json
from dataclasses import asdict, dataclass

MARK = "claim: "


@dataclass(frozen=True)
class Claim:
    """One figure of one run; ``bar`` is written with its direction, ``baseline`` says what it is held against."""

    text: str
    figure: str
    bar: str
    is_met: bool
    baseline: str


def say(claim: Claim) -> None:
    """Print the line on standard output."""
    print(MARK + json.dumps(asdict(claim)), flush=True)


def heard(output: str) -> list[Claim]:
    """Return the claims in what a benchmark has printed."""
    lines = (line for line in output.splitlines() if line.startswith(MARK))
    return [Claim(**json.loads(line.removeprefix(MARK))) for line in lines]
