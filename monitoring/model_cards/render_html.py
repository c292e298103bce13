"""A card as a page of its own, with its style and plots in it, or as an article for another page."""

from itertools import groupby
from typing import Any

from monitoring.model_cards.content import Block, Card, Language, Plot, Value
from monitoring.model_cards.frame import fixed, framed
from monitoring.model_cards.plots import draw
from monitoring.model_cards.render_json import figures_of
from monitoring.model_cards.show import sentence, show
from monitoring.model_cards.template_files import environment, style


def render_html(card: Card, language: Language, previous: Card | None = None) -> str:
    """Return a whole page: self-contained, readable in light and dark, printing on A4."""
    return (
        environment()
        .get_template("card.html.j2")
        .render(head=framed(card, language), style=style(), article=article(card, language, previous))
    )


def article(card: Card, language: Language, previous: Card | None = None) -> str:
    """Return the card as ``<article class="model-card">`` without head; needs ``template_files.style()``."""

    def write(text: Any) -> str:
        return show(text, language) if isinstance(text, Value) else sentence(text, language)

    def picture(plot: Plot) -> str:
        return draw(plot, language)

    return (
        environment()
        .get_template("article.html.j2")
        .render(
            card=card,
            head=framed(card, language),
            write=write,
            picture=picture,
            grouped=_plots_together,
            parts=_parts,
            last=figures_of(previous) if previous else {},
            fixed=lambda key: fixed(key, language),
        )
    )


def _parts(blocks: tuple[Block, ...]) -> list[list[Block]]:
    """Each heading with what follows it: paper sets some of these in two columns."""
    parts: list[list[Block]] = []
    for block in blocks:
        if block.kind == "heading" or not parts:
            parts.append([])
        parts[-1].append(block)
    return parts


def _plots_together(blocks: list[Block]) -> list[list[Block]]:
    """Neighbouring plots stand side by side; every other block stands alone."""
    grouped: list[list[Block]] = []
    for is_plot, run in groupby(blocks, key=lambda block: block.kind == "plot"):
        neighbours = list(run)
        grouped += [neighbours] if is_plot else [[block] for block in neighbours]
    return grouped
