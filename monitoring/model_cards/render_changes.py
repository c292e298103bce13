"""The page that shows what changed since the last card, whole or as an article for another page."""

from typing import Any

from monitoring.model_cards.changes import as_json
from monitoring.model_cards.content import Card, Language
from monitoring.model_cards.frame import fixed, framed
from monitoring.model_cards.template_files import environment, style


def render_changes(old: Card | None, new: Card, language: Language) -> str:
    """Return a whole page; without an ``old`` card it says that there is nothing to compare with."""
    article = changes_article(old, new, language)
    template = environment().get_template("card.html.j2")
    return template.render(head=framed(new, language), style=style(), article=article)


def changes_article(old: Card | None, new: Card, language: Language) -> str:
    """Return the changes as ``<article class="model-card">``; needs ``template_files.style()``."""
    found: dict[str, Any] = as_json(old, new, language) if old else {"rules": [], "numbers": []}
    return (
        environment()
        .get_template("changes.html.j2")
        .render(
            head=framed(new, language),
            old_version=old.version if old else None,
            groups=[(kind, found[kind]) for kind in ("rules", "numbers")],
            fixed=lambda key: fixed(key, language),
        )
    )
