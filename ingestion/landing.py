"""From the landing directory into the lake (LOG-2): the embedded default where there is no Kafka."""

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from core.contracts.origin import note_source
from core.paths import Paths
from core.privacy import Pseudonyms, mask
from core.settings import Settings
from core.storage import write_text
from ingestion.alongside import Alongside
from ingestion.batch import Ingestion, ingestion
from ingestion.files import SourceFile, discover
from ingestion.identity import Position, identity_of, known_position
from ingestion.ledger import Torn
from ingestion.lines import Chunk, Piece, read_pieces
from ingestion.records import RefusedError
from ingestion.report import IngestReport

CHUNK_BYTES = 48_000_000  # screened at once, or less where a batch is smaller; fewer rows leave threads idle
_TORN = RefusedError("not_json", None, "the last line has no end; it is read again when the file has grown")
_TOO_LONG = RefusedError("line_too_long", None, "the line is longer than 1 MiB")
_NOT_UTF8 = RefusedError("not_json", None, "the line is no UTF-8 text")


def ingest_source(settings: Settings, source: Path, as_of: datetime) -> IngestReport:
    """Take in what is new in a landing directory; exactly once, whatever came before or was interrupted.

    Raises:
        UserError: ``source`` is no landing directory.
        StageError: another ingestion runs, or the disk is full; a later run goes on where this one stopped.
    """
    files = discover(source)
    report = IngestReport()
    with ingestion(settings, as_of, report) as under_way:
        ingest_files(under_way, files)
        note_source(settings.paths, source)
    return report


def ingest_files(under_way: Ingestion, files: list[SourceFile]) -> None:
    """Read what is new in files and commit it batch by batch."""
    stamps = _Stamps(under_way.paths, under_way.pseudonyms)
    reader = _Reader(under_way)
    try:
        _read_all(reader, files, stamps, under_way.report)
    finally:
        reader.close()
    under_way.commit()
    stamps.save()


def _read_all(reader: "_Reader", files: list[SourceFile], stamps: "_Stamps", report: IngestReport) -> None:
    for file in files:
        try:
            stamp = file.stamp()
            if stamps.has(file, stamp):
                report.files_known += 1
                continue
            reader.read(file)
        except FileNotFoundError:
            continue
        except PermissionError:
            report.notes.append(f"{mask(file.name)}: may not be read; it is tried again next time")
            continue
        stamps.set(file, stamp)
    reader.settle()


class _Reader:
    """Gathers pieces of files into chunks of one kind, and keeps account of how far each file is read.

    One chunk is taken while the next is read and screened. So whoever looks at what is under way settles it first.
    """

    def __init__(self, under_way: Ingestion) -> None:
        self._under_way = under_way
        self._chunk = Chunk()
        self._taking, self._taken = Alongside(), Chunk()
        self._kind = ""

    def close(self) -> None:
        self._taking.close()

    def read(self, file: SourceFile) -> None:
        known = known_position(file, self._under_way.state, self._under_way.pseudonyms)
        torn, is_new = known.torn, False
        if file.kind != self._kind:
            self.flush()
            self._kind = file.kind
        for piece in read_pieces(file, known):
            if torn is not None:
                torn = self._go_on_after(torn, piece)
            is_new = is_new or bool(piece.data) or piece.torn is not None
            self._add(piece)
        self._under_way.report.files_read += is_new
        self._under_way.report.files_known += not is_new

    def _go_on_after(self, torn: Torn, piece: Piece) -> Torn | None:
        """The file has grown: what was seen as a torn line is whole now, and its entry is settled."""
        text = piece.data or piece.torn or b""
        is_same_line = self._under_way.pseudonyms.line_key(text[: torn.length]) == torn.digest
        self.settle()
        if is_same_line and piece.torn != text[: torn.length]:
            self._under_way.quarantine.settle(torn.quarantine_id)
        return None

    def _add(self, piece: Piece) -> None:
        if piece.damage:
            name = mask(piece.file.name)
            self._under_way.report.notes.append(
                f"{name}: the gzip file is {piece.damage}; its whole lines are taken, more when it is whole"
            )
        if piece.too_long:
            self.settle()
            self._under_way.refuse(piece.file.kind, (piece.file.name, piece.first_line), piece.data, _TOO_LONG)
            self._stand(piece.file, piece.after)
            return
        self._chunk.add(piece)
        if self._chunk.byte_count >= min(CHUNK_BYTES, self._under_way.batch_bytes):
            self.flush()

    def flush(self) -> None:
        """Hand the chunk over; it is taken while the next one is read."""
        chunk, self._chunk = self._chunk, Chunk()
        lines, broken = chunk.text() if chunk.row_count else (None, [])
        screened = self._under_way.start_screening(lines) if chunk.row_count and self._kind == "events" else None
        self._settle_taken()
        for row, text in broken:
            self._under_way.refuse(self._kind, chunk.place(row), text, _NOT_UTF8)
        self._taken, kind = chunk, self._kind
        if chunk.row_count:
            self._taking.start(lambda: self._under_way.take(kind, lines, chunk.place, chunk.byte_count, screened))

    def settle(self) -> None:
        """Have all that was read taken, and recorded."""
        self.flush()
        self._settle_taken()

    def _settle_taken(self) -> None:
        """When the chunk handed over is taken, record where its files stand; commit when a batch is full."""
        self._taking.wait()
        chunk, self._taken = self._taken, Chunk()
        for piece in chunk.pieces:
            after = piece.after
            if piece.torn is not None:
                after = self._refuse_torn(piece)
            if piece.line_count or piece.torn is not None:
                self._stand(piece.file, after)
        if self._under_way.is_full:
            self._under_way.start_commit()

    def _refuse_torn(self, piece: Piece) -> Position:
        text = piece.torn or b""
        entry_id = self._under_way.refuse(piece.file.kind, (piece.file.name, piece.first_line), text, _TORN)
        torn = Torn(len(text), self._under_way.pseudonyms.line_key(text), entry_id)
        return replace(piece.after, torn=torn)

    def _stand(self, file: SourceFile, position: Position) -> None:
        identity = identity_of(file, position, self._under_way.pseudonyms)
        self._under_way.files[file.kind, file.name] = identity


class _Stamps:
    """Files that have not changed since they were read need not be opened. Only a cache: content decides.

    Paths are kept as keyed digests: a name may hold an address (PRV-1).
    """

    def __init__(self, paths: Paths, pseudonyms: Pseudonyms) -> None:
        self._pseudonyms = pseudonyms
        self._file = paths.ledger / "stamps.json"
        try:
            self._stamps: dict[str, list[int]] = json.loads(self._file.read_text())
        except (OSError, ValueError):
            self._stamps = {}
        self._is_changed = False

    def has(self, file: SourceFile, stamp: list[int]) -> bool:
        return self._stamps.get(self._key(file)) == stamp

    def set(self, file: SourceFile, stamp: list[int]) -> None:
        self._stamps[self._key(file)] = stamp
        self._is_changed = True

    def save(self) -> None:
        if self._is_changed:
            write_text(self._file, json.dumps(self._stamps))

    def _key(self, file: SourceFile) -> str:
        return self._pseudonyms.line_key(f"{file.kind}:{file.path.absolute()}".encode(errors="surrogateescape"))
