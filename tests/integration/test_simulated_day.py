"""From logs to card: some simulated days through `mediathek pipeline`, headless, as a user would run it (OPS-1)."""

import csv
import json
import os
import re
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from core.contracts import exports
from core.paths import PROJECT_ROOT
from core.storage import read_rows
from tests.simulated_day import MEDIATHEK, Day, mediathek, pipeline

pytestmark = pytest.mark.integration


def step(day: Day, name: str) -> Any:
    (found,) = [step["report"] for step in day.report["steps"] if step["name"] == name]
    return found


def test_every_step_is_reported_with_its_seconds(day: Day) -> None:
    assert [step["name"] for step in day.report["steps"]] == [
        *("ingest", "check_door", "build", "check_marts", "docs", "households", "ad_counts", "conclusions"),
        *("features", "train", "promote"),
        *("drift", "ranking", "bias", "experiments", "caps", "cards"),
    ]
    assert all(step["seconds"] >= 0 for step in day.report["steps"])


def test_what_is_accepted_is_what_the_simulator_says_it_wrote(day: Day) -> None:
    """LOG-3, LOG-4: the generator's truth is kept apart, and nothing is lost between accepted and quarantined."""
    truth = json.loads((day.simulated / "truth" / "expected.json").read_text())
    events = step(day, "ingest")["landing"]["kinds"]["events"]
    assert events["accepted"] == truth["accepted"]
    assert events["repeated"] == truth["repeated"]
    assert sum(events["quarantined"].values()) == sum(truth["broken"].values()) + truth["torn"]


def test_the_model_that_passed_the_gates_is_the_one_on_the_card(day: Day) -> None:
    """MC-2: the card is made of what serves."""
    version = step(day, "promote")["version"]
    for language in ("de", "en"):
        done = mediathek(day.home, "card", "next-video", "--language", language, "--format", "json")
        assert done.returncode == 0, done.stderr
        assert f'"{version}"' in done.stdout or f" {version}" in done.stdout


@pytest.mark.parametrize("use_case", ["next-episode", "next-video"])
@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("form", ["html", "md", "json"])
def test_there_is_a_card_in_every_language_and_form(day: Day, use_case: str, language: str, form: str) -> None:
    """MC-1."""
    (card,) = (day.paths.cards / use_case).glob(f"*/card.{language}.{form}")
    assert card.stat().st_size > 1000


@pytest.mark.parametrize("kind", ["drift", "ranking", "bias", "quality"])
def test_there_is_a_report_of_every_kind(day: Day, kind: str) -> None:
    """OPS-1: Evidently reports bias and drift for the card; NV-M1."""
    assert list((day.paths.reports / kind).glob("**/report.json"))


def test_only_consented_plays_of_enough_length_are_trained_on(day: Day) -> None:
    """NV-T2, PRV-2: measured on what training read, against the lake itself."""
    shares = read_rows(day.paths.export(exports.FEAT_TRAINING_PLAYS), "select min(watched_share) as least from rows")
    assert shares[0]["least"] >= 0.35
    without = read_rows(
        day.paths.export(exports.FEAT_TRAINING_PLAYS), "select count(*) as n from rows where device_key is null"
    )
    assert without[0]["n"] == 0


def identifiers(day: Day) -> set[str]:
    """Raw MAC and IPv4 addresses of the simulated devices, as they stand in the logs."""
    found = set()
    for name, column in (("device_household.csv", "mac"), ("lease.csv", "ip")):
        with (day.simulated / "truth" / name).open() as rows:
            found |= {row[column] for row in csv.DictReader(rows)}
    return {value for value in found if value.count(":") == 5 or value.count(".") == 3}


def texts(file: Path) -> Iterator[str]:
    """All text of a file; Parquet is decoded, as compression would hide what is in it."""
    if file.suffix == ".parquet":
        for column in pq.read_table(file).columns:
            if str(column.type) in ("string", "large_string"):
                yield from (value for value in column.unique().to_pylist() if value)
    else:
        yield file.read_bytes().decode("latin-1")


def test_no_raw_address_is_anywhere_below_the_home(day: Day) -> None:
    """PRV-1: lake, ledger, warehouse, quarantine, features, models, reports, cards, logs."""
    raw = identifiers(day)
    assert len(raw) > 100
    macs = [value.lower() for value in raw if ":" in value]
    forms = {*raw, *macs, *(value.replace(":", "-") for value in macs), *(value.replace(":", "") for value in macs)}
    leaks = []
    for file in (file for file in day.home.rglob("*") if file.is_file()):
        for text in texts(file):
            words = set(_words(text))
            leaks += [f"{file.relative_to(day.home)}: {word}" for word in words & forms]
    assert not leaks, leaks[:10]


def _words(text: str) -> Iterator[str]:
    """Cut at whatever can stand around an address."""

    yield from re.findall(r"[0-9A-Fa-f.:-]{11,17}", text)


def snapshot(home: Path) -> dict[str, tuple[int, int]]:
    return {
        str(file.relative_to(home)): (file.stat().st_size, file.stat().st_mtime_ns)
        for file in home.rglob("*")
        if file.is_file() and not file.name.endswith(("lock", "-shm", "-wal"))
    }


def test_a_second_run_over_unchanged_input_changes_nothing(day: Day) -> None:
    before = snapshot(day.home)
    again = pipeline(day.simulated / "landing", day.home)
    assert again["is_unchanged"]
    assert [step["name"] for step in again["steps"]] == ["ingest"]
    assert snapshot(day.home) == before


def test_what_was_trained_is_served_with_reasons(day: Day) -> None:
    """NV-2: a served answer comes from the champion and names the rule for every dropped candidate."""
    videos = read_rows(
        day.paths.export(exports.FEAT_CONTENT_COUNTS), "select content_id from rows where is_trainable order by 1"
    )
    environment = {**os.environ, "MEDIATHEK_HOME": str(day.home)}
    command = [MEDIATHEK, "serve", "--port", "0", "--json"]
    with subprocess.Popen(command, env=environment, cwd=PROJECT_ROOT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            address = json.loads(server.stdout.readline())["address"]
            answers = [ask(address, video["content_id"]) for video in videos[:40]]
        finally:
            server.terminate()
    regular = [answer for answer in answers if answer["case"] == "regular"]
    assert regular
    for answer in regular:
        assert answer["model"] == {"name": "next_video", "version": step(day, "promote")["version"]}
        assert {item["source"] for item in answer["items"]} == {"similarity"}, "NV-T4: no history, no sequence"
        assert all(dropped["rule"].startswith("NV-") for dropped in answer["dropped"])


def ask(address: str, current: str) -> dict[str, Any]:
    wait_until_ready(address)
    body = json.dumps({"current": current, "device_class": "tv"}).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{address}/api/v1/next-video?explain=true", data=body, headers=headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def wait_until_ready(address: str) -> None:

    for _ in range(300):
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=10):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("never ready")
