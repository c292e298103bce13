"""What is known of the viewing volume under changed rules, and what is not.

Self-normalised inverse propensity scoring (Swaminathan and Joachims, NIPS 2015) over recorded answers. The library
answers deterministically: an answer that stays was shown with propensity 1, one that would change was never shown, and
nothing that was watched says what would have been watched after it. So the estimate covers the answers that stay, and
its support is said beside it; only an experiment tells the rest.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from core.contracts.exports import FCT_PLAYBACKS
from core.settings import Settings
from core.storage import connect
from serving.next_video.past_requests import PastRequest

_RESAMPLES = 1000
_SEED = 20261124


@dataclass(frozen=True)
class VolumeEstimate:
    """Seconds really played of recommended videos for each answer, within the attribution window of the settings."""

    seconds_per_answer: float
    """Over the answers that stay."""
    low: float
    high: float
    """95 %, bootstrap over devices."""
    now_seconds_per_answer: float
    """Over all answers, under the rules of now."""
    support_share: float
    """Share of the answers that stay: the estimate says nothing of the others."""
    answer_count: int
    """Answers of devices that are known and have consented; only theirs can be followed."""


def estimate_volume(
    settings: Settings, past: Sequence[PastRequest], unchanged: Collection[str]
) -> VolumeEstimate | None:
    """Estimate from the plays of the devices that asked; None where no play can be attributed."""
    playbacks = settings.paths.export(FCT_PLAYBACKS)
    known = [each for each in past if each.unit_key]
    if not known or not playbacks.exists():
        return None
    seconds = _attributed(settings, known)
    devices = np.unique([str(each.unit_key) for each in known], return_inverse=True)[1]
    stays = np.array([each.decision_id in unchanged for each in known])
    if not stays.any():
        return None
    total = np.bincount(devices, weights=seconds * stays)
    count = np.bincount(devices, weights=stays.astype(float))
    draws = np.random.default_rng(_SEED).integers(0, len(total), (_RESAMPLES, len(total)))
    sums, counts = total[draws].sum(axis=1), count[draws].sum(axis=1)
    low, high = np.quantile(sums[counts > 0] / counts[counts > 0], (0.025, 0.975))
    return VolumeEstimate(
        seconds_per_answer=float(total.sum() / count.sum()),
        low=float(low),
        high=float(high),
        now_seconds_per_answer=float(seconds.mean()),
        support_share=float(stays.mean()),
        answer_count=len(known),
    )


def _attributed(settings: Settings, known: Sequence[PastRequest]) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Seconds (k) that each answer's device played of what was recommended, begun within the attribution window."""
    import pyarrow as pa

    window = timedelta(hours=settings.next_video.volume_attribution_hours)
    asked = pa.table(
        {
            "place": list(range(len(known))),
            "device_key": [str(each.unit_key) for each in known],
            "decided_at": [each.decided_at.replace(tzinfo=None) for each in known],
            "items": [list(each.items) for each in known],
        }
    )
    file = settings.paths.export(FCT_PLAYBACKS)
    with connect() as connection:
        connection.register("asked", asked)
        connection.read_parquet(f"{file}/**/*.parquet" if file.is_dir() else str(file)).create_view("playbacks")
        rows = connection.execute(
            """
            select asked.place, sum(playbacks.watched_s)
            from asked join playbacks
                on playbacks.device_key = asked.device_key
                and playbacks.started_at >= asked.decided_at and playbacks.started_at < asked.decided_at + $hours
                and list_contains(asked.items, playbacks.content_id)
            group by asked.place
            """,
            {"hours": window},
        ).fetchall()
    seconds = np.zeros(len(known))
    for place, watched in rows:
        seconds[place] = watched
    return seconds
