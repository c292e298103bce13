"""Makes the made-up viewers of this folder importable (tests have no packages)."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def viewers() -> ModuleType:
    """tests/monitoring/experiments/viewers.py"""
    spec = importlib.util.spec_from_file_location("experiment_viewers", Path(__file__).with_name("viewers.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
