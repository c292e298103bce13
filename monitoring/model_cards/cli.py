"""`mediathek card`: read a model card on the terminal, or write it into a file by redirection."""

import sys
from enum import StrEnum
from typing import Annotated

import typer


class CardLanguage(StrEnum):
    """Languages of the cards."""

    DE = "de"
    EN = "en"


class CardFormat(StrEnum):
    """Forms of the cards."""

    HTML = "html"
    MD = "md"
    JSON = "json"


def card(
    use_case: Annotated[str, typer.Argument(help="next-episode, next-video, households, ad-decision or ad-detection")],
    language: Annotated[CardLanguage, typer.Option(help="de or en")] = CardLanguage.DE,
    format: Annotated[CardFormat | None, typer.Option(help="html, md or json; md unless given")] = None,
    version: Annotated[str | None, typer.Option(help="e.g. 2026-11-24.1; the newest unless given")] = None,
    changes: Annotated[bool, typer.Option("--changes", help="what changed since the last version")] = False,
    json: Annotated[bool, typer.Option("--json", help="the same as --format json")] = False,
) -> None:
    """Print the newest model card of a use case, or an older version of it."""
    from core.errors import UserError
    from core.settings import load
    from monitoring.model_cards import store
    from monitoring.model_cards.use_cases import builder

    builder(use_case)
    paths = load().paths
    kept = store.versions(paths, use_case)
    if not kept:
        raise UserError(f"card: there is no card of {use_case} yet; run `mediathek pipeline --source DIR` first")
    form = CardFormat.JSON if json else (format or (CardFormat.HTML if changes else CardFormat.MD))
    if changes and form is CardFormat.MD:
        raise UserError("format: the changes come as html or json; write --format html")
    name = f"{'changes' if changes else 'card'}.{language.value}.{form.value}"
    sys.stdout.write(store.rendered(paths, use_case, version or kept[-1], name))
