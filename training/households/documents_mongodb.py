"""The document store in MongoDB, or in another server that speaks its protocol."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from pymongo import MongoClient, ReplaceOne
from pymongo.errors import ConfigurationError, InvalidURI, PyMongoError

from core.errors import StageError, UserError
from training.households.documents import Document

_DATABASE = "mediathek"  # where the address names none
_COLLECTION = "households"
_PORTION = 1000
_PATIENCE_MS = 5000


class MongoDocuments:
    """``DocumentStore`` in the collection ``households`` of the database that the address names."""

    def __init__(self, address: str) -> None:
        self._where = urlsplit(address).hostname or "MongoDB"  # an address may hold a password: it is never shown
        try:
            self._client: MongoClient[Document] = MongoClient(address, serverSelectionTimeoutMS=_PATIENCE_MS)
            self._collection = self._client.get_default_database(_DATABASE)[_COLLECTION]
        except (ConfigurationError, InvalidURI, ValueError) as error:
            raise UserError(
                f"document_store: not to be used ({error}); write e.g. mongodb://localhost:27017/mediathek"
            ) from None
        self._is_indexed = False

    def digests(self) -> dict[str, str]:
        with self._readable_failure():
            return {each["_id"]: each["digest"] for each in self._collection.find({}, {"digest": 1})}

    def put(self, documents: list[Document]) -> None:
        with self._readable_failure():
            if not self._is_indexed:
                self._collection.create_index("devices.device_key")
                self._is_indexed = True
            for first in range(0, len(documents), _PORTION):
                portion = documents[first : first + _PORTION]
                self._collection.bulk_write(
                    [ReplaceOne({"_id": each["_id"]}, each, upsert=True) for each in portion], ordered=False
                )

    def remove(self, household_ids: list[str]) -> None:
        with self._readable_failure():
            for first in range(0, len(household_ids), _PORTION):
                self._collection.delete_many({"_id": {"$in": household_ids[first : first + _PORTION]}})

    def get(self, household_id: str) -> Document | None:
        with self._readable_failure():
            return self._collection.find_one({"_id": household_id})

    def of_device(self, device_key: str) -> list[Document]:
        with self._readable_failure():
            found: Any = self._collection.find({"devices.device_key": device_key})
            return sorted(found, key=lambda each: str(each["_id"]))

    def close(self) -> None:
        self._client.close()

    @contextmanager
    def _readable_failure(self) -> Iterator[None]:
        try:
            yield
        except PyMongoError as error:
            what = str(error).split(",")[0][:160]
            raise StageError(f"document store: {self._where} does not do what it is asked ({what})") from error
