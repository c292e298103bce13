"""A campaign's form: what is read, and which field is named for which mistake (HH-10, HH-11)."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from serving.web.ad_form import filled, line_of
from serving.web.texts import texts

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
FORM = {
    "campaign_id": "neu", "advertiser": "Glut & Söhne", "starts_at": "2026-04-30T00:00", "ends_at": "2026-05-30T00:00",
    "impressions": "20.000", "per_day": "2", "per_break": "", "months": "may, 6", "categories": "cooking, barbecue",
    "split_tv": "62,5", "split_desktop": "37,5", "spots": "neu-a; 20; https://spots.example/neu.mp4?a;b\n\nneu-b; 7,5",
}  # fmt: skip


def read(**changes: str) -> tuple[dict[str, Any], dict[str, str]]:
    return line_of(filled(FORM | changes, lambda _: []), ZoneInfo("Europe/Berlin"), NOW)


def test_numbers_and_times_are_read_as_people_write_them() -> None:
    line, problems = read()
    assert problems == {}
    assert line["starts_at"] == "2026-04-29T22:00:00+00:00"
    assert line["impressions"] == 20_000
    assert line["device_split"] == {"tv": 0.625, "desktop": 0.375}
    assert line["cap"] == {"per_day": 2, "per_break": 1}
    assert line["target"]["months"] == [5, 6]
    assert line["spots"] == [
        {"spot_id": "neu-a", "duration_s": 20.0, "media_url": "https://spots.example/neu.mp4?a;b"},
        {"spot_id": "neu-b", "duration_s": 7.5, "media_url": None},
    ]


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("advertiser", "", "adp_missing"),
        ("advertiser", "x" * 600, "adp_refused"),
        ("impressions", "0", "adp_count_1"),
        ("impressions", "1.5", "adp_count_1"),
        ("per_day", "0", "adp_count_1"),
        ("starts_at", "morgen", "adp_time"),
        ("ends_at", "2026-04-29T00:00", "adp_order"),
        ("split_tv", "60", "adp_split"),
        ("split_tablet", "-1", "adp_percent"),
        ("split_tablet", "nan", "adp_percent"),
        ("months", "13", "adp_months"),
        ("spots", "", "adp_missing"),
        ("spots", "nur-eine-kennung", "adp_spots"),
        ("spots", "x; nan", "adp_spots"),
        ("spots", "x; 20\nx; 30", "adp_spot_twice"),
    ],
)
def test_a_mistake_is_named_at_its_field(field: str, value: str, problem: str) -> None:
    _, problems = read(**{field: value})
    named = "split_tv" if problem == "adp_split" else field
    assert problems == {named: problem}
    assert {problem, f"adf_{named}"} <= texts().keys()
