"""Fixtures that all tests share."""

from pathlib import Path

import pytest

from core.settings import Settings, load


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The project's own settings over an empty temporary home."""
    return load({"MEDIATHEK_HOME": str(tmp_path / "home")})
