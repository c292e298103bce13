"""Snapshots of catalogue, corrections and rules: what past answers were made from, kept as long as these (PRV-4)."""

import hashlib
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from core.paths import Paths
from core.settings import Settings
from core.storage import fsync_directory, fsync_file

CATALOGUE, CORRECTIONS, RULES = "catalogue.parquet", "corrections.jsonl", "rules.yaml"


def digest_of(contents: Mapping[str, bytes]) -> str:
    """One digest of named contents."""
    total = hashlib.sha256()
    for name in sorted(contents):
        total.update(f"{name}:{len(contents[name])}:".encode())
        total.update(contents[name])
    return total.hexdigest()[:32]


def keep(folder: Path, contents: Mapping[str, bytes]) -> str:
    """Keep contents under their digest, whole or not at all; returns the digest. A snapshot already there is left."""
    digest = digest_of(contents)
    target = folder / digest
    if target.is_dir():
        return digest
    aside = folder / f".{digest}.tmp"
    shutil.rmtree(aside, ignore_errors=True)  # what a killed process left
    aside.mkdir(parents=True)
    for name, content in contents.items():
        (aside / name).write_bytes(content)
        fsync_file(aside / name)
    try:
        aside.rename(target)
    except OSError:  # another process was quicker with the same content
        shutil.rmtree(aside, ignore_errors=True)
    fsync_directory(folder)
    return digest


def drop_expired(settings: Settings, as_of: datetime) -> int:
    """Drop snapshots that were replaced before the oldest decision that is kept; returns how many."""
    paths = settings.paths
    horizon = as_of.astimezone(UTC) - timedelta(days=settings.retention.decisions)
    made = sorted((datetime.fromtimestamp(each.stat().st_mtime, UTC), each) for each in _all(paths))
    replaced = [each for (_, each), (next_at, _) in pairwise(made) if next_at < horizon]
    for each in replaced:
        shutil.rmtree(each)
    return len(replaced)


def _all(paths: Paths) -> list[Path]:
    if not paths.snapshots.is_dir():
        return []
    return [each for each in paths.snapshots.iterdir() if each.is_dir() and not each.name.startswith(".")]
