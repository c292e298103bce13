"""What editors' controls of the ranking cost in accuracy, and what they buy: each alone, at several strengths.

Of the model that saw neither validation nor test, on the test's targets, through ``core``'s own ``rerank``. Differences
are paired by user, so that a small price shows in few of them. No rule is applied: it is the price of the order alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from core.algorithms.next_video.arrays import FloatArray
from core.algorithms.next_video.bundle import ClassModel
from core.algorithms.next_video.ranking import BlendShares, combine
from core.algorithms.next_video.ranking_controls import CONTROLS, Control, RankingControls
from core.algorithms.next_video.rerank import POOL, Pool, rerank
from core.algorithms.next_video.rules import load_rules
from core.paths import Paths
from core.settings import Settings
from training.datasets.splits import Split
from training.next_video.config import TrainingConfig
from training.next_video.evaluate import TasteOf, drawn
from training.next_video.metrics import CUT, interval

STRENGTHS = (0.0, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0)
MAX_TARGETS = 500
"""Devices at most: enough for a curve, and a second or two a model."""
_DAY_MS = 86_400_000
_EVER_AGO = -(2**53)


@dataclass(frozen=True)
class About:
    """What the controls ask of a model's items (n)."""

    genre: npt.NDArray[np.int64]
    """Number of the genre, -1: none or unknown."""
    published_ms: npt.NDArray[np.int64]


@dataclass(frozen=True)
class _Asked:
    """One target: its best candidates, their rows in the vocabulary, and the place of what was played, or -1."""

    pool: Pool
    place: int


def about_items(paths: Paths, vocabulary: Sequence[str]) -> About | None:
    """Genre and publication from the catalogue; None where there is none."""
    if not paths.catalogue.exists():
        return None
    table = pq.read_table(paths.catalogue, columns=["content_id", "genre", "published_at"], partitioning=None)
    place = {content_id: row for row, content_id in enumerate(table["content_id"].to_pylist())}
    genres, instants = table["genre"].cast(pa.string()).to_pylist(), table["published_at"].to_pylist()
    number = {genre: index for index, genre in enumerate(sorted({genre for genre in genres if genre}))}
    rows = [place.get(content_id) for content_id in vocabulary]
    genre = [-1 if row is None else number.get(genres[row] or "", -1) for row in rows]
    published = [_EVER_AGO if row is None or not instants[row] else _milliseconds(instants[row]) for row in rows]
    return About(np.array(genre, dtype=np.int64), np.array(published, dtype=np.int64))


def prices_of_run(
    settings: Settings, model: ClassModel, split: Split, taste_of: TasteOf, config: TrainingConfig
) -> dict[str, Any]:
    """``control_prices`` for a model's entry in the manifest; an empty entry where there is no catalogue to ask."""
    about = about_items(settings.paths, model.vocabulary)
    if about is None:
        return {}
    controls = load_rules(settings.config / "next_video" / "rules.yaml").ranking
    blend = settings.next_video.blend
    return {"control_prices": control_prices(model, split, blend, taste_of, about, controls, config)}


def control_prices(
    model: ClassModel,
    split: Split,
    blend: BlendShares,
    taste_of: TasteOf,
    about: About,
    controls: RankingControls,
    config: TrainingConfig,
) -> dict[str, Any]:
    """NDCG@10 and what is gained, by control and strength.

    Returns:
        ``users``, ``half_life_days``, ``most_played`` and ``points``: ``control``, ``strength``, ``ndcg_at_10``,
        ``change`` against strength 0 with ``change_interval`` (95 %, bootstrap over users), and ``gain``, of the ten
        best: different genres (diversity), share published within a half-life (freshness), share of the long tail.
    """
    rng = np.random.default_rng(config.seed)
    targets = drawn(split.test, min(MAX_TARGETS, config.max_test_users), rng)
    asked = list(_asked(model, split, targets, blend, taste_of, about, controls.long_tail.most_played))
    points: list[dict[str, Any]] = []
    for control in CONTROLS if asked else ():
        plain = None
        for strength in STRENGTHS:
            setting = controls.alone(control, strength)
            answers = [(each, list(rerank(each.pool, setting, CUT).order)) for each in asked]
            ndcg = np.array([_ndcg(order, each.place) for each, order in answers])
            plain = ndcg if plain is None else plain
            points.append(
                {
                    "control": control,
                    "strength": strength,
                    "ndcg_at_10": float(ndcg.mean()),
                    "change": float((ndcg - plain).mean()),
                    "change_interval": interval(ndcg - plain, rng, config.bootstrap_samples),
                    "gain": float(np.mean([_gain(control, each.pool, order, controls) for each, order in answers])),
                }
            )
    return {
        "users": len(asked),
        "half_life_days": controls.freshness.half_life_days,
        "most_played": controls.long_tail.most_played,
        "points": points,
    }


def _asked(
    model: ClassModel,
    split: Split,
    targets: npt.NDArray[np.int64],
    blend: BlendShares,
    taste_of: TasteOf,
    about: About,
    most_played: float,
) -> Iterator[_Asked]:
    for target in targets.tolist():
        history = split.history(target)
        *earlier, current = history
        at_ms, wanted = int(split.interactions.at_ms[target]), int(split.interactions.item[target])
        scores: FloatArray = combine(model, earlier, current, blend, taste_of(target)).scores.copy()
        scores[about.published_ms > at_ms] = -np.inf
        scores[history] = -np.inf
        best = np.argpartition(-scores, POOL - 1)[:POOL] if len(scores) > POOL else np.arange(len(scores))
        best = best[np.argsort(-scores[best], kind="stable")]
        best = best[np.isfinite(scores[best])]
        place = np.flatnonzero(best == wanted)
        pool = Pool(
            relevance=scores[best],
            factors=model.similarity.factors[best],
            genre=about.genre[best],
            age_days=(at_ms - about.published_ms[best]) / _DAY_MS,
            is_tail=model.popularity_place[best] >= most_played,
        )
        yield _Asked(pool, int(place[0]) if len(place) else -1)


def _ndcg(order: Sequence[int], place: int) -> float:
    return float(1 / np.log2(order.index(place) + 2)) if place in order else 0.0


def _gain(control: Control, pool: Pool, order: Sequence[int], controls: RankingControls) -> float:
    shown = list(order)
    if control == "diversity":
        return float(len(np.unique(pool.genre[shown])))
    if control == "freshness":
        return float(np.mean(pool.age_days[shown] <= controls.freshness.half_life_days)) if shown else 0.0
    return float(np.mean(pool.is_tail[shown])) if shown else 0.0


def _milliseconds(instant: datetime) -> int:
    return int(instant.replace(tzinfo=UTC).timestamp() * 1000)
