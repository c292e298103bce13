"""The server of ``benchmarks.ad_decision``: the ad route alone, on one core; ``--bare``: no caps, nothing kept."""

import os
import sys
from collections.abc import Sequence
from concurrent.futures import Future

import uvicorn
from fastapi import FastAPI

from core.algorithms.ads.plays import Play
from core.algorithms.ads.rules import load_ad_rules
from core.algorithms.next_video.rules import load_rules
from core.clock import now
from core.settings import load
from serving.ad_decision import api
from serving.ad_decision.counters import Answered, Ask, PlacedByDay
from serving.ad_decision.lake_follower import LakeFollower
from serving.ad_decision.live_pacer import LivePacer
from serving.ad_decision.part import make_service
from serving.catalogue_source import CatalogueSource
from serving.errors import handle_errors


class NoCounters:
    """Chooses as the counters let it, and keeps nothing."""

    def decide(self, ask: Ask) -> "Future[Answered]":
        future: Future[Answered] = Future()
        choice = ask.choose([])
        future.set_result(Answered(choice.answer, choice.plays, True))
        return future

    def placed_by_day(self) -> "Future[PlacedByDay]":
        future: Future[PlacedByDay] = Future()
        future.set_result({})
        return future

    def note(self, plays: Sequence[tuple[str, Play]]) -> "Future[int]":
        future: Future[int] = Future()
        future.set_result(0)
        return future


def main() -> None:
    port, core = int(sys.argv[1]), int(sys.argv[2])
    os.sched_setaffinity(0, {core})
    sys.setswitchinterval(0.0005)
    settings = load()
    settings.paths.snapshots.mkdir(parents=True, exist_ok=True)
    catalogue = CatalogueSource(settings, load_rules(settings.config / "next_video" / "rules.yaml"), now)
    catalogue.refresh()
    service = make_service(settings, catalogue, LivePacer(load_ad_rules(settings.config)))
    if "--bare" in sys.argv:
        service.counters = NoCounters()  # type: ignore[assignment]
    service.campaigns.refresh()
    LakeFollower(settings.paths, service.audience, service.counters, now).refresh()
    service.audience.refresh()
    service.refresh_placed()
    app = FastAPI()
    app.state.token = settings.token
    handle_errors(app)
    app.include_router(api.router(service, now), prefix="/api/v1")
    uvicorn.run(
        app, port=port, loop="uvloop", http="httptools", access_log=False, log_level="warning", server_header=False
    )
    os._exit(0)


if __name__ == "__main__":
    main()
