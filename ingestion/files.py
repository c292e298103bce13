"""The landing directory: which files there are, their decompressed bytes, and whether they are known by content."""

import os
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Self

from core.errors import UserError

_READ = 1 << 20
_GZIP_MAGIC = b"\x1f\x8b"
_SUFFIXES = (".jsonl", ".jsonl.gz")


@dataclass(frozen=True)
class SourceFile:
    """One file of a source. ``name`` is relative to the source and names it in reports."""

    kind: str
    path: Path
    name: str

    def stamp(self) -> list[int]:
        """What changes whenever the file does (short of a forged clock)."""
        stat = self.path.stat()
        return [stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns]


def discover(source: Path) -> list[SourceFile]:
    """Return the files of a landing directory: catalogue and campaigns first, each kind sorted by path.

    Raises:
        UserError: the directory is missing or is no landing directory.
    """
    if not source.is_dir():
        raise UserError(f"source: {source} is no directory; give the landing directory that has catalogue/ and events/")
    found = {kind: _files_of(source, kind) for kind in ("catalogue", "campaigns", "events")}
    if not any((source / kind).is_dir() for kind in found):
        raise UserError(f"source: {source} has neither catalogue/ nor events/; give the landing directory itself")
    return [file for files in found.values() for file in files]


def _files_of(source: Path, kind: str) -> list[SourceFile]:
    files = []
    for folder, _, names in os.walk(source / kind, followlinks=True):
        if kind != "events" and Path(folder) != source / kind:
            continue
        for name in names:
            if name.endswith(_SUFFIXES) and not name.startswith("."):
                path = Path(folder) / name
                files.append(SourceFile(kind, path, path.relative_to(source).as_posix()))
    return sorted(files, key=lambda file: file.name)


class TextStream:
    """Decompressed bytes of a file, in order. ``damage`` says why a gzip file ended before its end."""

    def __init__(self, path: Path) -> None:
        self._file: BinaryIO = path.open("rb")
        self._is_gzip = self._file.read(2) == _GZIP_MAGIC
        self._file.seek(0)
        self._inflate = zlib.decompressobj(31)
        self._ready = b""
        self.damage: str | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def read(self, size: int) -> bytes:
        """Return up to ``size`` bytes; fewer only at the end."""
        if not self._is_gzip:
            return self._file.read(size)
        parts, missing = [], size
        while missing > 0:
            if not self._ready and not self._fill():
                break
            parts.append(self._ready[:missing])
            self._ready = self._ready[missing:]
            missing -= len(parts[-1])
        return b"".join(parts)

    def skip(self, size: int) -> None:
        if not self._is_gzip:
            self._file.seek(size, os.SEEK_CUR)
            return
        while size > 0 and (block := self.read(min(size, _READ))):
            size -= len(block)

    def _fill(self) -> bool:
        """Inflate until there is something to give; a file may consist of several gzip members."""
        while not self._ready and self.damage is None:
            if self._inflate.eof:
                rest = self._inflate.unused_data or self._file.read(_READ)
                rest = rest.lstrip(b"\0")
                if not rest:
                    return False
                self._inflate = zlib.decompressobj(31)
                self._decompress(rest)
                continue
            packed = self._inflate.unconsumed_tail or self._file.read(_READ)
            if not packed:
                self.damage = "cut off"
                return False
            self._decompress(packed)
        return bool(self._ready)

    def _decompress(self, packed: bytes) -> None:
        try:
            self._ready = self._inflate.decompress(packed, _READ)
        except zlib.error:
            self.damage = "damaged"
