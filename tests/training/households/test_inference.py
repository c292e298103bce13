"""Inferences for fitting ads: explainable, only with consent, and "not sure" where they are (HH-6, HH-9, PRV-5)."""

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.algorithms.households.inference_settings import NOT_SURE, load_inference_settings
from core.contracts import lake
from core.contracts.households import ASSIGNMENTS, INFERENCES
from core.errors import StageError, UserError
from core.privacy import load_pseudonyms
from core.settings import Settings
from training.households.inference import infer
from training.households.inference_evaluation import evaluate_inferences
from training.households.inference_model import by_content, by_devices, held_to_prior

AS_OF = datetime(2026, 6, 30, tzinfo=UTC)
DAY = datetime(2026, 6, 20)
CONTENT = {"love": ["romance"], "kick": ["football"], "tools": ["unheard-of"], "glue": ["romance"]}


def views(device: str, content: str, count: int, day: datetime = DAY, **changed: Any) -> list[dict[str, Any]]:
    row = {
        "event": "view", "device_key": device, "content_id": content, "watched_s": 600.0, "device_class": "smartphone",
        "is_mac_local": False, "has_personalisation_consent": True, "has_advertising_consent": True,
    }  # fmt: skip
    return [
        row
        | {"happened_at": day + timedelta(minutes=number), "playback_id": f"{device}{content}{day}{number}"}
        | changed
        for number in range(count)
    ]


def crowd() -> list[dict[str, Any]]:
    """Twenty devices of which half love romance and half football: what everybody watches is known."""
    return [row for n in range(20) for row in views(f"c{n:02d}", ("love", "kick")[n % 2], 10)]


def world(settings: Settings, events: list[dict[str, Any]], withdrawals: list[dict[str, Any]] | None = None) -> None:
    """A lake, and every device at home in a household of its own unless its name has a dash: ``h1-a`` lives in h1."""
    paths = settings.paths
    folder = paths.events / "hour=2026-06-20T00"
    for each in (folder, paths.catalogue.parent, paths.withdrawals, paths.households):
        each.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(events, schema=lake.EVENTS), folder / "1.parquet")
    catalogue = [
        {"content_id": name, "kind": "video", "genre": "sport" if name == "tools" else "fiction",
         "audience": "kids" if name == "glue" else "general", "categories": categories}
        for name, categories in CONTENT.items()
    ]  # fmt: skip
    pq.write_table(pa.Table.from_pylist(catalogue, schema=lake.CATALOGUE), paths.catalogue)
    ended = pa.Table.from_pylist(withdrawals or [], schema=lake.WITHDRAWALS)
    pq.write_table(ended, paths.withdrawals / "1.parquet")
    devices = sorted({row["device_key"] for row in events if row["device_key"]})
    homes = [
        {"device_key": key, "household_id": key.split("-")[0], "from_at": datetime(2026, 6, 1), "confidence": 1.0}
        for key in devices
    ]
    pq.write_table(pa.Table.from_pylist(homes, schema=ASSIGNMENTS), paths.household_assignments)


def said(settings: Settings) -> dict[tuple[str | None, str], tuple[str, float]]:
    table = infer(settings, AS_OF)
    assert table.schema == INFERENCES
    assert pq.read_table(settings.paths.household_inferences).equals(table)
    return {
        (row["device_key"] or row["household_id"], row["what"]): (row["value"], row["confidence"])
        for row in table.to_pylist()
    }


def test_who_watches_much_of_what_women_watch_more_is_taken_for_a_woman_and_who_watches_little_is_not_sure(
    settings: Settings,
) -> None:
    """HH-6; the answer tells how sure it is, also where there is none (PRV-5)."""
    world(settings, [*crowd(), *views("d_much", "love", 20), *views("d_little", "love", 3)])
    found = said(settings)
    value, confidence = found["d_much", "gender"]
    assert value == "female"
    assert 0.8 < confidence < 1
    assert found["d_little", "gender"][0] == NOT_SURE
    assert 0.5 < found["d_little", "gender"][1] < confidence
    assert {row["model_version"] for row in pq.read_table(settings.paths.household_inferences).to_pylist()} == {
        load_inference_settings(settings.config).mark
    }


