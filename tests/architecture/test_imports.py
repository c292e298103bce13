"""Who may import whom, as import-linter sees it; the contracts are in pyproject.toml."""

import subprocess
from pathlib import Path
from sysconfig import get_path

import pytest

from core.paths import PROJECT_ROOT

pytestmark = pytest.mark.slow


def test_the_layers_hold() -> None:
    linter = Path(get_path("scripts")) / "lint-imports"
    done = subprocess.run([linter, "--no-cache"], cwd=PROJECT_ROOT, capture_output=True, text=True)
    assert done.returncode == 0, f"stages meet in artefacts, never in imports:\n{done.stdout}"
