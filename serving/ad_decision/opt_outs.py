"""Who wants no ads that go by them: said on the viewer's page, and kept until it is taken back (PRV-2).

Read at every request, so that it takes effect on the next break in every worker.
"""

import sqlite3
import threading
from datetime import datetime
from pathlib import Path

from core.sqlite_file import open_sqlite

_SCHEMA = "create table if not exists opt_outs (unit text primary key, at text not null) without rowid"


class OptOuts:
    """Units (device keys, or households' ids) that opted out. Safe to use from several threads and processes."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._opened: sqlite3.Connection | None = None
        self._one_at_a_time = threading.Lock()

    @property
    def _connection(self) -> sqlite3.Connection:
        if self._opened is None:
            self._opened = open_sqlite(self._file, _SCHEMA)
        return self._opened

    def has(self, unit: str) -> bool:
        with self._one_at_a_time:
            found = self._connection.execute("select 1 from opt_outs where unit = ?", (unit,)).fetchone()
        return found is not None

    def set(self, unit: str, is_out: bool, at: datetime) -> None:
        """Opt out, or take it back."""
        with self._one_at_a_time:
            if is_out:
                self._connection.execute("insert or ignore into opt_outs values (?, ?)", (unit, at.isoformat()))
            else:
                self._connection.execute("delete from opt_outs where unit = ?", (unit,))

    def close(self) -> None:
        with self._one_at_a_time:
            if self._opened is not None:
                self._opened.close()
                self._opened = None
