"""Where a corpus' sound comes from, and hours by class: what is synthetic is said so wherever figures stand."""

import re
from typing import Any

from training.ad_detection.corpus import LABELS, Corpus

ORIGIN_FILE = "ORIGIN.txt"


def sound_of(corpus: Corpus, *, is_corrected: bool = False) -> dict[str, Any]:
    """``origin`` (synthetic, recorded, mixed, own, corrections), ``recorded_share`` (0..1; None: not known), ``files``,
    ``hours`` by label.
    """
    origin, share = ("corrections", None) if is_corrected else _origin(corpus)
    seconds = dict.fromkeys(LABELS, 0.0)
    for segments in corpus.files.values():
        for each in segments:
            seconds[each.label] += each.end_s - each.start_s
    hours = {label: round(each / 3600, 3) for label, each in seconds.items()}
    return {"origin": origin, "recorded_share": share, "files": len(corpus.files), "hours": hours}


def words_of(corpus: Corpus) -> str:
    """What the corpus says of itself; one's own sound says nothing."""
    file = corpus.folder / ORIGIN_FILE
    return file.read_text(encoding="utf-8") if file.is_file() else "labelled recordings of one's own"


def _origin(corpus: Corpus) -> tuple[str, float | None]:
    """As the composer's own words tell; a folder that was not composed is somebody's own."""
    said = words_of(corpus)
    if not said.startswith("Composed"):
        return "own", None
    if "is SYNTHETIC" in said:
        return "synthetic", 0.0
    share = re.search(r"(\d+)% recordings", said)
    if share is None:
        return "mixed", None
    return ("recorded" if share[1] == "100" else "mixed"), int(share[1]) / 100
