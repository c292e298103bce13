"""The simulated catalogue: series, films, documentaries, reports, shows, sport, magazines, kids, daily news, pages."""

import random
from dataclasses import dataclass, field

from ingestion.simulate.content import Content
from ingestion.simulate.daily import daily_contents
from ingestion.simulate.numbering import numbering_kind, numbers
from ingestion.simulate.scenario import DAY_MS, HOUR_MS, Scenario, rfc3339
from ingestion.simulate.themes import MODE_COUNT, THEMES, Theme
from ingestion.simulate.titles import slug, title

NEWS_HISTORY_DAYS = 14
ANNOUNCED_DAYS = 14
NEW_VIDEOS_A_DAY = 12
PAGE_SHARE = 0.12


@dataclass
class Catalogue:
    """All contents in the order of their making, and the motifs that they belong to."""

    contents: list[Content] = field(default_factory=list)
    motif_members: list[list[int]] = field(default_factory=list)
    """Indices of the videos of each motif."""
    motif_themes: list[Theme] = field(default_factory=list)
    next_motif: list[list[int]] = field(default_factory=list)
    """``next_motif[mood][motif]``."""
    pages_of_theme: dict[str, list[int]] = field(default_factory=dict)
    numbering: dict[str, str] = field(default_factory=dict)
    """How each series is numbered, for the truth."""
    index_of: dict[str, int] = field(default_factory=dict)

    def add(self, content: Content) -> int:
        """Append a content and return its index."""
        index = len(self.contents)
        self.contents.append(content)
        self.index_of[content.content_id] = index
        if content.kind == "video":
            self.motif_members[content.motif].append(index)
        else:
            self.pages_of_theme.setdefault(content.theme.name, []).append(index)
        return index

    def motifs_of(self, is_kids: bool) -> list[int]:
        """Return the motifs for children, or all others."""
        return [motif for motif, theme in enumerate(self.motif_themes) if theme.is_kids == is_kids]

    def add_day(self, scenario: Scenario, day: int) -> list[Content]:
        """Add the news of a day, known from midnight on."""
        before = len(self.contents)
        for content in daily_contents(scenario, day, self.motif_themes):
            self.add(content)
        if day > scenario.last_day + ANNOUNCED_DAYS:  # the announcements run out: new videos come
            _add_new_videos(self, scenario, day)
        return self.contents[before:]


def build(scenario: Scenario) -> Catalogue:
    """Make the catalogue as it stands at the end of the month, announcements included."""
    catalogue = Catalogue()
    for theme in THEMES:
        for _ in range(theme.motif_count):
            catalogue.motif_themes.append(theme)
            catalogue.motif_members.append([])
    _wire_moods(catalogue, scenario.stream("moods"))
    for theme in THEMES:
        _fill_theme(catalogue, scenario, theme, round(scenario.videos * theme.share * 0.9))
    _add_pages(catalogue, scenario)
    for day in range(scenario.first_day - NEWS_HISTORY_DAYS, scenario.last_day + 2):
        catalogue.add_day(scenario, day)
    _choose_partners(catalogue, scenario.stream("partners"))
    return catalogue


def _wire_moods(catalogue: Catalogue, stream: random.Random) -> None:
    """In each mood every motif leads to one other: a cycle through all motifs of the same audience."""
    for _ in range(MODE_COUNT):
        leads_to = list(range(len(catalogue.motif_themes)))
        for is_kids in (False, True):
            cycle = catalogue.motifs_of(is_kids)
            stream.shuffle(cycle)
            for position, motif in enumerate(cycle):
                leads_to[motif] = cycle[(position + 1) % len(cycle)]
        catalogue.next_motif.append(leads_to)


def _fill_theme(catalogue: Catalogue, scenario: Scenario, theme: Theme, count: int) -> None:
    stream = scenario.stream("videos", theme.name)
    made = 0
    while made < count:
        if stream.random() < theme.serial_share / 6:
            episodes = min(stream.randint(5, 26), max(count - made, 3))
            _add_series(catalogue, scenario, stream, theme, episodes)
            made += episodes
        else:
            _add(catalogue, scenario, stream, theme, title(stream, theme.name), _published(scenario, stream, theme))
            made += 1


def _motif(catalogue: Catalogue, stream: random.Random, theme: Theme) -> int:
    return stream.choice([motif for motif, other in enumerate(catalogue.motif_themes) if other is theme])


def _published(scenario: Scenario, stream: random.Random, theme: Theme) -> int:
    """Draw when a video comes out: mostly lately, 3 % only announced."""
    if stream.random() < 0.03:
        return scenario.end_ms + stream.randrange(HOUR_MS, ANNOUNCED_DAYS * DAY_MS)
    age_days = min(stream.expovariate(1 / max(60.0, 4 * theme.decay_days)), 900)
    return scenario.end_ms - int(age_days * DAY_MS) - stream.randrange(HOUR_MS)


def _window(scenario: Scenario, stream: random.Random, published_ms: int) -> tuple[int | None, int | None]:
    """Draw an availability window: open, a year, or one that opens or closes within the month."""
    kind = stream.random()
    month = scenario.end_ms - scenario.start_ms
    if kind < 0.5:
        return None, None
    if kind < 0.8:
        return published_ms, max(published_ms, scenario.end_ms) + stream.randrange(20, 365) * DAY_MS
    if kind < 0.88:
        return published_ms, max(scenario.start_ms + stream.randrange(month), published_ms + 3 * DAY_MS)
    if kind < 0.95:
        opens = max(published_ms, scenario.start_ms + stream.randrange(month))
        return opens, opens + stream.randrange(5, 40) * DAY_MS
    return published_ms, None


