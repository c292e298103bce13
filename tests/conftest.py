"""Fixtures that all tests share."""

from pathlib import Path

import pytest

from core.settings import Settings, load
from tests import simulated_day


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The project's own settings over an empty temporary home."""
    return load({"MEDIATHEK_HOME": str(tmp_path / "home")})


@pytest.fixture(scope="session")
def day(tmp_path_factory: pytest.TempPathFactory) -> simulated_day.Day:
    """Some simulated days from logs to card, by the real commands (a minute or two, once a test run)."""
    return simulated_day.make(tmp_path_factory.mktemp("day"))
