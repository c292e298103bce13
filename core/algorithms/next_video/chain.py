"""The chain of Next-Video: case, candidates, filters, ranking, first episodes, seen, hidden. Read it top to bottom."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from core.algorithms.next_video.arrays import FloatArray
from core.algorithms.next_video.bundle import ClassModel
from core.algorithms.next_video.candidates import Candidates
from core.algorithms.next_video.case import next_episode
from core.algorithms.next_video.catalogue import Catalogue, microseconds
from core.algorithms.next_video.decision import Decision, Item
from core.algorithms.next_video.filtered import filtered
from core.algorithms.next_video.filters import Surroundings
from core.algorithms.next_video.first_episode import apply_first_episode
from core.algorithms.next_video.hidden import NEWS, NOTHING_POSSIBLE, hidden_reason, is_hidden_path
from core.algorithms.next_video.history import UsedHistory, used_history
from core.algorithms.next_video.ranking import BlendShares, Ranking, combine
from core.algorithms.next_video.request import Request
from core.algorithms.next_video.rerank import POOL, Pool, Reranked, rerank
from core.algorithms.next_video.rules import Rules
from core.algorithms.next_video.seen import RULE as SEEN
from core.algorithms.next_video.seen import seen_videos
from core.algorithms.next_video.sequences import known_rows
from core.algorithms.next_video.series_index import IntArray
from core.settings import Settings

_DAY_US = 86_400_000_000


@dataclass(frozen=True)
class Limits:
    """Thresholds of the settings that the chain needs."""

    view_min_seconds: float
    """NV-U1: more than this is a view."""
    max_history: int
    """So many of the newest entries of the history count."""

    @staticmethod
    def of(settings: Settings) -> "Limits":
        return Limits(settings.next_video.view_min_seconds, settings.serving.max_history)


class Ranks:
    """The last ranking, asked for again by the next rule set with the same request: rules do not change scores."""

    def __init__(self) -> None:
        self._key: object = None
        self._ranking: Ranking | None = None

    def of(
        self,
        model: ClassModel,
        history: UsedHistory,
        current: str,
        blend: BlendShares,
        taste_scores: FloatArray | None,
    ) -> Ranking:
        key = (id(model), tuple(history.content_ids), current, id(blend), id(taste_scores))
        if self._ranking is None or key != self._key:
            self._key, self._ranking = key, _rank(model, history, current, blend, taste_scores)
        return self._ranking


def decide(
    catalogue: Catalogue,
    rules: Rules,
    request: Request,
    model: ClassModel | None,
    now: datetime,
    limits: Limits,
    blend: BlendShares,
    taste_scores: FloatArray | None = None,
    explain: bool = False,
    ranks: Ranks | None = None,
) -> Decision:
    """Answer one request.

    Args:
        catalogue: built with the same ``rules``.
        rules: the editorial rules.
        request: validated; its current video may have left the offer or only be announced.
        model: of the request's device class; None where there is none yet: then only case 1 has items.
        now: aware; what availability is judged by (NV-C1).
        limits: thresholds.
        blend: NV-T4, of the settings or of an experiment's arm.
        taste_scores: (n) over the model's vocabulary, or None.
        explain: also name the rule of every candidate dropped.
        ranks: keeps the last ranking, for the same request under several rule sets (``serving.next_video.preview``).

    Raises:
        UnknownVideoError: the current video is unknown, or a page.
    """
    current_row = catalogue.video_row(request.current)
    offer = catalogue.offer_at(now)
    episode = next_episode(catalogue, offer, rules, current_row)
    if episode is not None:
        return Decision("next-episode", items=[Item(catalogue.ids[episode], 1.0, "next-episode")])
    if is_hidden_path(catalogue, current_row):
        return Decision("hidden", NEWS)
    if model is None:
        return Decision("hidden", NOTHING_POSSIBLE)

    around = Surroundings(catalogue, offer, rules, current_row)
    candidates = filtered(around, model, explain)
    history = used_history(catalogue, request.history, now, limits.view_min_seconds, limits.max_history)
    rank = _rank if ranks is None else ranks.of
    ranking = rank(model, history, request.current, blend, taste_scores)
    is_seen = seen_videos(catalogue, rules, request.history, limits.view_min_seconds)
    if rules.is_on("NV-R4"):
        apply_first_episode(candidates, around, ranking.scores[candidates.model_rows], is_seen)
    candidates.keep(SEEN, ~is_seen[candidates.rows])
    best = _ordered(around, candidates, ranking, model, microseconds(now), request.limit)
    return _answer(catalogue, candidates, ranking, history, best)


def _rank(
    model: ClassModel, history: UsedHistory, current: str, blend: BlendShares, taste_scores: FloatArray | None
) -> Ranking:
    rows = known_rows(history.content_ids, model.row_of)
    return combine(model, rows, model.row_of.get(current), blend, taste_scores)


def _best(scores: FloatArray, limit: int) -> IntArray:
    """Places of the highest scores, best first; of equal ones the first. Only what may be among them is sorted."""
    if len(scores) <= 4 * limit:
        places = np.arange(len(scores))
    else:
        places = np.flatnonzero(scores >= np.partition(scores, -limit)[-limit])
    order: IntArray = places[np.argsort(-scores[places], kind="stable")[:limit]]
    return order


def _ordered(
    around: Surroundings, candidates: Candidates, ranking: Ranking, model: ClassModel, now_us: int, limit: int
) -> Reranked:
    """Places among the candidates, best first: by score, then as editors' controls would have it."""
    scores, controls = ranking.scores[candidates.model_rows], around.rules.ranking
    if not controls.is_on:
        best = _best(scores, limit)
        return Reranked(best.tolist(), [()] * len(best))
    best = _best(scores, max(limit, POOL))
    rows, model_rows = candidates.rows[best], candidates.model_rows[best]
    pool = Pool(
        relevance=scores[best],
        factors=model.similarity.factors[model_rows],
        genre=around.catalogue.genre_number[rows],
        age_days=(now_us - around.catalogue.published_us[rows].astype(np.float64)) / _DAY_US,
        is_tail=model.popularity_place[model_rows] >= controls.long_tail.most_played,
    )
    found = rerank(pool, controls, limit)
    return Reranked(best[list(found.order)].tolist(), found.moved_by)


def _answer(
    catalogue: Catalogue, candidates: Candidates, ranking: Ranking, history: UsedHistory, best: Reranked
) -> Decision:
    scores = ranking.scores[candidates.model_rows]
    items = [
        Item(
            catalogue.ids[candidates.rows[place]],
            float(scores[place]),
            "sequence" if ranking.is_from_sequence[candidates.model_rows[place]] else "similarity",
            moved_by,
        )
        for place, moved_by in zip(best.order, best.moved_by, strict=True)
    ]
    return Decision(
        case="regular" if items else "hidden",
        reason=None if items else hidden_reason(candidates.counts),
        items=items,
        history_source=history.source,
        history_count=len(history.content_ids),
        counts=candidates.counts,
        dropped=candidates.dropped,
    )
