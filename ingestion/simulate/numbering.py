"""Season and episode numbers as editors enter them: clean, or broken in one of the ways of NV-K1."""

import random

NUMBERINGS = ("clean", "year", "no-season", "no-numbers", "some-missing", "doubled", "gaps", "wrong")
_WEIGHTS = (0.56, 0.12, 0.08, 0.04, 0.06, 0.05, 0.05, 0.04)

Number = tuple[int | None, int | None]


def numbering_kind(stream: random.Random, is_yearly: bool) -> str:
    """Draw how a series is numbered; magazines and shows count by year far more often."""
    if is_yearly and stream.random() < 0.6:
        return "year"
    return stream.choices(NUMBERINGS, _WEIGHTS)[0]


def numbers(stream: random.Random, kind: str, count: int, years: list[int]) -> list[Number]:
    """Return (season, episode) for the episodes in their true order; ``years`` has one entry an episode."""
    per_season = stream.choice((6, 8, 10, 13))
    clean: list[Number] = [(index // per_season + 1, index % per_season + 1) for index in range(count)]
    if kind == "year":
        return _by_year(years)
    if kind == "no-season":
        return [(None, index + 1) for index in range(count)]
    if kind == "no-numbers":
        return [(None, None)] * count
    if kind == "some-missing":
        return [(season, None if stream.random() < 0.3 else episode) for season, episode in clean]
    if kind == "doubled":
        return [
            clean[index - 1] if index % per_season and stream.random() < 0.2 else clean[index] for index in range(count)
        ]
    if kind == "gaps":
        return _with_gaps(stream, clean)
    if kind == "wrong":
        mixed = clean.copy()
        first, second = stream.sample(range(count), 2)
        mixed[first], mixed[second] = mixed[second], mixed[first]
        mixed[stream.randrange(count)] = (99, stream.randrange(100, 999))
        return mixed
    return clean


def _by_year(years: list[int]) -> list[Number]:
    counts: dict[int, int] = {}
    result: list[Number] = []
    for year in years:
        counts[year] = counts.get(year, 0) + 1
        result.append((year, counts[year]))
    return result


def _with_gaps(stream: random.Random, clean: list[Number]) -> list[Number]:
    """Let some numbers be skipped within their season, as when an episode was never put into the library."""
    shift, season_before = 0, 0
    result: list[Number] = []
    for season, episode in clean:
        assert season is not None
        assert episode is not None
        if season != season_before:
            shift, season_before = int(stream.random() < 0.3), season
        shift += stream.random() < 0.15
        result.append((season, episode + shift))
    return result
