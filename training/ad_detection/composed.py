"""Corpora that are composed where nobody names one: to learn from and to test on; kept, as composing takes minutes."""

import json
from datetime import datetime
from pathlib import Path

from core.logs import progress
from core.paths import PROJECT_ROOT
from core.settings import Settings
from core.storage import write_text
from training.ad_detection.composer.compose import compose
from training.ad_detection.composer.sources import Part
from training.ad_detection.corpus import TRUTH, Corpus, read_corpus
from training.ad_detection.sound import sound_of

LEARNED_HOURS = 5.0
TEST_HOURS = 0.5
_FILE_MINUTES = 10.0
_TEST_FILE_MINUTES = 6.0
_NOTE = "composed.json"


def learned_stations(settings: Settings, hours: float = LEARNED_HOURS) -> Corpus:
    """Stations to learn from: half of real voices and music where `make corpus` fetched them, else synthetic."""
    return _kept(settings.home / "ad_detection" / "corpus", "train", hours, 0.5, _FILE_MINUTES)


def unheard_stations(settings: Settings, hours: float = TEST_HOURS) -> Corpus:
    """Stations to test on, which share no voice, language, style or recording with those above."""
    return _kept(settings.home / "ad_detection" / "test_stations", "test", hours, 1.0, _TEST_FILE_MINUTES)


def collect(settings: Settings, as_of: datetime) -> dict[str, float]:
    """Have both at hand; hours of each. ``as_of`` is that of every stage: what is composed does not depend on it."""
    corpora = {"learned": learned_stations(settings), "tested": unheard_stations(settings)}
    return {name: round(sum(sound_of(corpus)["hours"].values()), 2) for name, corpus in corpora.items()}


def _kept(folder: Path, part: Part, hours: float, share: float, file_minutes: float) -> Corpus:
    """What was composed before by the same wish, else composed now; the note comes last: a killed one is made anew."""
    recordings = PROJECT_ROOT / ".cache" / "recordings" / part
    real = recordings if (recordings / "speech").is_dir() and (recordings / "music").is_dir() else None
    wish = {"part": part, "hours": hours, "recorded_share": share if real else 0.0, "file_minutes": file_minutes}
    note = folder / _NOTE
    if note.is_file() and json.loads(note.read_text()) == wish and (folder / TRUTH).is_file():
        return read_corpus(folder)
    note.unlink(missing_ok=True)
    progress(f"train: composing {hours:g} hours to {'learn from' if part == 'train' else 'test on'} ...")
    corpus = compose(folder, hours, 1, part, real, share, file_minutes)
    write_text(note, json.dumps(wish))
    return corpus
