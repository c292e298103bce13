"""Ranking (OPS-1): Evidently's recommender metrics on what the evaluated model answered at the test."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.contracts import exports
from core.errors import StageError
from core.json_form import json_form
from core.settings import Settings
from core.storage import connect, write_text
from monitoring.evidently_quiet import evidently_quiet
from monitoring.model_cards.champion import ChampionInfo, champion
from monitoring.pages import headed, render

if TYPE_CHECKING:
    import pandas as pd

KIND = "ranking"
CUT = 10
ANSWERS = "held_out_answers"
"""Folder beside the bundle, one Parquet file a model: user_number, kind, content_id, score; written by training."""
MIN_USERS = 20
LEFT_OUT = ("MAP", "FBetaTopK")
"""With one item wanted a user, MAP is MRR by definition (Evidently's is not), and F says what recall says."""


@dataclass(frozen=True)
class RankingMetric:
    """One of Evidently's metrics at ``CUT`` items."""

    key: str
    value: float
    previous: float | None


@dataclass(frozen=True)
class RankingReport:
    """One run's metrics, as stored in ``report.json``."""

    kind: str
    as_of: datetime
    model_version: str
    cut: int
    user_count: int
    metrics: tuple[RankingMetric, ...]
    reason_de: str | None
    """Why nothing was measured; None if it was."""
    reason_en: str | None
    report: str


def run(settings: Settings, as_of: datetime) -> RankingReport:
    """Measure and write the report.

    Raises:
        StageError: there is no champion.
    """
    found = champion(settings)
    if found is None:
        raise StageError("ranking: there is no champion yet; train and promote a model first")
    answers = _answers(settings, found)
    users = 0 if answers is None else int(answers["user"].nunique())
    if answers is None or users < MIN_USERS:
        metrics: tuple[RankingMetric, ...] = ()
        page = None
    else:
        values, page = _measure(answers, _genres(settings))
        last = _last(settings, as_of)
        metrics = tuple(RankingMetric(key, value, last.get(key)) for key, value in values)
    report = RankingReport(
        kind=KIND,
        as_of=as_of.astimezone(UTC),
        model_version=found.version,
        cut=CUT,
        user_count=users,
        metrics=metrics,
        reason_de=None if metrics else f"zu wenige Antworten am Test: {users}; nötig sind {MIN_USERS}",
        reason_en=None if metrics else f"too few answers at the test: {users}; {MIN_USERS} are needed",
        report=str(settings.paths.report(KIND, as_of) / "report.html"),
    )
    _write(settings.paths.report(KIND, as_of), report, page)
    return report


def _answers(settings: Settings, found: ChampionInfo) -> "pd.DataFrame | None":
    """All models' answers; a user is a model and a number."""
    folder = found.bundle.parent / ANSWERS
    if not any(folder.glob("*.parquet")):
        return None
    with connect(memory_limit_megabytes=500) as duck:
        frame: pd.DataFrame = duck.execute(
            f"""
            select parse_filename(filename, true) || ' ' || user_number as "user", kind, content_id as item, score
            from read_parquet('{folder}/*.parquet', filename = true) order by all
            """
        ).df()
        return frame


def _genres(settings: Settings) -> "pd.DataFrame":
    """One column a genre (0 or 1), by item: what Evidently measures likeness of items with."""
    flags = ", ".join(
        f"(coalesce(genre, '') = '{genre}')::double as genre_{genre}" for genre in exports.GENRES_WITH_TASTE
    )
    with connect(memory_limit_megabytes=500) as duck:
        file = settings.paths.export(exports.DIM_CONTENT)
        frame: pd.DataFrame = duck.execute(
            f"select content_id as item, {flags}, (not is_serial)::double as is_single from read_parquet('{file}')"
        ).df()
        return frame


def _measure(answers: "pd.DataFrame", genres: "pd.DataFrame") -> tuple[list[tuple[str, float]], str]:
    """Evidently's preset over recommended items and the one item wanted (target 1; behind all others if missed)."""
    recommended = answers[answers["kind"] == "recommended"]
    wanted = answers[answers["kind"] == "wanted"][["user", "item"]].assign(target=1)
    current = recommended[["user", "item", "score"]].merge(wanted, how="outer", on=["user", "item"])
    last = current.groupby("user")["score"].transform("min").fillna(0.0) - 1.0
    current = current.assign(score=current["score"].fillna(last), target=current["target"].fillna(0))
    current = current.merge(genres, how="left", on="item")
    history = answers[answers["kind"] == "history"][["user", "item"]].assign(score=1.0, target=1)
    history = history.merge(genres, how="left", on="item")
    features = [name for name in genres.columns if name != "item"]
    with evidently_quiet():
        from evidently import DataDefinition, Dataset, Recsys, Report
        from evidently.presets import RecsysPreset

        task = Recsys(user_id="user", item_id="item", prediction="score", target="target")
        definition = DataDefinition(
            ranking=[task], numerical_columns=[*features, "score", "target"], categorical_columns=["user", "item"]
        )
        snapshot = Report([RecsysPreset(k=CUT, item_features=features)]).run(
            Dataset.from_pandas(current.fillna(0.0), data_definition=definition),
            None,
            additional_data={
                "current_train_data": Dataset.from_pandas(history.fillna(0.0), data_definition=definition)
            },
        )
        return list(_values(snapshot.dict()["metrics"])), snapshot.get_html_str(as_iframe=False)


def _values(metrics: list[dict[str, Any]]) -> Iterator[tuple[str, float]]:
    """Name and value of every metric that is one number, or one number a rank: then the one at the cut."""
    for metric in metrics:
        name = metric["config"]["type"].rsplit(":", 1)[-1]
        if name in LEFT_OUT:
            continue
        value = metric["value"]
        if isinstance(value, int | float):
            yield name, float(value)
        elif isinstance(value, dict) and "rank" in value and len(value["value"]) >= CUT:
            # by place, not by Evidently's label: some of its metrics count ranks from 2
            yield f"{name}@{CUT}", float(list(value["value"].values())[CUT - 1])


def _last(settings: Settings, as_of: datetime) -> dict[str, float]:
    """The newest earlier report's values."""
    name = settings.paths.report(KIND, as_of).name
    for folder in sorted((settings.paths.reports / KIND).glob("*Z"), reverse=True):
        if folder.name >= name:
            continue
        try:
            values = json.loads((folder / "report.json").read_text(encoding="utf-8"))
            return {metric["key"]: float(metric["value"]) for metric in values["metrics"]}
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return {}


def _write(folder: Path, report: RankingReport, page: str | None) -> None:
    summary = render("ranking.html.j2", report=report)
    write_text(folder / "report.json", json.dumps(json_form(report), ensure_ascii=False, indent=1))
    write_text(folder / "report.html", headed(page, summary) if page else summary)
