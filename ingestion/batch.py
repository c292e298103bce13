"""One ingestion under way: portions of lines go in, commits come out."""

import shutil
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from core import storage
from core.contracts.landing_fields import latest_at
from core.errors import StageError
from core.privacy import load_pseudonyms, mask
from core.settings import Settings
from ingestion import ledger, publish
from ingestion.alongside import Alongside
from ingestion.decision_records import DecisionRows, decision_row
from ingestion.event_rows import EventRows, GivenRows
from ingestion.fence import Fence, held
from ingestion.newest import NewestLines
from ingestion.quarantine import Line, Quarantine
from ingestion.records import RefusedError, Validator, campaign_row, catalogue_row, event_row
from ingestion.report import KINDS, Counts, IngestReport

Placed = tuple[str, int]  # file and line, or topic/partition and offset
_PATIENCE_SECONDS = 1.5
"""A directory that is followed is looked at twice a second; whoever comes meanwhile waits for the look to end."""
PlaceOf = Callable[[int], Placed]


class Ingestion:
    """Collects validated lines of all kinds in memory and commits them together with how far their sources are read."""

    def __init__(self, settings: Settings, fence: Fence, as_of: datetime, report: IngestReport) -> None:
        self.paths = settings.paths
        self.report = report
        report.notes += publish.recover(self.paths)
        self.state = ledger.load(self.paths)
        self.pseudonyms = load_pseudonyms(self.paths.keys)
        self.quarantine = Quarantine(self.paths, self.pseudonyms, self.state.resolved)
        self._tolerance_minutes = settings.ingestion.future_tolerance_minutes
        self.batch_bytes = settings.ingestion.batch_megabytes * 1_000_000
        self._memory_limit = settings.ingestion.memory_limit_megabytes
        self._fence = fence
        self._committing = Alongside()
        self._events: EventRows | None = None
        self._newest = {kind: NewestLines(kind, self.paths) for kind in ("catalogue", "campaigns")}
        self._decisions = DecisionRows(self.paths)
        self.set_time(as_of)
        self._start_batch()

    def set_time(self, as_of: datetime) -> None:
        """Go on at another time (while following)."""
        self.as_of = as_of
        self._latest_at = latest_at(as_of, self._tolerance_minutes)
        self._validators = {kind: Validator(kind, self._latest_at) for kind in KINDS}

    def resume(self, fence: Fence, as_of: datetime, report: IngestReport) -> bool:
        """Go on under the fence held again; False if somebody held it meanwhile, or something is left unfinished.

        What is known of the lake stays in memory: to read it again takes a second a million events.
        """
        is_unchanged = fence.is_held_again and ledger.is_head(self.paths, self.state.head)
        if not is_unchanged or self.files or self.topics or self.quarantine.is_changed:
            return False
        self._fence, self.report = fence, report
        self.set_time(as_of)
        return True

    def _start_batch(self) -> None:
        self.files: dict[tuple[str, str], ledger.FileIdentity] = {}
        self.topics: dict[str, ledger.TopicPosition] = {}
        self._counts = {kind: Counts() for kind in KINDS}
        self._byte_count = 0

    @property
    def batch_id(self) -> int:
        return self.state.head + 1

    @property
    def is_full(self) -> bool:
        return self._byte_count >= self.batch_bytes

    def start_screening(self, lines: Any) -> "Future[Any]":
        """Begin with a table of events that is to be taken next, beside whatever is under way."""
        with _readable_failure(self.paths.home):
            return self._event_rows().start_screening(lines, self._latest_at)

    def _event_rows(self) -> EventRows:
        if self._events is None:
            self._events = EventRows(storage.connect(self._memory_limit), self.paths, self.pseudonyms)
        return self._events

    def take(self, kind: str, lines: Any, place: PlaceOf, byte_count: int, screened: Any = None) -> None:
        """Take an Arrow table (line, seq) of one kind; ``place`` tells where a seq stands."""
        self._byte_count += byte_count
        if kind != "events":
            self._take_records(kind, zip(lines["seq"].to_pylist(), lines["line"].to_pylist(), strict=True), place)
            return
        with _readable_failure(self.paths.home):
            self._take_events(lines, place, screened or self.start_screening(lines))

    def validate(self, kind: str, text: str) -> None:
        """Raise RefusedError if a line would be refused now."""
        self._validators[kind].validate(text)

    def refuse(self, kind: str, place: Placed, text: bytes, error: RefusedError) -> str:
        """Put a line into quarantine; returns its id there."""
        line = Line(kind, *place, text)
        if self.quarantine.add(line, error.reason, error.field, error.message, self.as_of):
            self._counts[kind].quarantined[error.reason] += 1
        else:
            self._counts[kind].repeated += 1
        return self.quarantine.id_of(line)

    def _take_events(self, lines: Any, place: PlaceOf, screened: "Future[Any]") -> None:
        events, rows = self._event_rows(), []
        for seq, event in self._validated("events", events.take(lines, screened.result()), place):
            device = self.pseudonyms.device_key(event.mac)
            rows.append({**event_row(event, self.pseudonyms), "seq": seq, "device": device})
        self._counts["events"].ignored_fields.update(events.ignored_fields())
        events.add_careful(rows)
        horizon = self.state.dropped_before.get("events")
        accepted, repeated, expired = events.keep(datetime.fromisoformat(horizon) if horizon else None)
        self._counts["events"].add(Counts(accepted, repeated, expired))

    def _take_records(self, kind: str, lines: Iterable[tuple[int, str]], place: PlaceOf) -> None:
        counts = self._counts[kind]
        for _, record in self._validated(kind, lines, place):
            if kind == "decisions":
                is_new = self._decisions.take(decision_row(record))
            else:
                row = catalogue_row(record) if kind == "catalogue" else campaign_row(record)
                is_new = self._newest[kind].take(row, self.batch_id)
            counts.add(Counts(accepted=int(is_new), repeated=int(not is_new)))

    def _validated(self, kind: str, lines: Iterable[tuple[int, str]], place: PlaceOf) -> Iterator[tuple[int, Any]]:
        validator, ignored = self._validators[kind], self._counts[kind].ignored_fields
        for seq, text in lines:
            if not text.strip():
                continue
            try:
                record, names = validator.validate(text)
            except RefusedError as error:
                self.refuse(kind, place(seq), text.encode("utf-8", errors="replace"), error)
                continue
            ignored.update(mask(name) for name in names if name not in validator.known_fields)
            yield seq, record

    def commit(self) -> None:
        """Commit what was taken since the last commit, with the positions set in ``files`` and ``topics``.

        Raises:
            StageError: the disk is full or another ingestion has taken over; nothing of the batch is in the lake then.
        """
        self.start_commit()
        self._committing.wait()

    def start_commit(self) -> None:
        """Like ``commit``, but go on while the files are written; a failure is raised by the next commit.

        Commits keep their order: the one before has ended. What is in memory counts the batch as committed from now on;
        should it fail, this object is of no use any more, and a new one starts from the ledger.
        """
        self._committing.wait()
        if not (self.files or self.topics or self.quarantine.is_changed):
            return
        entry = ledger.Entry(
            batch_id=self.batch_id,
            fence=self._fence.token,
            as_of=self.as_of.isoformat(),
            staging="",
            files=list(self.files.values()),
            topics=self.topics,
            counts={kind: counts.as_json() for kind, counts in self._counts.items() if counts != Counts()},
        )
        with _readable_failure(self.paths.home):
            staging = publish.open_staging(self.paths, entry.batch_id, entry.fence)
            entry = replace(entry, staging=staging.name, resolved=self._write_small(staging, entry.batch_id))
        counts, events = self._counts, self._events.give() if self._events is not None else None
        self.state.fold(entry)
        self.quarantine.committed(entry.batch_id)
        self._start_batch()
        self._committing.start(lambda: self._finish(staging, entry, counts, events))

    def _write_small(self, staging: Path, batch_id: int) -> list[str]:
        """Write all but the events, which are many; return the quarantine ids that are settled."""
        with _thrown_away(staging):
            for lines in self._newest.values():
                if lines.is_changed:
                    lines.write(staging)
            self._decisions.write(staging, batch_id)
            return self.quarantine.write(staging, batch_id)

    def _finish(self, staging: Path, entry: ledger.Entry, counts: dict[str, Counts], events: GivenRows | None) -> None:
        with _readable_failure(self.paths.home):
            with _thrown_away(staging):
                if events is not None:
                    events.write(staging, entry.batch_id)
            publish.commit(self.paths, self._fence, entry)
        for kind, count in counts.items():
            self.report.kinds[kind].add(count)
        self.report.batches.append(entry.batch_id)
        self.report.resolved += len(entry.resolved)
        if entry.batch_id % ledger.SNAPSHOT_EVERY == 0:
            ledger.save_snapshot(self.paths, self.state)

    def close(self) -> None:
        """Let a commit under way end before another ingestion may start."""
        if self._events is not None:
            self._events.close()
        self._committing.close()


@contextmanager
def _thrown_away(staging: Path) -> Iterator[None]:
    """A batch that cannot be written leaves nothing: on a full disk above all."""
    try:
        yield
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise


@contextmanager
def _readable_failure(home: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, duckdb.Error, pa.ArrowException) as error:
        reason = str(error).splitlines()[0][:200]
        raise StageError(
            f"ingest: the batch could not be written below {home} ({reason}); make room, then run again"
        ) from error


@contextmanager
def ingestion(settings: Settings, as_of: datetime, report: IngestReport) -> Iterator[Ingestion]:
    """Hold the right to ingest, finish what a killed run left, and yield the ingestion under way."""
    with held(settings.paths, _PATIENCE_SECONDS) as fence:
        under_way = Ingestion(settings, fence, as_of, report)
        try:
            yield under_way
        finally:
            under_way.close()
