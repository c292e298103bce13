"""An app over a home with campaigns, for the pages about ads."""

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
def start(world: Any) -> Iterator[Callable[..., Asker]]:
    """Start the app over the home as it is now; a browser of the ad manager is signed in."""
    with ExitStack() as running:

        def begin(*, is_signed_in: bool = True) -> Asker:
            asker = Asker(running.enter_context(world.client()))
            if is_signed_in:
                asker.client.cookies.set("mediathek_token", world.token)
            return asker

        yield begin
