"""LOG-2: a single ingestion, retention or erasure gets its turn from followers that never end."""

import threading
import time
from datetime import datetime
from typing import Any

import pytest

from core.settings import Settings
from ingestion import ledger
from ingestion.fence import HeldError, held
from ingestion.follow import follow_source
from ingestion.giving_way import given_way, is_asked


def test_who_asks_begins_when_the_follower_of_a_topic_has_let_go(settings: Settings) -> None:
    holds = threading.Event()

    def follow() -> None:
        with held(settings.paths):
            holds.set()
            while not is_asked(settings.paths):
                time.sleep(0.01)

    follower = threading.Thread(target=follow)
    follower.start()
    assert holds.wait(60)
    with given_way(settings.paths, patience_seconds=60), held(settings.paths):
        pass  # a HeldError if it had begun before
    follower.join(60)
    assert not is_asked(settings.paths)


def test_who_asks_in_vain_is_told_by_what_comes_next(settings: Settings) -> None:
    again = pytest.raises(HeldError, match="is ingesting into")
    with held(settings.paths), given_way(settings.paths, patience_seconds=0), again, held(settings.paths):
        pass


def test_the_follower_of_a_directory_does_not_look_while_somebody_asks(
    settings: Settings, landing: Any, view: Any, as_of: datetime
) -> None:
    landing.put("events/a.jsonl", [view("a")])
    heads: list[int] = []

    def look_on(_: float) -> None:
        heads.append(ledger.head(settings.paths))

    def follow(looks: int) -> None:
        follow_source(settings, landing.root, lambda: as_of, lambda: len(heads) >= looks, look_on, lambda _: None)

    with given_way(settings.paths):
        follow(3)
    follow(4)
    assert heads == [0, 0, 0, 1]
