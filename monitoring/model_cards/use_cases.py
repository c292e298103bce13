"""The use cases that have a card. A new system registers its builder here; nothing else needs to know of it."""

from collections.abc import Callable

from core.errors import UserError
from monitoring.model_cards.content import Card
from monitoring.model_cards.inputs import Inputs
from monitoring.model_cards.sections.ad_decision import ad_decision
from monitoring.model_cards.sections.ad_detection import ad_detection
from monitoring.model_cards.sections.households import households
from monitoring.model_cards.sections.next_episode import next_episode
from monitoring.model_cards.sections.next_video import next_video

USE_CASES: dict[str, Callable[[Inputs], Card | None]] = {
    "next-episode": next_episode,
    "next-video": next_video,
    "households": households,
    "ad-decision": ad_decision,
    "ad-detection": ad_detection,
}
"""None: there is nothing to tell of it yet, so no card is written."""


def builder(use_case: str) -> Callable[[Inputs], Card | None]:
    """Return what builds a use case's card.

    Raises:
        UserError: there is no such card; the message names those that there are.
    """
    if use_case not in USE_CASES:
        raise UserError(f"use case: there is no card '{use_case}'; there are: {', '.join(USE_CASES)}")
    return USE_CASES[use_case]
