"""Lines of files in bounded portions: the text of whole lines, where each came from, and where its file then stands."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import orjson
import pyarrow as pa

from ingestion.files import SourceFile, TextStream
from ingestion.identity import Position

BLOCK_BYTES = 8 << 20
MAX_LINE_BYTES = 1 << 20
BATCH_ROWS = 16_384  # DuckDB reads a table of one record batch in one thread, however long it is


@dataclass(frozen=True)
class Piece:
    """Consecutive whole lines of one file. ``after`` is the file's position behind them."""

    file: SourceFile
    data: bytes  # every line ends in a newline
    first_line: int  # 1-based
    line_count: int
    after: Position
    torn: bytes | None = None  # a last line without its end, not part of ``data``
    too_long: bool = False  # ``data`` is the beginning of a line that is too long to be read
    damage: str | None = None


def read_pieces(file: SourceFile, position: Position, block_bytes: int = BLOCK_BYTES) -> Iterator[Piece]:
    """Yield the lines of a file behind ``position``; the last piece holds what there is to say about its end."""
    with TextStream(file.path) as stream:
        stream.skip(position.length)
        carry = b""
        while block := stream.read(block_bytes):
            whole, newline, rest = (carry + block).rpartition(b"\n")
            if newline:
                count = whole.count(b"\n") + 1
                first, position = position.line_count + 1, position.advanced(whole + newline, count)
                yield Piece(file, whole + newline, first, count, position)
                carry = rest
            elif len(carry) + len(block) > MAX_LINE_BYTES:
                position, piece, carry = _long_line(file, stream, position, carry + block)
                yield piece
            else:
                carry += block
        yield _end(file, position, carry, stream.damage)


def _end(file: SourceFile, position: Position, carry: bytes, damage: str | None) -> Piece:
    """A last line without a newline is whole if it is an object; otherwise it is torn and its end may still come."""
    first = position.line_count + 1
    if damage is not None or not carry.strip():
        return Piece(file, b"", first, 0, position, damage=damage)
    if _is_object(carry):
        return Piece(file, carry + b"\n", first, 1, position.advanced(carry, 0))  # its newline is still to come
    return Piece(file, b"", first, 0, position, torn=carry)


def _is_object(text: bytes) -> bool:
    try:
        return isinstance(orjson.loads(text.removeprefix(b"\xef\xbb\xbf")), dict)
    except ValueError:
        return text.rstrip().endswith(b"}") and text.lstrip().startswith(b"{") and text.count(b"{") == text.count(b"}")


def _long_line(file: SourceFile, stream: TextStream, position: Position, start: bytes) -> tuple[Position, Piece, bytes]:
    """Pass over a line that is too long in bounded memory; keep its beginning for the quarantine."""
    first, after, rest = position.line_count + 1, position.advanced(start, 0), b""
    while block := stream.read(BLOCK_BYTES):
        line, newline, rest = block.partition(b"\n")
        after = after.advanced(line + newline, 0)
        if newline:
            break
    after = after.advanced(b"", 1)
    return after, Piece(file, start[:MAX_LINE_BYTES], first, 1, after, too_long=True), rest


@dataclass
class Chunk:
    """Pieces read together, numbered from ``first_row`` on: the unit that is screened at once."""

    pieces: list[Piece] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    row_count: int = 0
    byte_count: int = 0

    def add(self, piece: Piece) -> None:
        self.pieces.append(piece)
        self.starts.append(self.row_count)
        self.row_count += piece.line_count
        self.byte_count += len(piece.data)

    def place(self, row: int) -> tuple[str, int]:
        """File name and line number of a row."""
        index = bisect_right(self.starts, row) - 1
        piece = self.pieces[index]
        return piece.file.name, piece.first_line + row - self.starts[index]

    def text(self) -> tuple[Any, list[tuple[int, bytes]]]:
        """Return an Arrow table (line, seq) over the text, and the rows that are no UTF-8 (blank in the table)."""
        data = b"".join(piece.data for piece in self.pieces)
        broken: list[tuple[int, bytes]] = []
        try:
            data.decode("utf-8")
        except UnicodeDecodeError:
            data, broken = _without_broken(data)
        ends = np.flatnonzero(np.frombuffer(data, np.uint8) == ord("\n"))
        offsets = np.zeros(len(ends) + 1, np.int64)
        offsets[1:] = ends + 1
        lines = pa.LargeStringArray.from_buffers(len(ends), pa.py_buffer(offsets), pa.py_buffer(data))
        table = pa.table({"line": lines, "seq": np.arange(len(ends), dtype=np.int64)})
        return pa.Table.from_batches(table.to_batches(max_chunksize=BATCH_ROWS), schema=table.schema), broken


def _without_broken(data: bytes) -> tuple[bytes, list[tuple[int, bytes]]]:
    lines, broken = data.split(b"\n"), []
    for row, line in enumerate(lines):
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            broken.append((row, line))
            lines[row] = b""
    return b"\n".join(lines), broken
