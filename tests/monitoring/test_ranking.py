"""Evidently's recommender metrics on the answers at the test (OPS-1)."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.errors import StageError
from core.settings import Settings
from monitoring import ranking
from monitoring.model_cards.champion import ChampionInfo

pytestmark = pytest.mark.slow

AS_OF = datetime(2026, 5, 31, tzinfo=UTC)


def answers(users: int, hit_place: int | None) -> list[dict[str, Any]]:
    """Ten items a user; the wanted one stands at ``hit_place`` (1 is first), or is none of them."""
    rows = []
    for user in range(users):
        items = [f"v{(user + step) % 50:03d}" for step in range(10)]
        for rank, item in enumerate(items, start=1):
            rows.append(
                {"user_number": user, "kind": "recommended", "content_id": item, "rank": rank, "score": 2.0 - rank / 10}
            )
        wanted = items[hit_place - 1] if hit_place else "v055"
        rows.append({"user_number": user, "kind": "wanted", "content_id": wanted, "rank": None, "score": None})
        rows.append(
            {
                "user_number": user,
                "kind": "history",
                "content_id": f"v{(user + 20) % 50:03d}",
                "rank": None,
                "score": None,
            }
        )
    return rows  # fmt: skip


@pytest.fixture
def home(marts: Any, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    marts.write_exports(settings.paths, marts.exports_of(50))
    champion = ChampionInfo("3", "run", tmp_path / "artifacts" / "bundle")
    monkeypatch.setattr(ranking, "champion", lambda _: champion)
    (tmp_path / "artifacts" / ranking.ANSWERS).mkdir(parents=True)
    return settings


def write(tmp_path: Path, rows: list[dict[str, Any]]) -> None:
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "artifacts" / ranking.ANSWERS / "all.parquet")


def test_metrics_are_those_known_by_hand_and_kept_with_the_model_version(home: Settings, tmp_path: Path) -> None:
    write(tmp_path, answers(40, hit_place=2))
    report = ranking.run(home, AS_OF)
    found = {metric.key: metric.value for metric in report.metrics}
    assert found["HitRate@10"] == pytest.approx(1)
    assert found["PrecisionTopK@10"] == pytest.approx(0.1)
    assert found["MRR@10"] == pytest.approx(0.5)
    assert found["NDCG@10"] == pytest.approx(0.6309, abs=1e-4)
    assert {"Novelty", "Diversity", "Serendipity", "Personalization", "PopularityBiasMetric"} <= set(found)
    stored = json.loads((home.paths.report("ranking", AS_OF) / "report.json").read_text())
    assert stored["model_version"] == "3"
    assert stored["user_count"] == 40
    page = (home.paths.report("ranking", AS_OF) / "report.html").read_text()
    assert "answers to 40 users of the test" in page
    assert '<script src="http' not in page


def test_what_was_missed_is_no_hit_and_the_last_value_is_named(home: Settings, tmp_path: Path) -> None:
    write(tmp_path, answers(40, hit_place=1))
    ranking.run(home, AS_OF - timedelta(hours=4))
    write(tmp_path, answers(40, hit_place=None))
    found = {metric.key: metric for metric in ranking.run(home, AS_OF).metrics}
    assert found["HitRate@10"].value == 0
    assert found["HitRate@10"].previous == 1
    assert found["NDCG@10"].previous == pytest.approx(1)


def test_few_or_no_answers_are_said_and_are_no_crash(home: Settings, tmp_path: Path) -> None:
    assert ranking.run(home, AS_OF).reason_en == "too few answers at the test: 0; 20 are needed"
    write(tmp_path, answers(5, hit_place=1))
    report = ranking.run(home, AS_OF)
    assert report.reason_de == "zu wenige Antworten am Test: 5; nötig sind 20"
    assert report.metrics == ()
    assert "Nothing was measured" in (home.paths.report("ranking", AS_OF) / "report.html").read_text()


def test_without_a_champion_one_line_says_so(settings: Settings) -> None:
    with pytest.raises(StageError, match="there is no champion yet"):
        ranking.run(settings, AS_OF)
