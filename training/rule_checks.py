"""Checks of an answer against the requirement's text, written apart from the chain: plain rows and loops, no index.

What the chain and these checks have in common is only the rules file (parameters) and the catalogue's rows.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from core.algorithms.next_video.decision import Decision
from core.algorithms.next_video.request import Request
from core.algorithms.next_video.rules import Rules

Row = Mapping[str, Any]


class RuleChecks:
    """Holds the catalogue as plain rows; ``broken`` names what an answer did wrong.

    Args:
        rows: catalogue rows, schema ``core.contracts.lake.CATALOGUE`` (naive UTC times).
        rules: for their parameters and whether they are on.
        now: naive UTC, the time of the answers.
        view_min_seconds: NV-U1.
    """

    def __init__(self, rows: Sequence[Row], rules: Rules, now: datetime, view_min_seconds: float) -> None:
        self._row = {row["content_id"]: row for row in rows}
        self._rules = rules
        self._now = now
        self._view_min_seconds = view_min_seconds
        self._episodes: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            if row["kind"] == "video" and row["series_id"] is not None:
                self._episodes[row["series_id"]].append(row)

    def broken(self, request: Request, decision: Decision) -> Iterator[str]:
        """Yield one line for each rule that the answer breaks."""
        current = self._row[request.current]
        ids = [item.content_id for item in decision.items]
        if len(ids) > request.limit or len(set(ids)) != len(ids):
            yield f"limit: {len(ids)} items, {len(set(ids))} different, limit {request.limit}"
        if (decision.case == "hidden") != (not ids) or (decision.reason is None) == (decision.case == "hidden"):
            yield f"NV-H: case {decision.case}, reason {decision.reason}, {len(ids)} items"
        for item in decision.items:
            found = self._row[item.content_id]
            where = f"{request.current} -> {item.content_id}"
            if not self.is_available(found) or item.content_id == request.current:
                yield f"NV-C1: {where}"
            if found["collection"] in self._rules.excluded_collections:
                yield f"NV-C2: {where}"
            if decision.case == "next-episode":
                yield from self._next_episode(current, found, where)
            else:
                yield from self._regular(request, current, found, where)
            has_history = bool(request.history.views or request.history.clicks or request.history.bookmarks)
            if item.source == "sequence" and not has_history:
                yield f"NV-T4: {where} by the sequence half without a history"
        series = [self._row[item]["series_id"] for item in ids if self._row[item]["series_id"] is not None]
        if decision.case == "regular" and self._rules.is_on("NV-R4") and len(set(series)) != len(series):
            yield f"NV-R4: {request.current} -> a series twice"

    def is_available(self, row: Row) -> bool:
        """NV-C1: a video that is playable, published and inside its time of availability."""
        start, end = row["available_from"], row["available_until"]
        return (
            row["kind"] == "video"
            and bool(row["is_playable"])
            and (row["published_at"] is None or row["published_at"] <= self._now)
            and (start is None or start <= self._now)
            and (end is None or self._now < end)
        )

    def _next_episode(self, current: Row, found: Row, where: str) -> Iterator[str]:
        """NV-1: the next number known in the season, else the lowest of the next known season."""
        if found["series_id"] is None or found["series_id"] != current["series_id"]:
            yield f"NV-1: {where} is of another series"
            return
        known = {
            (row["season"] or 0, row["episode"])
            for row in self._episodes[found["series_id"]]
            if row["episode"] is not None
        }
        later = sorted(place for place in known if place > (current["season"] or 0, current["episode"]))
        if not later or later[0] != (found["season"] or 0, found["episode"]):
            yield f"NV-1: {where} is not the next number"

    def _regular(self, request: Request, current: Row, found: Row, where: str) -> Iterator[str]:
        on = self._rules.is_on
        if on("NV-H2") and (current["path"] == "/nachrichten" or (current["path"] or "").startswith("/nachrichten/")):
            yield f"NV-H2: {where} below /nachrichten"
        if on("NV-R1") and current["audience"] == "kids" and found["audience"] != "kids":
            yield f"NV-R1: {where}"
        wanted = ("documentary", "report")
        if on("NV-R2") and current["genre"] in wanted and found["genre"] not in wanted:
            yield f"NV-R2: {where}"
        if found["series_id"] is not None:
            if on("NV-R3") and found["series_id"] == current["series_id"]:
                yield f"NV-R3: {where}"
            if on("NV-R4") and not self._is_first_episode(found):
                yield f"NV-R4: {where} is no first episode"
        seen = {view.content_id for view in request.history.views if view.watched_seconds > self._view_min_seconds}
        if on("NV-P1") and found["content_id"] in seen:
            yield f"NV-P1: {where} was seen"

    def _is_first_episode(self, row: Row) -> bool:
        """S01E01; of the lowest season, where seasons are years; or episode 1 of the highest available season."""
        if row["episode"] != 1:
            return False
        episodes = self._episodes[row["series_id"]]
        seasons = {episode["season"] for episode in episodes if episode["season"] is not None}
        if not seasons:
            return True
        available = {row["season"] for row in episodes if row["season"] is not None and self.is_available(row)}
        is_years = min(seasons) >= self._rules.year_seasons_from
        lowest = min(seasons) if is_years else 1
        return row["season"] is not None and (row["season"] == lowest or row["season"] == max(available, default=None))
