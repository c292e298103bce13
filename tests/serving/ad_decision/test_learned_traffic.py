"""HH-10: while serving, traffic is learned from what dbt counted, and other workers' spots count."""

from datetime import UTC, datetime, timedelta

import pytest

from core.algorithms.ads.pacing import PacingParameters
from core.algorithms.ads.rules import load_ad_rules
from core.contracts import exports
from core.domain.advertising import Campaign, Spot
from core.settings import Settings
from core.storage import connect
from serving.ad_decision.campaigns_source import Campaigns
from serving.ad_decision.live_pacer import LivePacer

EVENING = datetime(2026, 6, 9, 18, tzinfo=UTC)  # 20 o'clock in Berlin
MORNING = EVENING - timedelta(hours=12)
BEGIN = datetime(2026, 6, 8, 22, tzinfo=UTC)
CAMPAIGN = Campaign("c", "a", BEGIN, BEGIN + timedelta(days=1), 1000, (Spot("s", 20.0),), {"tv": 1.0})
ALLOWED_HOURS = 8 + PacingParameters().ahead_minutes / 60
"""Of an even day, at 8 in the morning."""


@pytest.fixture
def pacer(settings: Settings) -> LivePacer:
    """A pacer with one campaign of 1,000 spots for this one day, on television."""
    made = LivePacer(load_ad_rules(settings.config).model_copy(update={"ahead_impressions": 0}))
    made.refresh(Campaigns.of([CAMPAIGN]), {})
    return made


def watched_in_the_evening_only(settings: Settings) -> None:
    """Four weeks, hour by hour: 100 reports each from 18 to 22 UTC, else 1."""
    file = settings.paths.export(exports.RPT_AD_TRAFFIC)
    file.parent.mkdir(parents=True)
    hours = f"generate_series(timestamp '{BEGIN:%Y-%m-%d %H:%M:%S}' - interval 28 day, timestamp '2026-06-08 21:00:00', interval 1 hour)"
    with connect() as connection:
        connection.execute(
            f"copy (select hour, 'tv' as device_class, if(hour(hour) between 18 and 21, 100, 1) as report_count"
            f" from (select unnest({hours}) as hour)) to '{file}' (format parquet)"
        )


def given(pacer: LivePacer, at: datetime) -> int:
    """How many spots are due at once."""
    for number in range(2000):
        if pacer.weight("c", "tv", at) <= 0:
            return number
        pacer.count("c", "tv", at)
    raise AssertionError("never held back")


def test_delivery_follows_what_was_watched_in_the_weeks_before(pacer: LivePacer, settings: Settings) -> None:
    watched_in_the_evening_only(settings)
    pacer.learn(settings.paths, BEGIN)
    assert given(pacer, MORNING) < 50, "8 of the 420 reports of a day have come by then"
    assert 850 < given(pacer, EVENING + timedelta(hours=3, minutes=30)) <= 1000


def test_until_anything_was_counted_every_hour_is_alike(pacer: LivePacer, settings: Settings) -> None:
    pacer.learn(settings.paths, BEGIN)
    assert given(pacer, MORNING) == pytest.approx(1000 * ALLOWED_HOURS / 24, abs=2)


def test_what_other_workers_placed_is_not_due_again(pacer: LivePacer) -> None:
    """HH-10: two workers, one plan."""
    pacer.refresh(Campaigns.of([CAMPAIGN]), {("2026-06-09", "c", "tv"): 300})
    assert given(pacer, MORNING) == pytest.approx(1000 * ALLOWED_HOURS / 24 - 300, abs=2)
