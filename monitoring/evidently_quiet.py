"""Evidently without telemetry and without the deprecation warnings of its own old parts."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from core.settings import apply_no_telemetry


@contextmanager
def evidently_quiet() -> Iterator[None]:
    """Import and run Evidently inside this: what it warns about are its own imports and divisions, not our data."""
    apply_no_telemetry()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
