"""LOG-3: a catalogue with all that the rules of NV-* need, clean and broken series among them (NV-K1)."""

import random
from collections import Counter
from typing import Any

import pytest

from ingestion.simulate.catalogue import build
from ingestion.simulate.numbering import NUMBERINGS, numbers


@pytest.fixture(scope="module")
def catalogue(small: Any) -> Any:
    return build(small(videos=2500, days=30))


def test_it_holds_every_genre_kids_excluded_collections_pages_and_news_under_their_path(catalogue: Any) -> None:
    genres = {content.genre for content in catalogue.contents if content.kind == "video"}
    assert genres == {"fiction", "documentary", "report", "news", "show", "sport", "magazine", "kids"}
    assert {"logo!", "ZDFinternational", "The European Collection"} <= {c.collection for c in catalogue.contents}
    kinds = Counter(content.kind for content in catalogue.contents)
    assert kinds["page"] == 300
    assert 2300 < kinds["video"] < 2900
    news = [content for content in catalogue.contents if content.genre == "news" and content.kind == "video"]
    assert all(content.path.startswith("/nachrichten/") for content in news)
    assert len({content.content_id for content in catalogue.contents}) == len(catalogue.contents)


def test_windows_open_and_close_within_the_month_and_some_are_announced_or_not_playable(
    catalogue: Any, small: Any
) -> None:
    month = small(days=30)

    def is_inside(at_ms: int | None) -> bool:
        return at_ms is not None and month.start_ms <= at_ms < month.end_ms

    videos = [content for content in catalogue.contents if content.kind == "video"]
    assert sum(is_inside(content.available_from_ms) for content in videos) > 50
    assert sum(is_inside(content.available_until_ms) for content in videos) > 50
    assert sum(content.published_ms > month.end_ms for content in videos) > 20
    assert sum(not content.is_playable for content in videos) > 10
    assert sum(content.available_from_ms is None for content in videos) > 200


def test_series_are_numbered_in_every_way_that_editors_have(catalogue: Any) -> None:
    found = Counter(catalogue.numbering.values())
    assert set(found) == set(NUMBERINGS)
    assert found["clean"] > 0.3 * found.total()


@pytest.mark.parametrize(
    ("kind", "is_so"),
    [
        ("clean", lambda seen: seen[:2] == [(1, 1), (1, 2)] and len(set(seen)) == len(seen)),
        ("year", lambda seen: seen[0] == (2025, 1) and seen[-1] == (2026, 10)),
        ("no-season", lambda seen: {season for season, _ in seen} == {None} and seen[4][1] == 5),
        ("no-numbers", lambda seen: set(seen) == {(None, None)}),
        ("some-missing", lambda seen: 0 < sum(episode is None for _, episode in seen) < len(seen)),
        ("doubled", lambda seen: len(set(seen)) < len(seen)),
        ("gaps", lambda seen: len(set(seen)) == len(seen) and max(e for s, e in seen if s == 1) > 6),
        ("wrong", lambda seen: any(season == 99 for season, _ in seen)),
    ],
)
def test_a_way_of_numbering_looks_as_it_is_called(kind: str, is_so: Any) -> None:
    """NV-K1, over 20 episodes of two years; the seed is one that shows each defect."""
    years = [2025] * 10 + [2026] * 10
    assert any(is_so(numbers(random.Random(seed), kind, 20, years)) for seed in range(6))


def test_a_mood_leads_from_every_motif_to_another_of_the_same_audience(catalogue: Any) -> None:
    """The structure that lets a sequence model beat popularity."""
    assert len({tuple(leads_to) for leads_to in catalogue.next_motif}) == 3
    for leads_to in catalogue.next_motif:
        assert sorted(leads_to) == list(range(len(leads_to)))
        for motif, other in enumerate(leads_to):
            assert catalogue.motif_themes[motif].is_kids == catalogue.motif_themes[other].is_kids
