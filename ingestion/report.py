"""What a run of ingestion says about itself: the contract's JSON."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

KINDS = ("events", "catalogue", "campaigns", "decisions")


@dataclass
class Counts:
    """Lines of one kind in one run. Every line read is in exactly one of the first four."""

    accepted: int = 0
    repeated: int = 0
    expired: int = 0  # older than what retention has dropped already (PRV-4)
    quarantined: Counter[str] = field(default_factory=Counter)
    ignored_fields: Counter[str] = field(default_factory=Counter)

    def as_json(self) -> dict[str, Any]:
        return {
            "accepted": self.accepted,
            "repeated": self.repeated,
            "expired": self.expired,
            "quarantined": dict(sorted(self.quarantined.items())),
            "ignored_fields": dict(sorted(self.ignored_fields.items())),
        }

    def add(self, other: "Counts") -> None:
        self.accepted += other.accepted
        self.repeated += other.repeated
        self.expired += other.expired
        self.quarantined.update(other.quarantined)
        self.ignored_fields.update(other.ignored_fields)


@dataclass
class IngestReport:
    """Result of one run. ``batches`` are the commits it made, ``notes`` what a person should know."""

    kinds: dict[str, Counts] = field(default_factory=lambda: {kind: Counts() for kind in KINDS})
    batches: list[int] = field(default_factory=list)
    resolved: int = 0  # quarantine entries that are none any more
    files_read: int = 0
    files_known: int = 0
    notes: list[str] = field(default_factory=list)

    @property
    def events(self) -> Counts:
        return self.kinds["events"]

    @property
    def has_changes(self) -> bool:
        return bool(self.batches)

    def as_json(self) -> dict[str, Any]:
        result: dict[str, Any] = {kind: counts.as_json() for kind, counts in self.kinds.items() if kind != "decisions"}
        if self.kinds["decisions"] != Counts():
            result["decisions"] = self.kinds["decisions"].as_json()
        return result | {
            "batches": self.batches,
            "resolved": self.resolved,
            "files": {"read": self.files_read, "known": self.files_known},
            "notes": self.notes,
        }
