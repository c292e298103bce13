"""eSpeak NG in a process of its own: it speaks what comes in on standard input, as ``espeak`` asks.

A line of JSON (text, voice, words a minute, pitch, range) is answered by the number of bytes (4, little-endian) and the
samples (int16, 22,050 Hz); by ``NO_VOICE`` where there is no such voice. The library, out of the ``espeakng-loader``
wheel through ctypes, keeps a state that nothing resets: only a new process says the same texts the same way again.
"""

import ctypes
import json
import sys
from typing import Any, Final

NO_VOICE: Final = 0xFFFF_FFFF
_SYNCHRONOUS: Final = 2
_UTF8: Final = 1
_RATE, _PITCH, _RANGE = 1, 3, 4
_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


def main() -> int:
    """Answer until standard input ends."""
    import espeakng_loader

    library = ctypes.cdll.LoadLibrary(espeakng_loader.get_library_path())
    if library.espeak_Initialize(_SYNCHRONOUS, 0, str(espeakng_loader.get_data_path()).encode(), 0) <= 0:
        return 1
    heard: list[bytes] = []

    def take(samples: Any, count: int, _events: Any) -> int:
        if count > 0:
            heard.append(ctypes.string_at(samples, count * 2))
        return 0

    callback = _CALLBACK(take)
    library.espeak_SetSynthCallback(callback)
    for line in sys.stdin:
        heard.clear()
        is_known = _speak(library, *json.loads(line))
        samples = b"".join(heard)
        sys.stdout.buffer.write((len(samples) if is_known else NO_VOICE).to_bytes(4, "little"))
        sys.stdout.buffer.write(samples if is_known else b"")
        sys.stdout.buffer.flush()
    return 0


def _speak(library: Any, text: str, voice: str, speed: int, pitch: int, pitch_range: int) -> bool:
    if library.espeak_SetVoiceByName(voice.encode()) != 0:
        return False
    for parameter, value in ((_RATE, speed), (_PITCH, pitch), (_RANGE, pitch_range)):
        library.espeak_SetParameter(parameter, value, 0)
    raw = text.encode()
    library.espeak_Synth(raw, len(raw) + 1, 0, 0, 0, _UTF8, None, None)
    library.espeak_Synchronize()
    return True


if __name__ == "__main__":
    sys.exit(main())