def test_a_category_without_a_weight_counts_by_its_genre(settings: Settings) -> None:
    world(settings, [*crowd(), *views("d_a", "tools", 20)])
    assert said(settings)["d_a", "gender"][0] == "male"


@pytest.mark.parametrize(
    "without",
    [{"has_advertising_consent": False}, {"has_personalisation_consent": False}, {"device_key": None}],
)
def test_only_what_happened_with_consent_to_advertising_counts(settings: Settings, without: dict[str, Any]) -> None:
    """PRV-2, PRV-5: sixty plays for the one answer without consent, eight for the other with it."""
    secret = views("d_a", "love", 60, **without)
    world(settings, [*crowd(), *secret, *views("d_a", "kick", 20, DAY + timedelta(days=2))])
    assert said(settings)["d_a", "gender"][0] == "male"


def test_whoever_has_no_consent_now_or_has_withdrawn_it_has_no_row(settings: Settings) -> None:
    later = DAY + timedelta(days=2)
    events = [*views("d_changed", "love", 20), *views("d_changed", "love", 1, later, has_advertising_consent=False)]
    events += [*views("d_withdrawn", "love", 20), *views("d_again", "love", 20), *views("d_again", "love", 1, later)]
    withdrawals = [
        {"device_key": key, "purpose": "advertising", "withdrawn_at": DAY + timedelta(days=1)}
        for key in ("d_withdrawn", "d_again")
    ]
    world(settings, [*crowd(), *events], withdrawals)
    devices = {key for key, what in said(settings) if what == "gender"}
    assert {"d_changed", "d_withdrawn"} & devices == set()
    assert "d_again" in devices


def test_childrens_offers_never_count_and_a_childs_device_is_left_out(settings: Settings) -> None:
    """Never for targeting: ``glue`` is for children, and its category alone would tell a woman."""
    events = [*crowd(), *views("d_parent", "kick", 20), *views("d_parent", "glue", 19), *views("d_child", "glue", 30)]
    world(settings, events)
    found = said(settings)
    assert found["d_parent", "gender"][0] == "male"
    assert {what for key, what in found if key == "d_child"} == set()


def test_nothing_later_than_the_run_and_nothing_older_than_the_window_counts(settings: Settings) -> None:
    future, past = datetime(2026, 7, 1), datetime(2026, 1, 1)
    events = [*crowd(), *views("d_a", "kick", 20), *views("d_a", "love", 60, future), *views("d_a", "love", 60, past)]
    world(settings, events)
    assert said(settings)["d_a", "gender"][0] == "male"


def test_many_devices_hint_at_a_high_income_and_randomised_ones_are_not_counted(settings: Settings) -> None:
    """HH-9."""
    rich = [row for name in "abcdefgh" for row in views(f"rich-{name}", "love", 1, device_class="tablet")]
    random = [
        row for name in "abcdefgh" for row in views(f"some-{name}", "love", 1, device_class="tablet", is_mac_local=True)
    ]
    world(settings, [*crowd(), *rich, *random, *views("some-z", "love", 1)])
    found = said(settings)
    assert found["rich", "income"][0] == "high"
    assert found["some", "income"][0] == NOT_SURE


def test_households_must_have_been_clustered(settings: Settings) -> None:
    with pytest.raises(StageError, match="cluster the households first"):
        infer(settings, AS_OF)


def test_answers_agree_with_the_prior_on_the_whole() -> None:
    """Weights that push everybody one way do not make everybody of one kind."""
    drawn = np.random.default_rng(4)
    prior = np.array([0.2, 0.3, 0.5])
    chances = held_to_prior(drawn.normal(size=(2000, 3)) + np.array([3.0, 0, 0]), prior)
    assert chances.sum(axis=1) == pytest.approx(np.ones(2000))
    assert chances.mean(axis=0) == pytest.approx(prior, abs=0.01)


