"""What editors are shown about a series, and how long their corrections hold (NV-K1)."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.algorithms.next_video.numbering.corrections import line_of, numbers_by_row, read_corrections
from core.algorithms.next_video.numbering.entry import Entry
from core.algorithms.next_video.numbering.findings import Finding, findings_of
from core.algorithms.next_video.numbering.resolver import resolve
from core.errors import UserError

DAY_US = 86_400_000_000
NOW = datetime(2026, 5, 1, tzinfo=UTC)


def entry(row: int, season: int | None, episode: int | None, title: str = "") -> Entry:
    return Entry(row, f"v{row}", title, "/serien/x", season, episode, 7 * row * DAY_US)


def found(*entries: Entry) -> list[Finding]:
    return findings_of(entries, resolve(entries))


def test_a_clean_series_has_nothing_to_look_at() -> None:
    assert found(entry(0, 1, 1), entry(1, 1, 2), entry(2, 2, 1)) == []


def test_gaps_are_named_by_season_and_number() -> None:
    (gap,) = found(entry(0, 1, 1), entry(1, 1, 4), entry(2, 1, 5), entry(3, 1, 7))
    assert (gap.code, gap.text("en")) == ("gap", "Season 1 lacks episodes: 2–3, 6.")
    assert gap.text("de") == "In Staffel 1 fehlen Folgen: 2–3, 6."


def test_a_missing_first_episode_is_told() -> None:
    assert [each.code for each in found(entry(0, 1, 2), entry(1, 1, 3))] == ["missing_first"]


def test_a_number_read_from_the_title_comes_with_the_fix() -> None:
    titles = ["Folge 1", "Folge 2", "Folge 3"]
    (missing,) = found(entry(0, 1, 1, titles[0]), entry(1, 1, None, titles[1]), entry(2, 1, 3, titles[2]))
    assert (missing.code, missing.content_ids, missing.suggested) == ("missing_number", ("v1",), (1, 2))


def test_a_contradiction_names_both_numbers() -> None:
    entries = [entry(row, 1, row + 1, f"Folge {row + 1}") for row in range(6)]
    entries[2] = entry(2, 1, 9, "Folge 3")
    (contradiction,) = found(*entries)
    assert contradiction.code == "contradictory_title"
    assert "S01E09" in contradiction.text("de")
    assert "S01E03" in contradiction.text("de")


def test_a_doubled_number_suggests_the_one_that_is_missing_at_its_date() -> None:
    numbers = (1, 2, 2, 4, 5, 6)
    doubled = found(*(entry(row, 1, number) for row, number in enumerate(numbers)))[0]
    assert (doubled.code, doubled.content_ids, doubled.suggested) == ("duplicate", ("v2", "v1"), (1, 3))


def test_a_correction_survives_and_lapses_when_the_source_is_fixed(tmp_path: Path) -> None:
    file = tmp_path / "corrections.jsonl"
    wrong = entry(3, 1, 9)
    file.write_text(line_of(wrong, (1, 3), NOW, "see the press sheet"))
    known = read_corrections(file)
    assert numbers_by_row([wrong], known) == {3: (1, 3)}
    assert numbers_by_row([entry(3, 1, 4)], known) == {}


def test_a_correction_can_be_taken_back(tmp_path: Path) -> None:
    file = tmp_path / "corrections.jsonl"
    wrong = entry(3, 1, 9)
    file.write_text(line_of(wrong, (1, 3), NOW) + line_of(wrong, None, NOW))
    assert numbers_by_row([wrong], read_corrections(file)) == {}


def test_a_damaged_line_of_corrections_is_named(tmp_path: Path) -> None:
    file = tmp_path / "corrections.jsonl"
    file.write_text('{"content_id": 1\n')
    with pytest.raises(UserError, match=r"corrections\.jsonl:1"):
        read_corrections(file)
