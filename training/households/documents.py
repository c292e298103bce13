"""The document store (HH-3): one document a household, kept up to date by the live consumer.

``{"_id", "devices": [{"device_key", "from", "until", "confidence", "is_separable"}], "addresses": [{"address_key",
"from", "until"}], "links": [{"household_id", "weight", "visit_days"}], "digest"}``; times in RFC 3339, ``until`` null:
still so. A document is written only if its digest has changed.
"""

import hashlib
import json
import logging
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from core.errors import StageError
from core.paths import Paths
from core.settings import Settings

Document = dict[str, Any]
_log = logging.getLogger("mediathek")


class DocumentStore(Protocol):
    """Where documents are; every method may raise StageError while the store cannot be reached."""

    def digests(self) -> dict[str, str]:
        """Return the digest of each document by household."""

    def put(self, documents: list[Document]) -> None:
        """Write documents, each whole, in the place of those with the same ``_id``."""

    def remove(self, household_ids: list[str]) -> None:
        """Remove documents; those that are not there are no mistake."""

    def get(self, household_id: str) -> Document | None:
        """Return one document."""

    def of_device(self, device_key: str) -> list[Document]:
        """Return the documents that name a device, by ``_id``."""

    def close(self) -> None:
        """Let go of the store."""


class Documents:
    """Brings a store up to date with the artefacts. A store that is away is tried again with the next update."""

    def __init__(self, store: DocumentStore | None) -> None:
        self._store = store
        self._digests: dict[str, str] | None = None

    @property
    def are_kept(self) -> bool:
        """Whether there is a store at all."""
        return self._store is not None

    def update(self, paths: Paths, assignments: pa.Table, leases: pa.Table) -> int:
        """Write what has changed, remove what is no more; returns how many documents were touched."""
        if self._store is None:
            return 0
        links = pq.ParquetFile(paths.household_links).read() if paths.household_links.exists() else None
        documents = {each["_id"]: each for each in build(assignments, leases, links)}
        try:
            known = self._store.digests() if self._digests is None else self._digests
            changed = [each for each in documents.values() if known.get(each["_id"]) != each["digest"]]
            gone = sorted(known.keys() - documents.keys())
            self._digests = None  # if the store fails half-way, it is asked what it has
            self._store.put(changed)
            self._store.remove(gone)
        except StageError as error:
            _log.warning("households: %s; the documents are brought up to date later", error)
            return 0
        self._digests = {each: document["digest"] for each, document in documents.items()}
        return len(changed) + len(gone)

    def close(self) -> None:
        if self._store is not None:
            self._store.close()


def open_store(settings: Settings) -> DocumentStore | None:
    """Open the store that ``[live_households] document_store`` names; None for ``none``."""
    where = settings.live_households.document_store
    if where == "none":
        return None
    if where == "embedded":
        from training.households.documents_embedded import EmbeddedDocuments

        return EmbeddedDocuments(settings.paths.household_documents)
    from training.households.documents_mongodb import MongoDocuments

    return MongoDocuments(where)


def build(assignments: pa.Table, leases: pa.Table, links: pa.Table | None) -> Iterable[Document]:
    """Yield the document of each household that has a device."""
    devices, addresses, linked = defaultdict(list), defaultdict(list), defaultdict(list)
    for row in assignments.to_pylist():
        devices[row["household_id"]].append(
            {
                "device_key": row["device_key"],
                "from": _text(row["from_at"]),
                "until": _text(row["until_at"]),
                "confidence": row["confidence"],
                "is_separable": row["is_separable"],
            }
        )
    for row in leases.select(["address_key", "from_at", "until_at", "household_id"]).to_pylist():
        address = {"address_key": row["address_key"], "from": _text(row["from_at"]), "until": _text(row["until_at"])}
        addresses[row["household_id"]].append(address)
    for row in links.to_pylist() if links is not None else ():
        for one, other in (("household_a", "household_b"), ("household_b", "household_a")):
            link = {"household_id": row[other], "weight": row["weight"], "visit_days": row["visit_days"]}
            linked[row[one]].append(link)
    for household, members in devices.items():
        parts = {
            "devices": sorted(members, key=_in_order),
            "addresses": sorted(addresses.get(household, []), key=_in_order),
            "links": sorted(linked.get(household, []), key=_in_order),
        }
        digest = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:24]
        yield {"_id": household, **parts, "digest": digest}


def _in_order(part: Document) -> str:
    return json.dumps(part)


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat() + "Z"
