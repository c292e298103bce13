"""Small durable stores in SQLite that several processes of one machine write."""

import sqlite3
from pathlib import Path


def open_sqlite(file: Path, schema: str) -> sqlite3.Connection:
    """Open a store, made with its schema if it is not there.

    Every statement is a transaction of its own and is on disk when it returns; what is deleted is gone from the file
    (PRV-3). The connection may be used by any thread, by one at a time.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(file, isolation_level=None, timeout=10.0, check_same_thread=False)
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = full")
    connection.execute("pragma secure_delete = on")
    connection.executescript(schema)
    return connection
