"""Pacing while serving (HH-10): by what all workers have placed, and never so that a small booking leaves slots empty."""

from datetime import UTC, datetime, timedelta

from core.algorithms.ads.rules import load_ad_rules
from core.domain.advertising import Campaign, Spot
from core.paths import PROJECT_ROOT
from serving.ad_decision.campaigns_source import Campaigns
from serving.ad_decision.live_pacer import LivePacer

RULES = load_ad_rules(PROJECT_ROOT / "config")
NOON = datetime(2026, 5, 1, 10, tzinfo=UTC)  # noon in Berlin


def booked(impressions: int, **split: float) -> Campaigns:
    begin = RULES.day_start(NOON)
    spots = (Spot("a", 20, "https://spots.example/a"),)
    return Campaigns.of([Campaign("c", "x", begin, begin + timedelta(days=1), impressions, spots, split)])


def test_a_campaign_is_due_until_its_plan_is_met_and_again_later() -> None:
    pacer = LivePacer(RULES)
    pacer.refresh(booked(10_000, tv=1.0), {})
    assert pacer.weight("c", "tv", NOON) > 0
    pacer.count("c", "tv", NOON, 6000)
    assert pacer.weight("c", "tv", NOON) == 0
    assert pacer.weight("c", "tv", NOON + timedelta(hours=11)) > 0


def test_what_other_workers_placed_counts_and_own_spots_do_not_count_twice() -> None:
    pacer = LivePacer(RULES)
    campaigns = booked(10_000, tv=1.0)
    pacer.refresh(campaigns, {})
    pacer.count("c", "tv", NOON, 1000)
    pacer.refresh(campaigns, {("2026-05-01", "c", "tv"): 1000})
    assert pacer.weight("c", "tv", NOON) > 0
    pacer.refresh(campaigns, {("2026-05-01", "c", "tv"): 6000})
    assert pacer.weight("c", "tv", NOON) == 0


def test_a_small_booking_runs_ahead_behind_all_that_is_due_and_by_its_split() -> None:
    pacer = LivePacer(RULES)
    pacer.refresh(booked(40, tv=0.5, smartphone=0.5), {})
    pacer.count("c", "tv", NOON, 12)
    ahead = pacer.weight("c", "tv", NOON)
    assert 0 < ahead < 1e-300
    pacer.count("c", "tv", NOON, 13)
    assert pacer.weight("c", "tv", NOON) == 0
    assert pacer.weight("c", "tablet", NOON) == 0


def test_a_campaign_that_is_not_known_wants_nothing() -> None:
    assert LivePacer(RULES).weight("other", "tv", NOON) == 0
