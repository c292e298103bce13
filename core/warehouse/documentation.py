"""dbt's own documentation as one page that needs no server and no network."""

import shutil
from pathlib import Path

from core.settings import Settings
from core.storage import written_aside
from core.warehouse.command import run_dbt
from core.warehouse.lock import exclusive


def docs(settings: Settings) -> Path:
    """Write ``<dbt_target>/docs/index.html``: every model, column, test and the lineage graph.

    Raises:
        StageError: dbt could not generate it, or a build is running.
    """
    with exclusive(settings.paths) as lock:
        run_dbt(settings, ["docs", "generate", "--static"], keep_open=(lock,))
    page = settings.paths.dbt_target / "docs" / "index.html"
    with written_aside(page) as aside:
        shutil.copyfile(settings.paths.dbt_target / "static_index.html", aside)
    return page
