"""Ingestion's ledger: one file a commit, folded into a state. What the ledger does not name does not exist.

``ledger/000000000012.json`` is commit 12: which files and offsets it consumed, what it counted. Entries are only ever
added. Offsets live here, with the data's commit, and only move forward.
"""

import json
import os
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from core.errors import StageError
from core.paths import Paths
from core.storage import fsync_directory, fsync_file, write_text

SNAPSHOT_EVERY = 64
_SNAPSHOT = "snapshot.json"


@dataclass(frozen=True)
class Torn:
    """A last line without its end: quarantined, and read again when the file has grown."""

    length: int
    digest: str
    quarantine_id: str


@dataclass(frozen=True)
class FileIdentity:
    """A file known by content: the keyed digest of its first ``length`` decompressed bytes, all of them consumed."""

    kind: str
    path: str
    length: int
    digest: str
    head_length: int
    head_digest: str
    line_count: int
    torn: Torn | None = None


@dataclass(frozen=True)
class TopicPosition:
    """How far a topic was consumed: the next offset by partition, under the topic's identity."""

    topic_id: str
    offsets: dict[str, int]


@dataclass
class Entry:
    """One commit."""

    batch_id: int
    fence: int
    as_of: str
    staging: str
    files: list[FileIdentity] = field(default_factory=list)
    topics: dict[str, TopicPosition] = field(default_factory=dict)
    counts: dict[str, dict[str, Any]] = field(default_factory=dict)
    resolved: list[str] = field(default_factory=list)  # quarantine ids that are settled
    dropped_before: dict[str, str] = field(default_factory=dict)  # retention: kind -> first hour that is kept


@dataclass
class State:
    """All entries folded: what was consumed so far."""

    head: int = 0
    files: dict[tuple[str, int, str], list[FileIdentity]] = field(default_factory=lambda: defaultdict(list))
    topics: dict[str, TopicPosition] = field(default_factory=dict)
    resolved: set[str] = field(default_factory=set)
    quarantined: Counter[str] = field(default_factory=Counter)  # "<kind>/<reason>" over all time
    dropped_before: dict[str, str] = field(default_factory=dict)

    def fold(self, entry: Entry) -> None:
        self.head = entry.batch_id
        for file in entry.files:
            self.files[file.kind, file.head_length, file.head_digest].append(file)
        for topic, position in entry.topics.items():
            self.topics[topic] = _forward(self.topics.get(topic), position)
        self.resolved.update(entry.resolved)
        for kind, counts in entry.counts.items():
            self.quarantined.update({f"{kind}/{reason}": n for reason, n in counts["quarantined"].items()})
        for kind, hour in entry.dropped_before.items():
            self.dropped_before[kind] = max(hour, self.dropped_before.get(kind, ""))


def _forward(old: TopicPosition | None, new: TopicPosition) -> TopicPosition:
    """Offsets of the same topic never move back; a topic made anew starts its own count."""
    if old is None or old.topic_id != new.topic_id:
        return new
    merged = dict(old.offsets)
    for partition, offset in new.offsets.items():
        merged[partition] = max(offset, merged.get(partition, 0))
    return TopicPosition(new.topic_id, merged)


def _entry_files(paths: Paths, after: int = 0) -> Iterator[tuple[int, Path]]:
    if not paths.ledger.is_dir():
        return
    for file in sorted(paths.ledger.glob("[0-9]*.json")):
        if (number := int(file.stem)) > after:
            yield number, file


def staging_folder(paths: Paths) -> Path:
    """Where commits are prepared: on the lake's file system, so that publishing is renaming."""
    return paths.lake / ".staging"


def head(paths: Paths) -> int:
    """Return the newest commit whose data are all in place; 0 if there is none. Readers use ``batch_id <= head``."""
    newest = max((number for number, _ in _entry_files(paths)), default=0)
    staging = staging_folder(paths)
    waiting = [int(folder.name.split("-")[0]) for folder in staging.iterdir()] if staging.is_dir() else []
    return min([newest, *(number - 1 for number in waiting if number <= newest)])


def is_head(paths: Paths, batch_id: int) -> bool:
    """Tell whether a commit that was the newest still is, without listing the ledger: it may hold a million."""
    staging = staging_folder(paths)
    is_quiet = not staging.is_dir() or not any(staging.iterdir())
    return is_quiet and not entry_file(paths, batch_id + 1).exists()


def load(paths: Paths) -> State:
    """Fold the snapshot and all entries after it.

    Raises:
        StageError: an entry is missing or damaged: going on could take files twice.
    """
    state = _load_snapshot(paths)
    for number, file in _entry_files(paths, after=state.head):
        if number != state.head + 1:
            raise StageError(f"ledger: commit {state.head + 1} is missing in {paths.ledger}; restore it from a backup")
        state.fold(_read_entry(file))
    return state


def append(paths: Paths, entry: Entry) -> None:
    """Make a commit: the entry appears whole, durably, and only if its number is still free.

    Raises:
        StageError: another ingestion has committed under this number.
    """
    paths.ledger.mkdir(parents=True, exist_ok=True)
    aside = paths.ledger / f".{entry.batch_id:012d}.{os.getpid()}.tmp"
    try:
        aside.write_text(json.dumps(asdict(entry)), encoding="utf-8")
        fsync_file(aside)
        os.link(aside, entry_file(paths, entry.batch_id))
        fsync_directory(paths.ledger)
    except FileExistsError:
        raise StageError(f"ingest: commit {entry.batch_id} was made by another ingestion; run again") from None
    finally:
        aside.unlink(missing_ok=True)


def entry_file(paths: Paths, batch_id: int) -> Path:
    return paths.ledger / f"{batch_id:012d}.json"


def entry_of(paths: Paths, batch_id: int) -> Entry | None:
    file = entry_file(paths, batch_id)
    return _read_entry(file) if file.exists() else None


def _read_entry(file: Path) -> Entry:
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
        values["files"] = [_file(value) for value in values["files"]]
        values["topics"] = {topic: TopicPosition(**position) for topic, position in values["topics"].items()}
        return Entry(**values)
    except (ValueError, KeyError, TypeError) as error:
        raise StageError(f"ledger: {file} is damaged ({error}); restore it from a backup") from None


def _file(value: dict[str, Any]) -> FileIdentity:
    torn = value.pop("torn", None)
    return FileIdentity(**value, torn=Torn(**torn) if torn else None)


def save_snapshot(paths: Paths, state: State) -> None:
    """Save the folded state, so that the next run need not read every entry."""
    values = {
        "head": state.head,
        "files": [asdict(file) for files in state.files.values() for file in files],
        "topics": {topic: asdict(position) for topic, position in state.topics.items()},
        "resolved": sorted(state.resolved),
        "quarantined": dict(state.quarantined),
        "dropped_before": state.dropped_before,
    }
    write_text(paths.ledger / _SNAPSHOT, json.dumps(values))


def _load_snapshot(paths: Paths) -> State:
    """A damaged snapshot is no loss: the entries are all there."""
    state = State()
    try:
        values = json.loads((paths.ledger / _SNAPSHOT).read_text(encoding="utf-8"))
        files = [_file(value) for value in values["files"]]
        topics = {topic: TopicPosition(**position) for topic, position in values["topics"].items()}
    except (OSError, ValueError, KeyError, TypeError):
        return state
    for file in files:
        state.files[file.kind, file.head_length, file.head_digest].append(file)
    state.head, state.topics, state.resolved = values["head"], topics, set(values["resolved"])
    state.quarantined, state.dropped_before = Counter(values["quarantined"]), values["dropped_before"]
    return state
