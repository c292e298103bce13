"""dbt's own documentation as one page that needs no server and no network."""

from pathlib import Path

from core.settings import Settings
from core.storage import write_text
from core.warehouse.builder import run_dbt
from core.warehouse.lock import exclusive

_TRACKER = "//d1fc8wv8zag5ca.cloudfront.net/2.9.0/sp.js"  # what dbt's page would load to count its readers


def docs(settings: Settings) -> Path:
    """Write ``<dbt_target>/docs/index.html``: every model, column, test and the lineage graph.

    Raises:
        StageError: dbt could not generate it, or a build is running.
    """
    with exclusive(settings.paths) as lock:
        run_dbt(settings, ["docs", "generate", "--static"], lock)
    page = settings.paths.dbt_target / "docs" / "index.html"
    text = (settings.paths.dbt_target / "static_index.html").read_text(encoding="utf-8")
    write_text(page, text.replace(_TRACKER, "data:,"))
    return page
