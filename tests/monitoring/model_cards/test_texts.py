"""The card's texts: both languages, the same values in both, plain numbers."""

import pytest

from monitoring.model_cards.content import Value
from monitoring.model_cards.plots.frame import tick_texts, ticks
from monitoring.model_cards.show import sentence, show
from monitoring.model_cards.wording import all_texts, placeholders, say


def test_every_text_is_there_in_german_and_english_with_the_same_values() -> None:
    for key, entry in all_texts().items():
        assert {"de", "en"} <= entry.keys() <= {"de", "en", "nature", "number"}, key
        assert entry["de"].strip(), key
        assert entry["en"].strip(), key
        assert placeholders(entry["de"]) == placeholders(entry["en"]), key


def test_a_text_whose_value_is_not_given_is_an_error() -> None:
    with pytest.raises(KeyError, match="share"):
        say("training.share")


@pytest.mark.parametrize(
    ("value", "german", "english"),
    [
        (Value(unit="count", number=1234567), "1.234.567", "1,234,567"),
        (Value(unit="ratio", number=1234.5, digits=1), "1.234,5", "1,234.5"),
        (Value(unit="share", number=0.35), "35\u00a0%", "35%"),
        (Value(unit="share", number=0.1234), "12,3\u00a0%", "12.3%"),
        (Value(unit="hours", number=1), "1\u00a0Stunde", "1\u00a0hour"),
        (Value(unit="days", number=2.5), "2,5\u00a0Tage", "2.5\u00a0days"),
        (Value(unit="ratio", number=-0.5, digits=1), "−0,5", "−0.5"),
        (Value(unit="ratio"), "–", "–"),
        (Value(unit="words", words=("a", "b", "c")), "a, b und c", "a, b and c"),
        (Value(unit="terms", words=("tv", "unknown genre")), "Fernseher und unknown genre", "TV and unknown genre"),
    ],
)
def test_values_are_written_as_each_language_writes_them(value: Value, german: str, english: str) -> None:
    assert (show(value, "de"), show(value, "en")) == (german, english)


def test_german_bends_days_after_nach() -> None:
    made = say("training.window", window=Value(unit="days", number=30))
    assert "aus 30\u00a0Tagen Nutzung" in sentence(made, "de")
    one = say("training.window", window=Value(unit="days", number=1))
    assert "aus 1\u00a0Tag Nutzung" in sentence(one, "de")


def test_ticks_are_round_and_cover_the_range() -> None:
    assert ticks(0, 0.26, 5) == [0, 0.1, 0.2, 0.3]
    assert tick_texts([0, 0.1, 0.2], "de") == ["0,0", "0,1", "0,2"]
    assert tick_texts([0, 0.25, 0.5], "en", is_share=True) == ["0%", "25%", "50%"]
