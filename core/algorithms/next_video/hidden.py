"""NV-H1..NV-H4: when nothing is shown, and why: the last rule that emptied the list, NV-H1 only if none else did."""

from collections.abc import Mapping

from core.algorithms.next_video.catalogue import Catalogue

NOTHING_POSSIBLE = "NV-H1"
NEWS = "NV-H2"
_REASON_OF = {"NV-R4": "NV-H3", "NV-P1": "NV-H4"}


def is_hidden_path(catalogue: Catalogue, current_row: int) -> bool:
    """NV-H2: the current video lies under /nachrichten. Asked after case 1 and before any candidate."""
    return bool(catalogue.is_hidden[current_row])


def hidden_reason(counts: Mapping[str, tuple[int, int]]) -> str:
    """Why the list is empty, from the candidates before and after each rule in the order applied."""
    for rule, (before, after) in counts.items():
        if before and not after:
            return _REASON_OF.get(rule, NOTHING_POSSIBLE)
    return NOTHING_POSSIBLE
