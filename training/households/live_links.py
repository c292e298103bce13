"""Links between households while visits arrive (HH-4): told anew from what was published, as a batch run tells them."""

import logging
from datetime import datetime

import duckdb

from core.errors import StageError, UserError
from core.settings import Settings
from training.households.links import link

_log = logging.getLogger("mediathek")


class LiveLinks:
    """Behind what is published from each publication until the next ``refresh``."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.is_behind = False
        self._said = ""

    def published(self) -> None:
        """Assignments and visits are others than before."""
        self.is_behind = True

    def refresh(self, as_of: datetime) -> None:
        """Write ``household_links`` as of the newest commit; what is wrong is logged once and leaves the last ones."""
        self.is_behind = False
        if not self._settings.paths.household_evidence.exists():
            return  # an erasure took it; the next publication brings it back
        try:
            link(self._settings, as_of)
            self._said = ""
        except (StageError, UserError, OSError, duckdb.Error) as error:
            if str(error) != self._said:
                _log.warning("households: links stay as they are: %s", error)
            self._said = str(error)