def _add(
    catalogue: Catalogue, scenario: Scenario, stream: random.Random, theme: Theme, name: str, published_ms: int,
    motif: int | None = None, quality: float | None = None,
) -> Content:  # fmt: skip
    number = len(catalogue.contents)
    opens, closes = _window(scenario, stream, published_ms)
    genre = theme.genre
    if theme.genre == "documentary" and stream.random() < 0.12:
        genre = "report"
    content = Content(
        content_id=f"{slug(name)[:40]}-{number}", kind="video", title=name, path=f"{theme.path}/{slug(name)}-{number}",
        theme=theme, motif=_motif(catalogue, stream, theme) if motif is None else motif,
        duration_s=int(stream.choice(theme.minutes) * 60 * stream.uniform(0.92, 1.08)), published_ms=published_ms,
        available_from_ms=opens, available_until_ms=closes, genre=genre, collection=_collection(stream, theme),
        quality=stream.lognormvariate(0, 1.3) if quality is None else quality, is_playable=stream.random() > 0.02,
        updated_ms=min(published_ms, scenario.start_ms) - stream.randrange(DAY_MS),
    )  # fmt: skip
    catalogue.add(content)
    return content


def _collection(stream: random.Random, theme: Theme) -> str | None:
    chance = stream.random()
    if theme.genre in ("documentary", "report") and chance < 0.06:
        return "ZDFinternational" if chance < 0.03 else "The European Collection"
    if theme.name == "nature" and chance < 0.3:
        return "Naturwelten"
    return None


def _add_series(catalogue: Catalogue, scenario: Scenario, stream: random.Random, theme: Theme, count: int) -> None:
    """Add a series, numbered in one of the ways of ``NUMBERINGS``; episodes follow each other in truth regardless."""
    name = title(stream, theme.name)
    series_id = f"series-{slug(name)[:30]}-{len(catalogue.contents)}"
    motif, quality = _motif(catalogue, stream, theme), stream.lognormvariate(0.4, 1.2)
    step = stream.choice((0, DAY_MS, 7 * DAY_MS, 7 * DAY_MS))
    last = _published(scenario, stream, theme)
    published = [last - (count - 1 - index) * step for index in range(count)]
    years = [int(rfc3339(at_ms)[:4]) for at_ms in published]
    kind = numbering_kind(stream, theme.genre in ("show", "magazine"))
    catalogue.numbering[series_id] = kind
    before: Content | None = None
    for index, (season, episode) in enumerate(numbers(stream, kind, count, years)):
        content = _add(
            catalogue,
            scenario,
            stream,
            theme,
            f"{name}, Folge {index + 1}",
            published[index],
            motif,
            quality * 0.97**index,
        )
        content.series_id, content.season, content.episode = series_id, season, episode
        content.path = f"{theme.path}/{slug(name)}/{content.content_id}"
        if before is not None:
            before.successor = len(catalogue.contents) - 1
        before = content


def _add_new_videos(catalogue: Catalogue, scenario: Scenario, day: int) -> None:
    stream = scenario.stream("new", day)
    themes = [theme for theme in THEMES if theme.share]
    for theme in stream.choices(themes, [theme.share for theme in themes], k=NEW_VIDEOS_A_DAY):
        content = _add(
            catalogue, scenario, stream, theme, title(stream, theme.name), day * DAY_MS + stream.randrange(DAY_MS)
        )
        content.available_from_ms, content.available_until_ms = content.published_ms, None
        content.updated_ms = day * DAY_MS


def _add_pages(catalogue: Catalogue, scenario: Scenario) -> None:
    """Add articles of the broadcaster and of partners."""
    stream = scenario.stream("pages")
    for _ in range(round(scenario.videos * PAGE_SHARE)):
        theme = stream.choice(THEMES)
        name, number = title(stream, theme.name), len(catalogue.contents)
        house = stream.choice(
            ("ratgeber", "hintergrund", "partner/kochfreunde", "partner/gartenzeit", "partner/stadtleben")
        )
        content = Content(
            content_id=f"page-{slug(name)[:40]}-{number}", kind="page", title=name,
            path=f"/{house}/{slug(name)}-{number}",
            theme=theme, motif=_motif(catalogue, stream, theme), duration_s=0,
            published_ms=_published(scenario, stream, theme), available_from_ms=None, available_until_ms=None,
            quality=stream.lognormvariate(0, 0.8), genre=theme.genre,
            updated_ms=scenario.start_ms - stream.randrange(DAY_MS),
        )  # fmt: skip
        catalogue.add(content)


def _choose_partners(catalogue: Catalogue, stream: random.Random) -> None:
    """Give each video, for each mood, three videos of the mood's next motif that viewers go on to most often."""
    for content in catalogue.contents:
        if content.kind != "video":
            continue
        content.partners = tuple(
            _draw_partners(catalogue, stream, catalogue.motif_members[leads_to[content.motif]])
            for leads_to in catalogue.next_motif
        )


def _draw_partners(catalogue: Catalogue, stream: random.Random, members: list[int]) -> tuple[int, ...]:
    if not members:
        return ()
    drawn = stream.choices(members, [catalogue.contents[index].quality for index in members], k=3)
    return tuple(dict.fromkeys(drawn))
