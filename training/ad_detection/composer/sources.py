"""Where a station's sound comes from: synthetic speakers and generators, or a folder of recordings, or both.

A folder of recordings has ``speech/<speaker>/`` and ``music/<collection>/`` with audio files of any kind. Training and
test must never share a source: give each a folder of its own; synthetic sources are split by ``part``.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, Protocol

import numpy as np

from core.algorithms.audio.frames import SAMPLE_RATE, FloatArray
from core.audio_decoding import read_whole
from core.errors import UserError
from core.logs import progress
from training.ad_detection.composer import songs, synth, texts
from training.ad_detection.composer.effects import at_level, equalised, faded, hastened, silence
from training.ad_detection.composer.espeak import Voice, speak, stretched

Part = Literal["train", "test"]
_VARIANTS: Final = (
    "m1 f1 m2 f2 m3 f3 m4 f4 m5 f5 m6 max m7 belinda m8 steph adam linda Alex Alicia Andy Annie Gene Andrea Lee "
    "Michael Mike Storm announcer anika david grandma ed boris iven aunty john klatt2 klatt4 klatt6 marcelo "
    "pablo paul quincy"
)
_AUDIO: Final = (".wav", ".ogg", ".mp3", ".flac", ".opus", ".m4a")


class Speaker(Protocol):
    """Somebody who can talk."""

    def say(
        self, rng: np.random.Generator, seconds: float, brand: str | None = None, is_fast: bool = False
    ) -> FloatArray:
        """About so many seconds of speech, without pauses if fast; with a brand, the text of a spot, fast."""


@dataclass(frozen=True)
class SyntheticSpeaker:
    """One eSpeak voice."""

    voice: Voice

    def say(
        self, rng: np.random.Generator, seconds: float, brand: str | None = None, is_fast: bool = False
    ) -> FloatArray:
        is_fast = is_fast or brand is not None
        voice = self.voice
        if is_fast:
            speed, liveliness = int(rng.integers(170, 250)), int(rng.integers(50, 99))
            voice = Voice(voice.language, voice.variant, speed, voice.pitch, liveliness, voice.stretch)
        parts, length = [], 0
        while length < seconds * SAMPLE_RATE:
            text = (
                texts.talk_sentence(rng, voice.language)
                if brand is None
                else texts.spot_sentence(rng, voice.language, brand)
            )
            said = speak(text, voice)
            pause = silence(rng.uniform(0.0, 0.25) if is_fast else rng.uniform(0.1, 0.7))
            parts += [said, pause]
            length += max(1, len(said)) + len(pause)
        return np.concatenate(parts)


@dataclass(frozen=True)
class RecordedSpeaker:
    """The files of one person."""

    files: tuple[Path, ...]
    stretch: float = 1.0
    """As ``Voice.stretch``: one person's recordings give several speakers."""
    colour: int = 0
    """Seed of the microphone's curve."""

    def say(
        self, rng: np.random.Generator, seconds: float, brand: str | None = None, is_fast: bool = False
    ) -> FloatArray:
        is_fast = is_fast or brand is not None
        parts, length = [], 0
        while length < seconds * SAMPLE_RATE:
            said = at_level(_cached(self.files[int(rng.integers(len(self.files)))]), -18)
            said = stretched(said[: int(40 * SAMPLE_RATE)], self.stretch)
            pause = silence(rng.uniform(0.0, 0.15) if is_fast else rng.uniform(0.05, 0.6))
            parts += [said, pause]
            length += max(1, len(said)) + len(pause)
        whole = equalised(np.concatenate(parts), np.random.default_rng(self.colour), 5)
        return hastened(whole, float(rng.uniform(1.0, 1.35))) if is_fast else whole


class Sources:
    """Speakers and music for one corpus."""

    def __init__(self, part: Part, recordings: Path | None = None, recorded_share: float = 1.0) -> None:
        variants = _VARIANTS.split()
        own = 0 if part == "train" else 1
        self._variants = variants[own::2]
        self._languages = (*texts.LANGUAGES[own::2], "de")
        held_out = ("folk", "latin", "organ and choir", "rock")
        self._styles = [style for style in songs.STYLES if (style.name in held_out) == (part == "test")]
        self._speakers = _recorded(recordings, "speech")
        self._music = _recorded(recordings, "music")
        self._share = recorded_share if recordings is not None else 0.0

    def speaker(self, rng: np.random.Generator) -> Speaker:
        """Somebody new."""
        if self._speakers and rng.random() < self._share:
            files = self._speakers[int(rng.integers(len(self._speakers)))]
            stretch = float(rng.choice([1.0, rng.uniform(0.86, 1.2)]))
            return RecordedSpeaker(files, stretch, int(rng.integers(2**31)))
        language = self._languages[int(rng.integers(len(self._languages)))]
        return SyntheticSpeaker(
            Voice(
                language,
                self._variants[int(rng.integers(len(self._variants)))],
                int(rng.integers(125, 215)),
                int(rng.integers(5, 95)),
                int(rng.integers(25, 90)),
                float(rng.uniform(0.84, 1.2)),
            )
        )

    def music(self, rng: np.random.Generator, seconds: float, style: str | None = None) -> FloatArray:
        """A piece of music of this length, at about -16 dB."""
        if self._music and style is None and rng.random() < self._share:
            collection = self._music[int(rng.integers(len(self._music)))]
            piece = _excerpt(collection[int(rng.integers(len(collection)))], rng, seconds)
            return at_level(equalised(piece, rng, 4) if rng.random() < 0.5 else piece, -16)
        if style is None and rng.random() < 0.25:
            return at_level(synth.electronic(rng, seconds), -16)
        named = [each for each in songs.STYLES if each.name == style] or self._styles
        return at_level(songs.song(rng, seconds, named[int(rng.integers(len(named)))]), -16)


def _recorded(recordings: Path | None, kind: str) -> list[tuple[Path, ...]]:
    """Files by speaker or collection, in a fixed order."""
    if recordings is None:
        return []
    folders = sorted(path for path in (recordings / kind).glob("*") if path.is_dir())
    found = [tuple(sorted(f for f in folder.rglob("*") if f.suffix.lower() in _AUDIO)) for folder in folders]
    if not any(found):
        raise UserError(f"recordings: {recordings / kind} holds no folder with audio files; run `make corpus` first")
    return [files for files in found if files]


def _excerpt(file: Path, rng: np.random.Generator, seconds: float) -> FloatArray:
    whole = _cached(file)
    length = int(seconds * SAMPLE_RATE)
    if len(whole) <= length:
        return faded(np.resize(whole, length), 0.0, 0.5)
    start = int(rng.integers(0, len(whole) - length))
    return faded(whole[start : start + length], 0.05, 0.5)


_KEPT_SAMPLES: Final = 60 * 60 * SAMPLE_RATE
_KEPT: dict[Path, FloatArray] = {}


def _cached(file: Path) -> FloatArray:
    """The last hour or so of sound decoded: a corpus takes several things from one file."""
    if file not in _KEPT:
        decoded = _readable(file)
        while _KEPT and sum(map(len, _KEPT.values())) + len(decoded) > _KEPT_SAMPLES:
            _KEPT.pop(next(iter(_KEPT)))
        _KEPT[file] = decoded
    return _KEPT[file]


def _readable(file: Path) -> FloatArray:
    """A file's sound; silence for one of the few in big collections that hold none."""
    try:
        return read_whole(file)
    except UserError as error:
        progress(f"compose: left out: {error}")
        return silence(0.2)