def test_without_evidence_there_is_the_prior() -> None:
    weights = {"a": {"k": 2.0}, "b": {"k": 1.0}}
    prior = {"a": 0.25, "b": 0.75}
    assert by_content(np.zeros((1, 1)), ["k"], weights, prior)[0] == pytest.approx([0.25, 0.75])
    assert by_devices(np.ones((3, 1)), ["tv"], {"a": {"tv": 1.0}, "b": {"tv": 1.0}}, prior, 1.0)[0] == pytest.approx(
        [0.25, 0.75]
    )
    assert by_content(np.zeros((0, 1)), ["k"], weights, prior).shape == (0, 2)


def test_figures_are_counted_against_a_truth_that_only_evaluation_sees(settings: Settings, tmp_path: Path) -> None:
    """Ten women and ten men are told right, one man watches what women watch; a child and a shared TV do not count."""
    keys = load_pseudonyms(settings.paths.keys)
    macs = {name: f"00163e0000{number:02x}" for number, name in enumerate([*"abcdefghijklmnopqrstu", "kid", "tv"])}
    device = {name: keys.device_key(mac) for name, mac in macs.items()}
    events = [row for n in range(20) for row in views(device["abcdefghijklmnopqrst"[n]], ("love", "kick")[n % 2], 30)]
    events += [row for name in ("u", "kid", "tv") for row in views(device[name], "love", 30)]
    world(settings, events)
    genders = {name: ("female", "male")[n % 2] for n, name in enumerate("abcdefghijklmnopqrst")} | {"u": "male"}
    ages = dict.fromkeys(macs, "30-49") | {"kid": "3-13", "tv": ""}
    write(
        tmp_path / "person.csv", ["mac", "age_group", "gender"], [[macs[n], ages[n], genders.get(n, "")] for n in macs]
    )
    write(tmp_path / "income.csv", ["household_id", "income"], [["h1", "low"]])
    write(tmp_path / "device_household.csv", ["mac", "household_id"], [[macs["a"], "h1"]])
    figures = evaluate_inferences(settings, tmp_path, AS_OF)
    gender = figures["gender"]
    assert gender["count"] == 21
    assert gender["sure_share"] == 1
    assert gender["sure_accuracy"] == gender["accuracy"] == pytest.approx(20 / 21)
    assert gender["groups"]["female"] == {"count": 10, "sure_count": 10, "sure_share": 1, "sure_accuracy": 1}
    assert gender["groups"]["male"] == {
        "count": 11,
        "sure_count": 11,
        "sure_share": 1,
        "sure_accuracy": pytest.approx(10 / 11),
    }
    assert sum(each["count"] for each in gender["bins"]) == 21
    assert figures["age_group"]["count"] == 21
    assert figures["income"]["count"] == 1


def write(file: Path, header: list[str], rows: list[list[str]]) -> None:
    with file.open("w", newline="") as lines:
        csv.writer(lines).writerows([header, *rows])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("income: {low: 0.3", "income: {low: 0.4", r"priors.income: shares must be above 0 and sum to 1, not 1.1"),
        ("min_plays: 8", "min_plays: 0", "min_plays"),
        ("  female: {romance: 1.5, ", "  female: {", "gender: every value must weigh the same categories"),
        ("  high: {smartphone: 1.3", "  huge: {smartphone: 1.3", "income and priors.income must name the same values"),
    ],
)
def test_a_mistake_in_the_settings_is_one_clear_line(
    settings: Settings, tmp_path: Path, old: str, new: str, message: str
) -> None:
    text = (settings.config / "households" / "inference.yaml").read_text()
    assert old in text
    (tmp_path / "households").mkdir()
    (tmp_path / "households" / "inference.yaml").write_text(text.replace(old, new))
    with pytest.raises(UserError, match=message):
        load_inference_settings(tmp_path)
