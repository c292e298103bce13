"""Data protection: consent (PRV-2), pseudonyms (PRV-1) and how long data are kept (PRV-4)."""

from core.settings import Settings
from monitoring.model_cards.content import Bullets, Section
from monitoring.model_cards.sections.values import days, section
from monitoring.model_cards.wording import all_texts, placeholders, say


def data_protection(settings: Settings) -> Section:
    told = placeholders(all_texts()["privacy.retention"]["en"])
    kept = {name: days(value) for name, value in settings.retention.model_dump().items() if name in told}
    return section(
        "data_protection",
        Bullets(items=(say("privacy.consent"), say("privacy.pseudonyms"), say("privacy.retention", **kept))),
    )
