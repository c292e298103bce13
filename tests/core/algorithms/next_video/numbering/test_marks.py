"""What a title or a path says about season and episode (NV-K1)."""

import pytest

from core.algorithms.next_video.numbering.marks import path_mark, title_mark


@pytest.mark.parametrize(
    ("title", "season", "episode"),
    [
        ("S02E05", 2, 5),
        ("Die Spur (S02/E05)", 2, 5),
        ("Folge 3: Der Fall", None, 3),
        ("Staffel 2, Folge 5", 2, 5),
        ("2. Staffel, 5. Folge", 2, 5),
        ("Folge 5 (Staffel 2)", 2, 5),
        ("Das Erbe (3/6)", None, 3),
        ("Das Erbe, 3 von 6", None, 3),
        ("Das Erbe - Teil 2", None, 2),
        ("Das Erbe, Teil II", None, 2),
        ("Zweiter Teil", None, 2),
        ("7. Folge: Zwei Brüder", None, 7),
        ("Talk #17", None, 17),
        ("Episode IV", None, 4),
        ("Krimi (3)", None, 3),
    ],
)
def test_a_title_says_season_and_episode(title: str, season: int | None, episode: int) -> None:
    found = title_mark(title)
    assert found is not None
    assert (found.season, found.episode) == (season, episode)


@pytest.mark.parametrize(
    "title", ["SOKO 5113", "Das Haus (2019)", "Vorteil 3", "Der 13. Mann", "Folge: Zwei Brüder", ""]
)
def test_a_number_that_counts_no_episode_is_left_alone(title: str) -> None:
    assert title_mark(title) is None


def test_a_title_may_name_the_season_alone() -> None:
    found = title_mark("Staffel 3: Das Finale")
    assert found is not None
    assert (found.season, found.episode) == (3, None)


@pytest.mark.parametrize(
    ("path", "season", "episode"),
    [("/serien/x/staffel-2/folge-5", 2, 5), ("/a/s02e05", 2, 5), ("/x/folge-100", None, 100), ("/x/2-von-3", None, 2)],
)
def test_a_path_says_season_and_episode(path: str, season: int | None, episode: int) -> None:
    found = path_mark(path)
    assert found is not None
    assert (found.season, found.episode) == (season, episode)
