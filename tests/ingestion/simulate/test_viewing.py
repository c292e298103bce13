"""LOG-3: viewers behave as viewers do."""

import random
from collections import Counter, defaultdict
from typing import Any

from core.clock import parse_instant
from ingestion.simulate.catalogue import build
from ingestion.simulate.persons import make_person
from ingestion.simulate.places import Place
from ingestion.simulate.popularity import attraction
from ingestion.simulate.scenario import DAY_MS, to_ms


def _views(month: Any) -> list[dict[str, Any]]:
    return [event for event in month.whole.values() if event["event"] == "view"]


def _utc_hour(at: str) -> int:
    return (int(at[11:13]) - (1 if at.endswith("+01:00") else 0)) % 24


def test_a_playback_has_one_or_more_progress_reports_and_what_was_played_only_grows(month: Any) -> None:
    """LOG-1, NV-T2."""
    playbacks = defaultdict(list)
    for view in _views(month):
        playbacks[view["playback_id"]].append(view)
    counts = Counter(len(reports) for reports in playbacks.values())
    assert counts[1] > 0
    assert sum(counts[count] for count in counts if count > 1) > 0.3 * len(playbacks)
    for reports in playbacks.values():
        ordered = [report["watched_s"] for report in sorted(reports, key=lambda report: report["watched_s"])]
        assert len(set(ordered)) == len(ordered)
        assert len({report["content_id"] for report in reports}) == 1
        assert ordered[-1] <= reports[0]["duration_s"] + 0.1


def test_who_seeks_is_at_another_place_than_the_seconds_played_say(month: Any) -> None:
    """NV-T2: seeking does not count."""
    sought = sum(abs(view["watched_s"] - view["position_s"]) > 1 for view in _views(month))
    assert 0.02 * len(_views(month)) < sought < 0.3 * len(_views(month))


def test_fewer_watch_at_night_than_in_the_evening(month: Any) -> None:
    hours = Counter(_utc_hour(view["at"]) for view in _views(month))
    assert sum(hours[hour] for hour in (1, 2, 3)) < 0.25 * sum(hours[hour] for hour in (18, 19, 20))


def test_only_what_is_available_is_watched(month: Any) -> None:
    """NV-C1 holds for what people can start."""
    catalogue = month.run.simulation.catalogue
    first: dict[tuple[str, str], int] = {}
    for view in _views(month):
        started = to_ms(parse_instant(view["at"])) - int(view["watched_s"] * 1000)
        key = (view["playback_id"], view["content_id"])
        first[key] = min(first.get(key, started), started)
    for (_, content_id), started in first.items():
        content = catalogue.contents[catalogue.index_of[content_id]]
        assert content.is_available(started + 1_000)


def test_popularity_decays_and_news_fade_within_days(month: Any) -> None:
    catalogue = month.run.simulation.catalogue
    news = next(content for content in catalogue.contents if content.path.startswith("/nachrichten/abend/"))
    film = next(content for content in catalogue.contents if content.theme.name == "drama")
    for content, days, share in ((news, 3, 0.05), (film, 30, 0.6)):
        fresh = attraction(content, content.published_ms)
        assert attraction(content, content.published_ms + days * DAY_MS) < share * fresh
        assert attraction(content, content.published_ms + DAY_MS) < fresh
    by_day = Counter(view["at"][:10] for view in _views(month) if view["content_id"] == "abend-2026-11-21")
    assert by_day["2026-11-23"] < 0.5 * (by_day["2026-11-21"] + by_day["2026-11-22"])


def test_a_tenth_of_the_persons_gives_no_consent_and_a_third_logs_in(small: Any) -> None:
    """PRV-2, NV: with and without login alike."""
    scenario = small()
    catalogue, stream = build(scenario), random.Random(3)
    persons = [make_person(scenario, catalogue, stream, n, Place("h", "long"), False) for n in range(4000)]
    without = sum(not person.has_personalisation for person in persons) / len(persons)
    assert abs(without - 0.10) < 0.015


def test_events_without_consent_occur_with_and_without_the_field_and_consent_can_be_withdrawn(month: Any) -> None:
    """PRV-2."""
    events = list(month.whole.values())
    without = sum(not event.get("consent", {}).get("personalisation", False) for event in events) / len(events)
    assert 0.04 < without < 0.25
    assert any("consent" not in event for event in events)
    assert any(event.get("consent") == {"personalisation": True, "advertising": False} for event in events)
    person = next(person for person in month.run.simulation.town.persons if person.has_personalisation)
    person_before, person.withdrawn_at_ms = person.withdrawn_at_ms, 1000
    assert person.consent_at(999)[0]
    assert person.consent_at(1000) == (False, False)
    person.withdrawn_at_ms = person_before


def test_a_third_of_the_devices_is_logged_in(month: Any) -> None:
    devices = {device.mac: device.user_json != "null" for device in month.run.simulation.town.devices}
    assert 0.25 < sum(devices.values()) / len(devices) < 0.45


def test_series_are_binged_next_episodes_follow_each_other(month: Any) -> None:
    catalogue, followed, serial = month.run.simulation.catalogue, 0, 0
    last: dict[str, int] = {}
    for view in sorted(_views(month), key=lambda view: parse_instant(view["at"])):
        index = catalogue.index_of[view["content_id"]]
        before = last.get(view["mac"].lower())
        if before is not None and before != index and catalogue.contents[before].successor is not None:
            serial += 1
            followed += catalogue.contents[before].successor == index
        last[view["mac"].lower()] = index
    assert serial > 100
    assert followed > 0.1 * serial


def test_a_shown_recommendation_is_followed_more_often_in_the_treatment_arm(month: Any) -> None:
    """NV-M2: an experiment has something to find."""
    shown = Counter(event["arm"] for event in month.whole.values() if event["event"] == "recommendation")
    assert set(shown) == {"control", "treatment"}
    clicked = sum(event["event"] == "click" and event["page"] == "next-video" for event in month.whole.values())
    assert 0.12 * shown.total() < clicked < 0.45 * shown.total()


def test_some_breaks_repeat_a_spot_three_times(month: Any) -> None:
    """HH-11: the trigger."""
    breaks = defaultdict(list)
    for event in month.whole.values():
        if event["event"] == "ad":
            breaks[event["break_id"]].append(event["spot_id"])
    assert any(len(spots) == 3 and len(set(spots)) == 1 for spots in breaks.values())
    assert any(len(set(spots)) == 3 for spots in breaks.values())
