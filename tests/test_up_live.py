"""HH-1, HH-3: `mediathek up` keeps households live beside Airflow, once the first ingestion has begun."""

from pathlib import Path

import pytest

import up
from core.settings import Settings
from supervisor import Service


class Kept:
    """Notes what is to be kept running."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def keep(self, service: Service) -> None:
        self.names.append(service.name)


def platform(settings: Settings, kept: Kept, source: Path, with_airflow: bool) -> up._Platform:
    wishes = up.Wishes(source, None, with_airflow, households=1, days=1)
    return up._Platform(settings, wishes, kept)  # type: ignore[arg-type]


def test_they_start_once_when_the_first_ingestion_through_airflow_has_begun(settings: Settings, tmp_path: Path) -> None:
    kept = Kept()
    started = platform(settings, kept, tmp_path, with_airflow=True)
    started._go_live(is_source_there=False)
    started._go_live(is_source_there=True)
    assert kept.names == [], "the DAG would find the lake taken"
    settings.paths.ledger.mkdir(parents=True)
    (settings.paths.ledger / f"{1:012d}.json").write_text("{}")
    started._go_live(is_source_there=True)
    started._go_live(is_source_there=True)
    assert kept.names == ["ingest", "households"]


def test_without_airflow_they_are_who_ingests(settings: Settings, tmp_path: Path) -> None:
    kept = Kept()
    platform(settings, kept, tmp_path, with_airflow=False)._go_live(is_source_there=True)
    assert kept.names == ["ingest", "households"]


@pytest.mark.parametrize("kafka", [None, "127.0.0.1:9092"])
def test_they_follow_the_topic_where_there_is_one_and_give_way_to_requests(
    settings: Settings, tmp_path: Path, kafka: str | None
) -> None:
    settings = settings.model_copy(update={"kafka_bootstrap": kafka})
    services = platform(settings, Kept(), tmp_path, with_airflow=True)._live_services()
    ingestion, households = (each.command for each in services)
    followed = ("--kafka", "127.0.0.1:9092", "--topic", "events") if kafka else ("--source", str(tmp_path))
    assert ingestion[-2 - len(followed) :] == ("ingest", *followed, "--follow")
    assert households[-2:] == ("households", "follow")
    assert ingestion[0] == households[0] == "nice"
