"""Speech from eSpeak NG, whose process (``espeak_process``) is started at the first word and ends with ours."""

import atexit
import json
import subprocess
import sys
from dataclasses import dataclass

import numpy as np

from core.algorithms.audio.frames import FloatArray
from core.errors import StageError
from core.paths import PROJECT_ROOT
from training.ad_detection.composer.espeak_process import NO_VOICE

_RUNNING: list[subprocess.Popen[bytes]] = []


@dataclass(frozen=True)
class Voice:
    """One synthetic speaker."""

    language: str
    variant: str
    words_a_minute: int = 165
    pitch: int = 50
    pitch_range: int = 50
    stretch: float = 1.0
    """Played back so much faster: shifts formants, so that one variant gives several speakers."""


def speak(text: str, voice: Voice) -> FloatArray:
    """The text as samples (n,) at 22,050 Hz, peak about 0.5.

    Raises:
        StageError: eSpeak knows no such voice, or does not run.
    """
    process = _process()
    name = f"{voice.language}+{voice.variant}" if voice.variant else voice.language
    speed = int(np.clip(voice.words_a_minute / voice.stretch, 80, 400))
    asked = json.dumps([text, name, speed, voice.pitch, voice.pitch_range])
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(asked.encode() + b"\n")
        process.stdin.flush()
        head = process.stdout.read(4)
    except BrokenPipeError:
        head = b""
    if len(head) < 4:
        restart()
        raise StageError("compose: eSpeak does not run; is `espeakng-loader` installed?")
    size = int.from_bytes(head, "little")
    if size == NO_VOICE:
        raise StageError(f"compose: eSpeak has no voice '{name}'")
    samples = np.frombuffer(process.stdout.read(size), dtype="<i2").astype(np.float32)
    peak = float(np.abs(samples).max()) if len(samples) else 0.0
    return stretched(samples * np.float32(0.5 / peak if peak else 0.0), voice.stretch)


def stretched(samples: FloatArray, factor: float) -> FloatArray:
    """Resample so that the sound plays ``factor`` times as fast, pitch and formants with it."""
    if factor == 1.0 or len(samples) < 2:
        return samples
    places = np.arange(0, len(samples) - 1, factor)
    return np.asarray(np.interp(places, np.arange(len(samples)), samples), dtype=np.float32)


def restart() -> None:
    """Forget what was spoken before: from here on the same texts give the same samples."""
    while _RUNNING:
        process = _RUNNING.pop()
        process.kill()
        process.communicate()


def _process() -> "subprocess.Popen[bytes]":
    if not _RUNNING:
        command = [sys.executable, "-m", "training.ad_detection.composer.espeak_process"]
        pipe = subprocess.PIPE
        _RUNNING.append(subprocess.Popen(command, cwd=PROJECT_ROOT, stdin=pipe, stdout=pipe))
        atexit.register(restart)
    return _RUNNING[0]
