"""A card as Markdown: for repositories, mails and readers of plain text."""

from typing import Any

from monitoring.model_cards.content import Card, Language
from monitoring.model_cards.frame import fixed, framed
from monitoring.model_cards.render_json import figures_of
from monitoring.model_cards.show import sentence, show
from monitoring.model_cards.template_files import environment


def render_markdown(card: Card, language: Language, previous: Card | None = None) -> str:
    """Return the card in one language; plots stand as their title and description."""
    last = figures_of(previous) if previous else {}

    def write(text: Any) -> str:
        shown = show(text, language) if text.__class__.__name__ == "Value" else sentence(text, language)
        return shown.replace("|", "\\|")

    template = environment().get_template("card.md.j2")
    return template.render(
        card=card, head=framed(card, language), write=write, last=last, fixed=lambda key: fixed(key, language)
    )
