"""Makes the small lakes and exports of this folder importable (tests have no packages)."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

_FOLDER = Path(__file__).parent


def _load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"monitoring_tests_{name}", _FOLDER / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def lake() -> ModuleType:
    """tests/monitoring/lake_rows.py"""
    return _load("lake_rows")


@pytest.fixture(scope="session")
def marts() -> ModuleType:
    """tests/monitoring/export_rows.py"""
    return _load("export_rows")
