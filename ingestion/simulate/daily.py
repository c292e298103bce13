"""What comes out anew every day: news, and news for children (the excluded collection `logo!`)."""

from ingestion.simulate.content import Content
from ingestion.simulate.scenario import DAY_MS, HOUR_MS, LOCAL_OFFSET_MS, Scenario, rfc3339
from ingestion.simulate.themes import BY_NAME, Theme

_PROGRAMMES = (
    # name, path below /nachrichten, local hour, minutes, quality, series
    ("Kurz am Morgen", "kurz-am-morgen", 6, 5, 0.7, None),
    ("Lage am Mittag", "lage-am-mittag", 12, 15, 1.0, None),
    ("Nachrichten am Abend", "abend", 19, 20, 4.0, None),
    ("Journal der Nacht", "journal", 22, 30, 3.0, "series-journal-der-nacht"),
    ("Im Gespräch", "im-gespraech", 9, 10, 0.5, None),
    ("Wetter", "wetter", 18, 3, 0.8, None),
)


def daily_contents(scenario: Scenario, day: int, motif_themes: list[Theme]) -> list[Content]:
    """Return the videos of one day; the same day always brings the same ones."""
    stream = scenario.stream("daily", day)
    date = rfc3339(day * DAY_MS)[:10]
    news = BY_NAME["news"]
    made = []
    for name, folder, hour, minutes, quality, series_id in _PROGRAMMES:
        published = day * DAY_MS + hour * HOUR_MS - LOCAL_OFFSET_MS + stream.randrange(20 * 60_000)
        content = _content(f"{folder}-{date}", f"{name} vom {date}", news, motif_themes.index(news), published, minutes)
        content.path = f"/nachrichten/{folder}/{folder}-{date}"
        content.quality = quality * stream.uniform(0.8, 1.25)
        if series_id:
            content.series_id, content.season = series_id, int(date[:4])
            content.episode = day - _first_day_of_year(date)
        made.append(content)
    craft = BY_NAME["kids-craft"]
    logo = _content(
        f"logo-{date}", f"logo! vom {date}", craft, motif_themes.index(craft),
        day * DAY_MS + 18 * HOUR_MS - LOCAL_OFFSET_MS, 10,
    )  # fmt: skip
    logo.path, logo.collection, logo.quality = f"/kinder/logo/logo-{date}", "logo!", 3.0
    return [*made, logo]


def _content(content_id: str, name: str, theme: Theme, motif: int, published_ms: int, minutes: int) -> Content:
    return Content(
        content_id=content_id, kind="video", title=name, path="", theme=theme, motif=motif, duration_s=minutes * 60,
        published_ms=published_ms, available_from_ms=published_ms, available_until_ms=published_ms + 7 * DAY_MS,
        quality=1.0, genre=theme.genre, updated_ms=published_ms - 10 * 60_000,
    )  # fmt: skip


def _first_day_of_year(date: str) -> int:
    """Return the day before 1 January, so that episodes count from 1."""
    from datetime import UTC, datetime

    return int(datetime(int(date[:4]), 1, 1, tzinfo=UTC).timestamp() // 86_400) - 1
