"""Speech from eSpeak NG, the library and its voices out of the ``espeakng-loader`` wheel, through ctypes.

The library has one state a process: use one ``Espeak`` at a time, in one thread.
"""

import ctypes
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from core.algorithms.audio.frames import FloatArray
from core.errors import StageError

_SYNCHRONOUS: Final = 2
_UTF8: Final = 1
_RATE, _PITCH, _RANGE = 1, 3, 4
_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)
_STATE: dict[str, Any] = {}
"""The library's one state: loaded once a process, with the callback that must outlive every call."""


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
        StageError: the library knows no such voice.
    """
    library, heard = _library()
    name = f"{voice.language}+{voice.variant}" if voice.variant else voice.language
    if library.espeak_SetVoiceByName(name.encode()) != 0:
        raise StageError(f"compose: eSpeak has no voice '{name}'")
    speed = int(np.clip(voice.words_a_minute / voice.stretch, 80, 400))
    for parameter, value in ((_RATE, speed), (_PITCH, voice.pitch), (_RANGE, voice.pitch_range)):
        library.espeak_SetParameter(parameter, value, 0)
    heard.clear()
    raw = text.encode()
    library.espeak_Synth(raw, len(raw) + 1, 0, 0, 0, _UTF8, None, None)
    library.espeak_Synchronize()
    samples = np.frombuffer(b"".join(heard), dtype=np.int16).astype(np.float32)
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
    if _STATE:
        _STATE["library"].espeak_Terminate()
        _STATE.clear()


def _library() -> tuple[Any, list[bytes]]:
    if not _STATE:
        import espeakng_loader

        library = ctypes.cdll.LoadLibrary(espeakng_loader.get_library_path())
        heard: list[bytes] = []

        def take(samples: Any, count: int, _events: Any) -> int:
            if count > 0:
                heard.append(ctypes.string_at(samples, count * 2))
            return 0

        callback = _CALLBACK(take)
        if library.espeak_Initialize(_SYNCHRONOUS, 0, str(espeakng_loader.get_data_path()).encode(), 0) <= 0:
            raise StageError("compose: eSpeak does not start")
        library.espeak_SetSynthCallback(callback)
        _STATE.update(library=library, heard=heard, callback=callback)
    return _STATE["library"], _STATE["heard"]
