"""Breaks are filled by fit and reason, and never against a cap (HH-6 to HH-11)."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from core.algorithms.ads.eligibility import reason_for
from core.algorithms.ads.filling import Filling, are_rivals, fill, followers
from core.algorithms.ads.opportunity import Content, Opportunity, Viewer
from core.algorithms.ads.pacer import EvenPacer
from core.algorithms.ads.plays import Book, Play
from core.algorithms.ads.ranking import Eligible, rank
from core.algorithms.ads.rules import AdRules, load_ad_rules
from core.domain.advertising import Campaign, Spot, Target
from core.paths import PROJECT_ROOT

RULES = load_ad_rules(PROJECT_ROOT / "config")
NOW = datetime(2026, 6, 1, 18, tzinfo=UTC)
NOTHING_KNOWN = Viewer()
COOKING = Content("kochen", frozenset({"cooking"}))


def campaign(name: str, seconds: tuple[float, ...] = (20,), **fields: Any) -> Campaign:
    spots = tuple(
        Spot(f"{name}-{number}", length, f"https://spots.example/{name}-{number}")
        for number, length in enumerate(seconds)
    )
    values: dict[str, Any] = {
        "advertiser": f"of {name}", "starts_at": NOW - timedelta(days=1), "ends_at": NOW + timedelta(days=1),
        "impressions": 1000, "spots": spots,
    }  # fmt: skip
    return Campaign(campaign_id=name, **(values | fields))


def decide(
    campaigns: list[Campaign],
    slots: tuple[float, ...],
    plays: list[Play] | None = None,
    content: Content = COOKING,
    viewer: Viewer | None = NOTHING_KNOWN,
    break_id: str = "b1",
    rules: AdRules = RULES,
    at: datetime = NOW,
) -> Filling:
    opportunity = Opportunity(break_id, at, "tv", content, slots, viewer, "d1")
    eligible = []
    for each in campaigns:
        reason = reason_for(each, content, viewer, rules.month(at), rules)
        if reason is not None:
            eligible.append(Eligible(each, reason))
    spots = {spot.spot_id: spot for each in campaigns for spot in each.spots}
    book = Book.of(
        plays or [], at, break_id, rules, lambda spot, known: spots[spot].creative if spot in spots else known
    )
    return fill(opportunity, rank(opportunity, eligible, EvenPacer(), rules), [], book)


def played(spot_id: str, minutes_ago: float, **fields: Any) -> Play:
    values: dict[str, Any] = {
        "creative": f"https://spots.example/{spot_id}", "campaign_id": spot_id.rsplit("-", 1)[0],
        "at": NOW - timedelta(minutes=minutes_ago), "break_id": "earlier", "slot": 0, "state": "played", "device": "d2",
    }  # fmt: skip
    return Play(play_id=f"{spot_id}@{minutes_ago}", spot_id=spot_id, **(values | fields))


def names(filling: Filling) -> list[str]:
    return [each.spot.spot_id for each in filling.filled]


def test_a_spot_is_never_twice_in_a_break_even_if_a_slot_stays_empty() -> None:
    """HH-11: where the platform began."""
    filling = decide([campaign("a")], (20, 20, 20))
    assert names(filling) == ["a-0"]
    assert filling.unfilled == (1, 2)


def test_one_film_under_two_ids_is_one_spot() -> None:
    """HH-11"""
    twin = campaign("twin", spots=(Spot("other-id", 20, "https://spots.example/a-0"),))
    assert len(decide([campaign("a"), twin], (20, 20)).filled) == 1


def test_a_film_that_was_renamed_today_counts_as_it_was() -> None:
    """HH-11"""
    renamed = campaign("a", spots=(Spot("new-id", 20, "https://spots.example/a-0"),), per_day=1)
    assert decide([renamed], (20,), [played("a-0", 60)]).unfilled == (0,)


def test_the_gap_holds_between_two_plays_of_a_spot_in_a_household() -> None:
    """HH-11: whatever the device, and also towards a play that is told late or for a little later."""
    assert decide([campaign("a")], (20,), [played("a-0", 4.9)]).unfilled == (0,)
    assert decide([campaign("a")], (20,), [played("a-0", -4.9)]).unfilled == (0,)
    assert names(decide([campaign("a")], (20,), [played("a-0", 5)])) == ["a-0"]


def test_the_days_cap_counts_all_spots_of_a_campaign_and_is_told() -> None:
    """HH-11"""
    two = campaign("a", (20, 20), per_day=2)
    filling = decide([two], (20,), [played("a-0", 60)])
    assert [each.played_today for each in filling.filled] == [2]
    assert decide([two], (20,), [played("a-0", 60), played("a-1", 30)]).unfilled == (0,)


def test_the_day_is_the_broadcasters_local_one() -> None:
    """HH-11: in June Berlin's day begins at 22 o'clock UTC."""
    once = campaign("a", per_day=1)
    at = NOW.replace(hour=22, minute=30)
    assert decide([once], (20,), [played("a-0", -200)], at=at).unfilled == ()  # 21:20 UTC: yesterday in Berlin
    assert decide([once], (20,), [played("a-0", -245)], at=at).unfilled == (0,)  # 22:05 UTC


def test_a_reservation_before_midnight_counts_for_both_days_until_it_is_known_when_it_was_shown() -> None:
    """HH-11"""
    at = NOW.replace(hour=22, minute=15)
    late = played("a-0", -230, state="reserved")  # 21:50 UTC
    assert decide([campaign("a", per_day=1)], (20,), [late], at=at).unfilled == (0,)


def test_what_the_tracking_says_was_not_played_is_given_back() -> None:
    """HH-11"""
    once = campaign("a", per_day=1)
    given_back = played("a-0", 60, state="released")
    never_began = played("a-0", 60, state="reserved", start_by=NOW - timedelta(minutes=30))
    may_begin = played("a-0", 60, state="reserved", start_by=NOW + timedelta(minutes=1))
    assert decide([once], (20,), [given_back, never_began]).unfilled == ()
    assert decide([once], (20,), [may_begin]).unfilled == (0,)


def test_a_play_known_under_several_devices_counts_once() -> None:
    """HH-11: households that merge bring the same play from both sides."""
    same = played("a-0", 60)
    assert decide([campaign("a", per_day=2)], (20,), [same, same]).filled[0].played_today == 2


def test_rivals_are_never_neighbours_not_even_across_an_empty_slot() -> None:
    a, b = campaign("a", category="cars"), campaign("b", category="cars")
    other = campaign("c", category="bread")
    assert len(decide([a, b], (20, 20)).filled) == 1
    assert [each.slot for each in decide([a, b], (20, 5, 20)).filled] in ([0], [2])
    middle = decide([a, b, other], (20, 20, 20))
    order = [each.campaign for each in middle.filled]
    assert not any(are_rivals(x, y) for x, y in pairwise(order))
    apart = RULES.model_copy(update={"separation": False})
    assert len(decide([a, b], (20, 20), rules=apart).filled) == 2


def test_a_spot_fits_its_slot_and_the_longest_that_fits_is_likelier() -> None:
    long_and_short = campaign("a", (10, 30, 40))
    chosen = [names(decide([long_and_short], (30,), break_id=str(number)))[0] for number in range(50)]
    assert set(chosen) == {"a-1"}
    assert decide([long_and_short], (9.9,)).unfilled == (0,)


def test_a_short_slot_is_not_left_empty_for_a_longer_ones_sake() -> None:
    for number in range(30):
        assert decide([campaign("a", (20,)), campaign("b", (30,))], (30, 20), break_id=str(number)).unfilled == ()


def test_nothing_about_persons_is_used_without_consent() -> None:
    """PRV-2: what is watched decides alone."""
    personal = [
        campaign("age", target=Target(age_groups=frozenset({"30-49"}))),
        campaign("rich", target=Target(income=frozenset({"high"}))),
        campaign("link", target=Target(linked_categories=frozenset({"cooking"}))),
    ]
    assert decide(personal, (20,), viewer=None).unfilled == (0,)
    by_content = campaign("cook", target=Target(categories=frozenset({"cooking"})))
    assert decide([by_content], (20,), viewer=None).filled[0].reason == "campaign-target"


def test_every_reason_is_told() -> None:
    """HH-6, HH-8, HH-9"""
    viewer = Viewer("30-49", "male", "high", frozenset({"barbecue"}))
    expected = {
        "linked-offer": Target(linked_categories=frozenset({"barbecue"}), months=frozenset({6})),
        "income-class": Target(income=frozenset({"high"})),
        "campaign-target": Target(age_groups=frozenset({"30-49"}), gender=frozenset({"male"})),
        "run-of-network": Target(),
    }
    for reason, target in expected.items():
        assert decide([campaign("a", target=target)], (20,), viewer=viewer).filled[0].reason == reason
    winter = Target(linked_categories=frozenset({"barbecue"}), months=frozenset({12}))
    assert decide([campaign("a", target=winter)], (20,), viewer=viewer).unfilled == (0,)
    assert decide([campaign("a", target=expected["income-class"])], (20,), viewer=Viewer()).unfilled == (0,)


def test_nobody_is_targeted_on_childrens_content() -> None:
    """HH-6: not even by what is watched."""
    kids = Content("tivi", frozenset({"kids-craft"}), is_kids=True)
    targeted = campaign("craft", target=Target(categories=frozenset({"kids-craft"})))
    assert decide([targeted], (20,), content=kids).unfilled == (0,)
    assert decide([campaign("any")], (20,), content=kids).filled[0].reason == "run-of-network"
    none = RULES.model_copy(update={"kids": "none"})
    assert decide([campaign("any")], (20,), content=kids, rules=none).unfilled == (0,)


def test_a_spot_follows_the_household_to_a_related_page_after_five_minutes() -> None:
    """HH-7"""
    page = Content("rezept", frozenset({"cooking"}), is_page=True)
    seen = {"kochen": COOKING, "rezept": page, "fussball": Content("fussball", frozenset({"football"}))}
    pan = campaign("pan", target=Target(categories=frozenset({"kitchen"})))

    def found(minutes: float, watched: str = "kochen", device: str = "tv", on: Content = page) -> list[str]:
        opportunity = Opportunity("b2", NOW, "smartphone", on, (20,), Viewer(), "phone")
        plays = [played("pan-0", minutes, content_id=watched, device=device)]
        return [each.reason for each in followers(opportunity, plays, lambda _: [pan], seen.get, RULES)]

    assert found(5) == ["follow-up"]
    assert found(15) == ["follow-up"]
    assert found(4.9) == found(15.1) == found(5, "fussball") == found(5, device="phone") == found(5, on=COOKING) == []


CAMPAIGNS = st.lists(
    st.tuples(
        st.lists(st.sampled_from([5.0, 10.0, 20.0, 30.0]), min_size=1, max_size=3),
        st.one_of(st.none(), st.integers(0, 3)),
        st.integers(0, 2),
        st.sampled_from(["cars", "bread", None]),
    ),
    max_size=8,
)
PLAYS = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 2), st.floats(-3, 1500)), max_size=12)


@settings(max_examples=150, deadline=None, database=None, derandomize=True)
@given(CAMPAIGNS, st.lists(st.sampled_from([5.0, 15.0, 20.0, 30.0]), max_size=8), PLAYS, st.integers(0, 10**6))
def test_no_cap_is_ever_broken(
    drawn: list[tuple[list[float], int | None, int, str | None]],
    slots: list[float],
    past: list[tuple[int, int, float]],
    seed: int,
) -> None:
    """HH-11, for whatever campaigns, slots and past."""
    campaigns = [
        campaign(f"c{number}", tuple(lengths), per_day=per_day, per_break=per_break, category=trade)
        for number, (lengths, per_day, per_break, trade) in enumerate(drawn)
    ]
    plays = [played(f"c{number}-{spot}", minutes) for number, spot, minutes in past]
    filling = decide(campaigns, tuple(slots), plays, break_id=str(seed))
    assert sorted([*filling.unfilled, *(each.slot for each in filling.filled)]) == list(range(len(slots)))
    films = [each.spot.creative for each in filling.filled]
    assert len(films) == len(set(films))
    recent = {play.creative for play in plays if abs((NOW - play.at).total_seconds()) < 300}
    assert not recent & set(films)
    today = [play for play in {play.play_id: play for play in plays}.values() if play.at >= RULES.day_start(NOW)]
    for each in campaigns:
        given_now = sum(one.campaign is each for one in filling.filled)
        before = sum(play.campaign_id == each.campaign_id for play in today)
        assert given_now <= each.per_break
        assert each.per_day is None or given_now == 0 or before + given_now <= each.per_day
    for one, other in pairwise(filling.filled):
        assert not are_rivals(one.campaign, other.campaign)
    assert all(each.spot.duration_s <= slots[each.slot] for each in filling.filled)
