"""The embedded document store: JSON in one SQLite file, with an index from devices to households."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import StageError
from training.households.documents import Document

_SCHEMA = """
create table if not exists documents (household_id text primary key, digest text not null, document text not null);
create table if not exists devices (device_key text, household_id text, primary key (device_key, household_id));
create index if not exists devices_by_household on devices (household_id);
"""


class EmbeddedDocuments:
    """``DocumentStore`` in a file; each call is one transaction. What is deleted is overwritten (PRV-3)."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._file = file
        self._connection = sqlite3.connect(file, isolation_level=None)
        with self._readable_failure():
            self._connection.execute("pragma secure_delete = on")
            self._connection.executescript(_SCHEMA)

    def digests(self) -> dict[str, str]:
        with self._readable_failure():
            return dict(self._connection.execute("select household_id, digest from documents").fetchall())

    def put(self, documents: list[Document]) -> None:
        with self._transaction() as connection:
            self._delete(connection, [each["_id"] for each in documents])
            rows = [(each["_id"], each["digest"], json.dumps(each, ensure_ascii=False)) for each in documents]
            connection.executemany("insert into documents values (?, ?, ?)", rows)
            pairs = {(device["device_key"], each["_id"]) for each in documents for device in each["devices"]}
            connection.executemany("insert into devices values (?, ?)", sorted(pairs))

    def remove(self, household_ids: list[str]) -> None:
        with self._transaction() as connection:
            self._delete(connection, household_ids)

    def get(self, household_id: str) -> Document | None:
        found = self._documents("select document from documents where household_id = ?", household_id)
        return found[0] if found else None

    def of_device(self, device_key: str) -> list[Document]:
        query = """
            select document from devices join documents using (household_id) where device_key = ? order by household_id
        """
        return self._documents(query, device_key)

    def close(self) -> None:
        self._connection.close()

    def _documents(self, query: str, key: str) -> list[Document]:
        with self._readable_failure():
            return [json.loads(text) for (text,) in self._connection.execute(query, (key,)).fetchall()]

    @staticmethod
    def _delete(connection: sqlite3.Connection, household_ids: list[str]) -> None:
        for table in ("documents", "devices"):
            connection.executemany(f"delete from {table} where household_id = ?", [(each,) for each in household_ids])

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._readable_failure():
            self._connection.execute("begin immediate")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("rollback")
                raise
            self._connection.execute("commit")

    @contextmanager
    def _readable_failure(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise StageError(f"document store: {self._file} cannot be used ({error})") from error
