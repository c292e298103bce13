"""Some simulated days from logs to card, made once a test run by the real commands; integration and browser tests look at it."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from sysconfig import get_path
from typing import Any

from core.paths import PROJECT_ROOT, Paths

AS_OF = "2026-05-10T00:00:00Z"
MEDIATHEK = Path(get_path("scripts")) / "mediathek"


@dataclass(frozen=True)
class Day:
    """A landing directory, its truth, a home, and what the first run said."""

    simulated: Path
    home: Path
    report: dict[str, Any]

    @property
    def paths(self) -> Paths:
        return Paths(self.home)


def mediathek(home: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "MEDIATHEK_HOME": str(home)}
    return subprocess.run([MEDIATHEK, *arguments], env=environment, cwd=PROJECT_ROOT, capture_output=True, text=True)


def pipeline(landing: Path, home: Path) -> dict[str, Any]:
    done = mediathek(home, "pipeline", "--source", landing, "--as-of", AS_OF, "--json")
    assert done.returncode == 0, done.stderr[-5000:]
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def make(folder: Path) -> Day:
    simulated, home = folder / "simulated", folder / "home"
    scale = ("--days", "8", "--households", "250", "--videos", "250", "--seed", "3")
    made = mediathek(home, "simulate", "--out", simulated, *scale, "--as-of", AS_OF)
    assert made.returncode == 0, made.stderr
    return Day(simulated, home, pipeline(simulated / "landing", home))
