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
_SCAN_BYTES = 1 << 18
_LINES = pa.schema([("line", pa.large_string()), ("seq", pa.int64())])


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
            text = carry + block
            if end := text.rfind(b"\n") + 1:
                whole, carry = text[:end], text[end:]  # no copy where the block ends with a line
                first, count = position.line_count + 1, whole.count(b"\n")
                position = position.advanced(whole, count)
                yield Piece(file, whole, first, count, position)
            elif len(text) > MAX_LINE_BYTES:
                position, piece, carry = _long_line(file, stream, position, text)
                yield piece
            else:
                carry = text
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
        batches: list[Any] = []
        broken: list[tuple[int, bytes]] = []
        for start, piece in zip(self.starts, self.pieces, strict=True):
            data = piece.data
            if not _is_utf8(data):
                data, rows = _without_broken(data)
                broken += [(start + row, line) for row, line in rows]
            lines = _lines_of(data)
            numbers = pa.array(np.arange(start, start + len(lines), dtype=np.int64))
            batches.append(pa.RecordBatch.from_arrays([lines, numbers], schema=_LINES))
        return pa.Table.from_batches(batches, schema=_LINES), broken


def _is_utf8(data: bytes) -> bool:
    if data.isascii():
        return True
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _lines_of(data: bytes) -> Any:
    """The lines as an Arrow array over ``data`` itself, each with its newline.

    Newlines are looked for in blocks that stay in the processor's cache.
    """
    bytes_of = np.frombuffer(data, np.uint8)
    ends = [
        np.flatnonzero(bytes_of[start : start + _SCAN_BYTES] == ord("\n")) + (start + 1)
        for start in range(0, len(data), _SCAN_BYTES)
    ]
    offsets = np.concatenate([np.zeros(1, np.int64), *ends])
    return pa.LargeStringArray.from_buffers(len(offsets) - 1, pa.py_buffer(offsets), pa.py_buffer(data))


def _without_broken(data: bytes) -> tuple[bytes, list[tuple[int, bytes]]]:
    lines, broken = data.split(b"\n"), []
    for row, line in enumerate(lines):
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            broken.append((row, line))
            lines[row] = b""
    return b"\n".join(lines), broken
