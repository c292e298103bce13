"""Logging and progress: everything but a command's result goes to standard error."""

import logging
import sys
import tempfile
import traceback
from pathlib import Path


def set_up(verbose: bool = False) -> None:
    """Send log lines to standard error, short; called once by the command line."""
    logging.basicConfig(
        level=logging.DEBUG if verbose else logging.INFO,
        stream=sys.stderr,
        format="%(asctime)s %(levelname)-7s %(name)s: %(message)s",
        datefmt="%H:%M:%S",
    )
    for noisy in ("mlflow", "feast", "alembic", "great_expectations", "urllib3", "evidently", "matplotlib"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def progress(message: str) -> None:
    """Tell a person at a terminal what goes on."""
    logging.getLogger("mediathek").info(message)


def keep_traceback() -> Path:
    """Write the present exception's traceback to a file for whoever mends it, and return the file."""
    with tempfile.NamedTemporaryFile("w", prefix="mediathek-", suffix=".log", delete=False, encoding="utf-8") as file:
        file.write(traceback.format_exc())
    return Path(file.name)
