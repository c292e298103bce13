"""How the catalogue comes in: a first export, and a file a day with what is new or was corrected."""

from collections.abc import Iterator
from typing import Any

from ingestion.simulate.catalogue import Catalogue
from ingestion.simulate.content import Content
from ingestion.simulate.landing import Landing
from ingestion.simulate.scenario import DAY_MS, HOUR_MS, Scenario, rfc3339

CORRECTED_SHARE = 0.06


def write_catalogue(landing: Landing, scenario: Scenario, catalogue: Catalogue) -> int:
    """Write the files of the month; return the number of lines."""
    stream = scenario.stream("corrections")
    first: list[dict[str, Any]] = []
    by_day: dict[int, list[dict[str, Any]]] = {}
    for content in catalogue.contents:
        day = content.updated_ms // DAY_MS
        if day >= scenario.first_day:
            by_day.setdefault(day, []).append(content.as_line())
        elif stream.random() < CORRECTED_SHARE:
            first.append(_as_first_entered(stream.random(), content))
            at_ms = scenario.start_ms + stream.randrange(max(scenario.end_ms - scenario.start_ms - HOUR_MS, 1))
            by_day.setdefault(at_ms // DAY_MS, []).extend(_corrections(stream.random(), content, at_ms))
        else:
            first.append(content.as_line())
    landing.write_objects("catalogue", "0000-first", first)
    for day, lines in sorted(by_day.items()):
        landing.write_objects("catalogue", rfc3339(day * DAY_MS)[:10], lines)
    return len(first) + sum(len(lines) for lines in by_day.values())


def _as_first_entered(chance: float, content: Content) -> dict[str, Any]:
    """Return a line as it stood before its correction."""
    if chance < 0.4:
        return content.as_line(title=f"Arbeitstitel: {content.title}")
    if chance < 0.7:
        return content.as_line(categories=[])
    return content.as_line(path=f"/neu{content.path}")


def _corrections(chance: float, content: Content, at_ms: int) -> Iterator[dict[str, Any]]:
    """Yield the corrected line, for some after one that was only half corrected."""
    if chance < 0.2:
        yield content.as_line(at_ms - 60_000, title=f"{content.title} (neu)")
    yield content.as_line(at_ms)
