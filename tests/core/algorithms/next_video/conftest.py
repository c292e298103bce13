"""A small way to write down a catalogue and ask the chain."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from core.algorithms.next_video.catalogue import Catalogue
from core.algorithms.next_video.chain import Limits, decide
from core.algorithms.next_video.decision import Decision
from core.algorithms.next_video.request import History, Request
from core.algorithms.next_video.rules import Rules, load_rules
from core.algorithms.next_video.untrained import untrained_model
from core.contracts.lake import CATALOGUE
from core.paths import PROJECT_ROOT
from core.settings import Blend

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


class Asking:
    """Holds rows and answers requests about them."""

    now = NOW

    def __init__(self, rules: Rules) -> None:
        self.rules = rules

    @staticmethod
    def film(content_id: str, **fields: Any) -> dict[str, Any]:
        """A catalogue row: an ordinary film, available for good, but for what is named."""
        row = dict.fromkeys(CATALOGUE.names) | {"content_id": content_id, "kind": "video", "path": "/filme"}
        row |= {"genre": "fiction", "audience": "general", "is_playable": True, "title": content_id}
        return row | {"published_at": NOW - timedelta(days=30)} | fields

    def episode(self, season: int | None, episode: int | None, series: str = "s", **fields: Any) -> dict[str, Any]:
        """An episode named ``<series><season>e<episode>`` unless ``content_id`` says otherwise."""
        name = fields.pop("content_id", f"{series}{season}e{episode}")
        return self.film(name, series_id=series, season=season, episode=episode, **fields)

    def catalogue(self, rows: list[dict[str, Any]]) -> Catalogue:
        return Catalogue.from_table(pa.Table.from_pylist([_naive(row) for row in rows], schema=CATALOGUE), self.rules)

    def __call__(
        self,
        rows: list[dict[str, Any]],
        current: str,
        history: History | None = None,
        vocabulary: list[str] | None = None,
        now: datetime = NOW,
        limit: int = 100,
    ) -> Decision:
        """Ask about ``current``; the model knows all rows unless told otherwise."""
        ids = vocabulary if vocabulary is not None else [row["content_id"] for row in rows]
        model = untrained_model("tv", ids, np.random.default_rng(1), width=4, max_length=8, neighbour_count=2)
        request = Request(current, "tv", limit, history or History())
        blend = Blend(sequence=0.6, similarity=0.4, taste=0.0)
        return decide(self.catalogue(rows), self.rules, request, model, now, Limits(30, 1000), blend, explain=True)


def _naive(row: dict[str, Any]) -> dict[str, Any]:
    return {key: value.replace(tzinfo=None) if isinstance(value, datetime) else value for key, value in row.items()}


@pytest.fixture
def rules() -> Rules:
    return load_rules(PROJECT_ROOT / "config" / "next_video" / "rules.yaml")


@pytest.fixture
def ask(rules: Rules) -> Asking:
    return Asking(rules)


@pytest.fixture
def shown() -> Callable[[Decision], list[str]]:
    """The ids of the items, sorted: which, and not in which order."""
    return lambda decision: sorted(item.content_id for item in decision.items)
