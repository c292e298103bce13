"""The ad part alone over a home that the test has arranged: an app in a tenth of the whole one's time."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager
from datetime import datetime

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from core.algorithms.next_video.rules import load_rules
from core.settings import Settings
from serving.ad_decision.part import add_ad_decisions, deciding
from serving.catalogue_source import CatalogueSource
from serving.errors import handle_errors
from tests.serving.ad_decision.ad_home import AdHome, Asker
from tests.serving.conftest import CATALOGUE_ROWS, NOW, TOKEN, write_catalogue


@pytest.fixture
def ad_home(settings: Settings) -> AdHome:
    write_catalogue(settings, CATALOGUE_ROWS)
    return AdHome(settings.paths)


@pytest.fixture
def start(settings: Settings) -> Iterator[Callable[..., Asker]]:
    """Start it over the home as it is now; the clock stands still unless another is given."""
    with ExitStack() as running:
        yield lambda now=lambda: NOW: Asker(running.enter_context(TestClient(ad_app(settings, now))))


def ad_app(settings: Settings, now: Callable[[], datetime]) -> FastAPI:
    catalogue = CatalogueSource(settings, load_rules(settings.config / "next_video" / "rules.yaml"), now)
    settings.paths.snapshots.mkdir(parents=True, exist_ok=True)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        catalogue.refresh()
        async with deciding(app):
            yield

    app = FastAPI(lifespan=lifespan)
    app.state.token = TOKEN
    handle_errors(app)
    add_ad_decisions(app, settings, catalogue, now)
    return app
