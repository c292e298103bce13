"""Series with a known truth, damaged in one of the ways in which catalogues are (NV-K1); all of it is synthetic."""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from core.algorithms.next_video.numbering.entry import Entry

DAY_US = 86_400_000_000


@dataclass(frozen=True)
class Series:
    """Entries as a catalogue shows them, and by row the true (season, place)."""

    damage: str
    entries: list[Entry]
    truth: dict[int, tuple[int, int]]

    def successors(self) -> dict[int, int | None]:
        """By row the row that truly follows."""
        rows = sorted(self.truth, key=lambda row: self.truth[row])
        return dict(zip(rows, [*rows[1:], None], strict=True))


def clean(rng: random.Random, first_row: int, form: str) -> Series:
    """An undamaged series; ``form`` puts season and episode into its titles."""
    season_count, per_season = rng.choice((1, 1, 2, 3)), rng.choice((5, 6, 8, 10, 13))
    published = rng.randrange(15_000, 19_000) * DAY_US
    is_year = rng.random() < 0.15
    entries, truth = [], {}
    for season in range(1, season_count + 1):
        for episode in range(1, per_season + 1):
            row = first_row + len(entries)
            number = 2019 + season if is_year else season
            running = (season - 1) * per_season + episode
            title = form.format(
                season=number, episode=episode, running=running, count=per_season, word=rng.choice(WORDS)
            )
            entries.append(Entry(row, f"v{row}", title, f"/serien/x/{row}", number, episode, published))
            truth[row] = (season, episode)
            published += rng.choice((1, 7, 7, 7)) * DAY_US
        published += rng.randrange(30, 300) * DAY_US
    return Series("clean", entries, truth)


WORDS = ("Der Verdacht", "Am Fluss", "Spuren", "Zwei Brüder", "Heimkehr", "Der 13. Mann", "Das Haus", "Nachtschicht")
PLAIN = "{word}"
FORMS = (
    "Folge {episode}: {word}", "{word} (S{season:02}/E{episode:02})", "{word} ({episode}/{count})",
    "{word} - Teil {episode}", "Staffel {season}, Folge {episode}", "{word} S{season:02}E{episode:02}",
    "{episode}. Folge: {word}",
)  # fmt: skip


def _change(series: Series, damage: str, changed: dict[int, Entry]) -> Series:
    return Series(damage, [changed.get(entry.row, entry) for entry in series.entries], series.truth)


def _some(rng: random.Random, series: Series, share: float) -> list[Entry]:
    return rng.sample(series.entries, max(1, int(share * len(series.entries))))


def missing_numbers(rng: random.Random, series: Series) -> Series:
    return _change(series, "", {e.row: replace(e, episode=None) for e in _some(rng, series, 0.3)})


def missing_all(rng: random.Random, series: Series) -> Series:
    return _change(series, "", {e.row: replace(e, season=None, episode=None) for e in _some(rng, series, 0.3)})


def no_fields(rng: random.Random, series: Series) -> Series:
    return _change(series, "", {e.row: replace(e, season=None, episode=None) for e in series.entries})


def one_number_lost(rng: random.Random, series: Series) -> Series:
    return _change(series, "", {e.row: replace(e, episode=None) for e in rng.sample(series.entries[1:-1], 1)})


def season_lost(rng: random.Random, series: Series) -> Series:
    return _change(series, "", {e.row: replace(e, season=None) for e in _some(rng, series, 0.2)})


def no_seasons(rng: random.Random, series: Series) -> Series:
    return _change(series, "", {e.row: replace(e, season=None) for e in series.entries})


def season_one_everywhere(rng: random.Random, series: Series) -> Series:
    return _change(series, "", {e.row: replace(e, season=series.entries[0].season) for e in series.entries})


def swapped(rng: random.Random, series: Series) -> Series:
    same = [e for e in series.entries if e.season == series.entries[0].season]
    place = rng.randrange(len(same) - 3)
    a, b = same[place], same[place + rng.choice((2, 3))]
    return _change(series, "", {a.row: replace(a, episode=b.episode), b.row: replace(b, episode=a.episode)})


def repeated_number(rng: random.Random, series: Series) -> Series:
    place = rng.randrange(1, len(series.entries) - 1)
    a, b = series.entries[place - 1], series.entries[place]
    if a.season != b.season or series.entries[place + 1].season != b.season:
        return repeated_number(rng, series)
    return _change(series, "", {b.row: replace(b, episode=a.episode)})


def wrong_season(rng: random.Random, series: Series) -> Series:
    one = rng.choice(series.entries)
    return _change(series, "", {one.row: replace(one, season=(one.season or 0) + rng.choice((7, 20)))})


def wrong_title(rng: random.Random, series: Series) -> Series:
    """The text is wrong and the field right."""
    a, b = rng.sample(series.entries, 2)
    return _change(series, "", {a.row: replace(a, title=b.title)})


def episode_absent(rng: random.Random, series: Series) -> Series:
    gone = rng.choice(series.entries[1:-1]).row
    truth = {row: place for row, place in series.truth.items() if row != gone}
    return Series("", [entry for entry in series.entries if entry.row != gone], truth)


def first_absent(rng: random.Random, series: Series) -> Series:
    return Series(
        "", series.entries[1:], {row: place for row, place in series.truth.items() if row != series.entries[0].row}
    )


Damage = Callable[[random.Random, Series], Series]
BY_TEXT: tuple[Damage, ...] = (
    missing_numbers, missing_all, no_fields, season_lost, season_one_everywhere, swapped, repeated_number, wrong_season,
    wrong_title, episode_absent, first_absent,
)  # fmt: skip
BY_DATE: tuple[Damage, ...] = (
    one_number_lost, no_fields, season_lost, no_seasons, swapped, repeated_number, episode_absent, first_absent,
)  # fmt: skip


def catalogue(seed: int, count: int, damaged_share: float = 0.15) -> list[Series]:
    """Many series, a share of them damaged; the truth can be told from a text or from the dates."""
    rng, result, row = random.Random(seed), [], 0
    for _ in range(count):
        has_text = rng.random() < 0.6
        series = clean(rng, row, rng.choice(FORMS) if has_text else PLAIN)
        row += len(series.entries)
        if rng.random() < damaged_share:
            damage = rng.choice(BY_TEXT if has_text else BY_DATE)
            done = damage(rng, series)
            series = Series(f"{damage.__name__}{' by text' if has_text else ' by date'}", done.entries, done.truth)
        result.append(series)
    return result
