"""A handful of campaigns by the contract; advertisers are invented."""

from typing import Any

from ingestion.simulate.scenario import DAY_MS, Scenario, rfc3339

_CAMPAIGNS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("kochbuch", "Verlag Kleeblatt", {"linked_categories": ["cooking"]}),
    ("grill", "Glut & Söhne", {"categories": ["barbecue", "cooking"], "months": [5, 6, 7, 8]}),
    ("bausparen", "Sparhaus Nord", {"age_groups": ["30-49"], "income": ["high"]}),
    ("fussballschuh", "Sportwerk", {"categories": ["football"], "gender": ["male"]}),
    ("gartenschere", "Grünzeug", {"categories": ["garden"]}),
    ("reisen", "Fernweh Reisen", {"categories": ["travel", "nature"]}),
    ("krimi-hoerbuch", "Lauschkiste", {"categories": ["crime"]}),
    ("muesli", "Morgenkorn", {}),
)
SPOT_IDS = [f"{name}-{letter}" for name, _, _ in _CAMPAIGNS for letter in "ab"]


def campaign_lines(scenario: Scenario) -> list[dict[str, Any]]:
    """Return one line a campaign, and a second, newer one for the first campaign."""
    start = rfc3339(scenario.start_ms - DAY_MS)
    lines = []
    for number, (name, advertiser, target) in enumerate(_CAMPAIGNS):
        lines.append({
            "campaign_id": name, "advertiser": advertiser, "starts_at": start,
            "ends_at": rfc3339(scenario.end_ms + (10 + number) * DAY_MS), "updated_at": start,
            "impressions": 20_000 + 5_000 * number,
            "device_split": {"tv": 0.5, "smartphone": 0.25, "tablet": 0.15, "desktop": 0.1},
            "cap": {"per_break": 1, "per_day": 3 + number % 3}, "target": target,
            "spots": [
                {"spot_id": f"{name}-{letter}", "duration_s": seconds, "media_url": f"https://spots.example/{name}-{letter}.mp4"}
                for letter, seconds in (("a", 20), ("b", 30))
            ],
        })  # fmt: skip
    return [*lines, lines[0] | {"impressions": 30_000, "updated_at": rfc3339(scenario.start_ms + DAY_MS)}]
