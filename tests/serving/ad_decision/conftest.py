"""An app over a home that the test has arranged."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from core.settings import Settings
from tests.serving.ad_decision.ad_home import AdHome, Asker


@pytest.fixture
def ad_home(settings: Settings) -> AdHome:
    return AdHome(settings.paths)


@pytest.fixture
def start(world: Any) -> Iterator[Callable[[], Asker]]:
    """Start the app over the home as it is now."""
    with ExitStack() as running:
        yield lambda: Asker(running.enter_context(world.client()))
