"""A file is known by its content: by the digest of what was consumed of it, whatever it is called now.

So a file that comes again, renamed, copied, longer or compressed goes on where its known content ends; one that was
cut and filled anew is another file. Digests are keyed: from an unkeyed one a MAC could be found by trying.
"""

import hmac
from dataclasses import dataclass

from core.privacy import Pseudonyms, mask
from ingestion.files import SourceFile, TextStream
from ingestion.ledger import FileIdentity, State, Torn

HEAD_LENGTH = 4096
_BLOCK = 1 << 20


@dataclass
class Position:
    """How far a file is consumed: bytes, lines, the running digest of them, and the torn line seen behind them."""

    length: int
    line_count: int
    digest: hmac.HMAC
    head: bytes
    torn: Torn | None = None

    def advanced(self, data: bytes, line_count: int) -> "Position":
        digest = self.digest.copy()
        digest.update(data)
        head = (self.head + data[: HEAD_LENGTH - len(self.head)]) if len(self.head) < HEAD_LENGTH else self.head
        return Position(self.length + len(data), self.line_count + line_count, digest, head)


def start(pseudonyms: Pseudonyms) -> Position:
    return Position(0, 0, pseudonyms.content_digest(), b"")


def identity_of(file: SourceFile, position: Position, pseudonyms: Pseudonyms) -> FileIdentity:
    """Return what the ledger keeps of a file consumed up to ``position``."""
    head = pseudonyms.content_digest()
    head.update(position.head)
    return FileIdentity(
        kind=file.kind,
        path=mask(file.name),  # for people; content decides
        length=position.length,
        digest=position.digest.hexdigest(),
        head_length=len(position.head),
        head_digest=head.hexdigest(),
        line_count=position.line_count,
        torn=position.torn,
    )


def known_position(file: SourceFile, state: State, pseudonyms: Pseudonyms) -> Position:
    """Return how far this file's content was consumed before, under whatever name; zero for a new one."""
    best = start(pseudonyms)
    with TextStream(file.path) as stream:
        candidates = _same_head(file.kind, stream.read(HEAD_LENGTH), state, pseudonyms)
    if not candidates:
        return best
    reached = start(pseudonyms)
    with TextStream(file.path) as stream:
        for length in sorted(candidates):
            while reached.length < length:
                block = stream.read(min(_BLOCK, length - reached.length))
                if not block:
                    return best
                reached = reached.advanced(block, 0)
            for known in candidates[length]:
                if known.digest == reached.digest.hexdigest():
                    best = Position(length, known.line_count, reached.digest.copy(), reached.head, known.torn)
    return best


def _same_head(kind: str, head: bytes, state: State, pseudonyms: Pseudonyms) -> dict[int, list[FileIdentity]]:
    """Known files whose first bytes are those of this one, by length: only these need be compared whole.

    Entries with and without a torn line behind the same content are told apart by order: the last one counts.
    """
    lengths = sorted({length for known_kind, length, _ in state.files if known_kind == kind and length <= len(head)})
    digest, done = pseudonyms.content_digest(), 0
    candidates: dict[int, list[FileIdentity]] = {}
    for length in lengths:
        digest.update(head[done:length])
        done = length
        for known in state.files.get((kind, length, digest.hexdigest()), []):
            candidates.setdefault(known.length, []).append(known)
    return candidates
