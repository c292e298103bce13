"""Secrets that are made once and kept: keys and tokens below the home."""

import os
from pathlib import Path


def keep_once(file: Path, secret: bytes) -> bool:
    """Write a secret, readable by its owner alone (mode 0600), unless there is one.

    It appears whole or not at all; of two processes that make it at once the first wins. Returns whether this one's is
    kept.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    aside = file.with_name(f"{file.name}.{os.getpid()}.tmp")
    with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(secret)
        out.flush()
        os.fsync(out.fileno())
    try:
        os.link(aside, file)  # atomic, and never over another
    except FileExistsError:
        return False
    finally:
        aside.unlink()
    return True
