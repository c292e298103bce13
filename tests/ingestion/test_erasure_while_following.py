"""PRV-3, LOG-2: an erasure gets the lake from a consumer that follows a topic, and the consumer goes on after it."""

import json
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from core import clock
from core.privacy import load_pseudonyms
from core.settings import Settings
from ingestion.device_traces import traces_of, units_of
from ingestion.erasure import erase_from_lake, right_to_rewrite
from ingestion.giving_way import following
from ingestion.kafka import follow_topic

pytestmark = [pytest.mark.slow, pytest.mark.kafka]
MAC, OTHER = "3c9a77102030", "60d248000007"


def _until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + 90
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_topic_is_followed_before_and_after_an_erasure_and_brings_nothing_old_back(
    settings: Settings, broker: Any, lake: Any, view: Any
) -> None:
    topic, stop, failures = broker.new_topic(), threading.Event(), []
    broker.send(topic, [json.dumps(line) for line in (view("e1", mac=MAC), view("e2", mac=OTHER))])

    def follow(is_stopped: Callable[[], bool]) -> None:
        follow_topic(settings, broker.bootstrap, topic, clock.now, is_stopped)

    def work() -> None:
        try:
            following(settings.paths, stop.is_set, follow)
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        _until(lambda: len(lake.events()) == 2 or bool(failures))
        pseudonyms = load_pseudonyms(settings.paths.keys)
        with right_to_rewrite(settings.paths, 60) as fence:
            traces = traces_of(settings.paths, pseudonyms, units_of(pseudonyms, MAC))
            erase_from_lake(settings.paths, pseudonyms, fence, traces, clock.now())
        broker.send(
            topic, [json.dumps(line) for line in (view("e1", mac=MAC), view("e3", mac=MAC), view("e4", mac=OTHER))]
        )
        _until(lambda: "e4" in lake.events() or bool(failures))
    finally:
        stop.set()
        thread.join(60)
    assert failures == []
    assert sorted(lake.events()) == ["e2", "e4"]
