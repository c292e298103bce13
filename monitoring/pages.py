"""Report pages from templates beside the code: self-contained HTML, no script, nothing fetched."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).resolve().parent


def render(template: str, **values: Any) -> str:
    """Fill ``monitoring/<template>``; every value is escaped unless the template says otherwise."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["instant"] = instant
    return environment.get_template(template).render(**values)


def instant(value: datetime) -> str:
    """A time for people: UTC, to the minute."""
    return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def headed(page: str, summary: str) -> str:
    """Put our summary over a page that a library made: the summary's style and body go first in the page's body."""
    style = summary[summary.index("<style>") : summary.index("</style>") + len("</style>")]
    body = summary[summary.index("<body>") + len("<body>") : summary.index("</body>")]
    place = page.index("<body") + page[page.index("<body") :].index(">") + 1
    scoped = style.replace("\nbody {", "\n.summary {").replace("body { padding: 0; }", "")
    return f'{page[:place]}{scoped}<div class="summary">{body}</div>{page[place:]}'
