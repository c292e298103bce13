"""One worker of ``benchmarks.ad_caps``: the whole ad decision, asked over standard input, to be killed at any time."""

import asyncio
import os
import sys
from datetime import datetime

import orjson

from core.algorithms.ads.pacer import EvenPacer
from core.algorithms.next_video.rules import load_rules
from core.clock import now
from core.settings import load
from serving.ad_decision.api import told
from serving.ad_decision.lake_follower import LakeFollower
from serving.ad_decision.part import make_service
from serving.ad_decision.schemas import AdBreakRequest
from serving.ad_decision.service import AdDecisionService
from serving.ad_decision.sqlite_counters import SqliteCounters
from serving.catalogue_source import CatalogueSource


def main() -> None:
    settings = load()
    catalogue = CatalogueSource(settings, load_rules(settings.config / "next_video" / "rules.yaml"), now)
    catalogue.refresh()
    service = make_service(settings, catalogue, EvenPacer())
    if "--apart" in sys.argv:
        service.counters = SqliteCounters(settings.paths.ads.counters.with_name(f"{os.getpid()}.sqlite"))
    service.campaigns.refresh()
    LakeFollower(settings.paths, service.audience, service.counters, now).refresh()
    service.audience.refresh()
    asyncio.run(_serve(service))
    os._exit(0)  # DuckDB says much at an ordinary end


async def _serve(service: AdDecisionService) -> None:
    reader = asyncio.StreamReader(limit=2**20)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    _say({"ready": True})
    tasks: set[asyncio.Task[None]] = set()
    while line := await reader.readline():
        task = asyncio.create_task(_answer(service, orjson.loads(line)))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    await asyncio.gather(*tasks)


async def _answer(service: AdDecisionService, asked: dict[str, object]) -> None:
    sent = AdBreakRequest.model_validate(asked["request"])
    answered = await service.answer(sent, datetime.fromisoformat(str(asked["at"])), is_tracked=False)
    _say({"number": asked["number"], "answer": told(answered)})


def _say(message: dict[str, object]) -> None:
    sys.stdout.buffer.write(orjson.dumps(message) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
