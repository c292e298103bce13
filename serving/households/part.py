"""Households as one part of the app: the graph, its routes, its stream."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from prometheus_client import CollectorRegistry, Gauge

from core.settings import Settings
from serving.households import api
from serving.households.graph_client import GraphClient
from serving.households.stream import PATH, HouseholdStream


def add_households(app: FastAPI, settings: Settings, metrics: CollectorRegistry) -> None:
    """Add routes and stream to the app; ``app.state`` gets ``household_graph`` for the page and ``household_stream``.

    The app's lifespan must hold ``streaming`` while it runs. Nothing is read before somebody asks.
    """
    graph = app.state.household_graph = GraphClient(settings.paths)
    app.state.household_stream = HouseholdStream(graph, app.state.token)
    app.include_router(api.router(graph), prefix="/api/v1")
    app.mount(PATH, app.state.household_stream.app)
    clients = Gauge("mediathek_household_clients", "Clients that watch the households", registry=metrics)
    clients.set_function(lambda: app.state.household_stream.client_count)
    nodes = Gauge("mediathek_household_graph_nodes", "Nodes of the graph in memory; 0 unread", registry=metrics)
    nodes.set_function(lambda: graph.node_count)


@asynccontextmanager
async def streaming(app: FastAPI) -> AsyncIterator[None]:
    """Send deltas to whoever watches."""
    task = asyncio.create_task(app.state.household_stream.run(), name="households")
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await asyncio.to_thread(app.state.household_graph.stop)
