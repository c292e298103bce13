"""Notes to sound: a standard MIDI file, played by ``midirenderer`` from the soundfont that ``pretty_midi`` carries."""

import importlib.util
import io
import struct
import wave
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from core.algorithms.audio.frames import SAMPLE_RATE, FloatArray

DRUMS: Final = 9
"""General MIDI's drum channel."""
_TICKS_A_SECOND: Final = 960


@dataclass
class Score:
    """Notes at seconds, and which instrument each channel plays."""

    programs: dict[int, int] = field(default_factory=dict)
    volumes: dict[int, int] = field(default_factory=dict)
    notes: list[tuple[float, float, int, int, int]] = field(default_factory=list)
    """(start_s, length_s, channel, pitch, velocity)"""

    def add(
        self, start: float, length: float, channel: int, pitch: int, velocity: float | np.integer[Any] = 90
    ) -> None:
        """One note; what lies outside of MIDI's range is moved into it."""
        pitch = int(np.clip(pitch, 20, 108))
        self.notes.append((start, length, channel, pitch, int(np.clip(velocity, 1, 127))))


def play(score: Score, seconds: float) -> FloatArray:
    """The score as samples (n,) at 22,050 Hz, peak 0.9, exactly so long."""
    import midirenderer
    from scipy.signal import resample_poly

    rendered = midirenderer.render_wave_from(_soundfont(), midi_file(score))
    with wave.open(io.BytesIO(rendered)) as opened:
        rate, channels = opened.getframerate(), opened.getnchannels()
        raw = np.frombuffer(opened.readframes(opened.getnframes()), dtype=np.int16)
    mono = raw.reshape(-1, channels).mean(axis=1).astype(np.float32)[: int(rate * seconds)]
    common = int(np.gcd(SAMPLE_RATE, rate))
    samples = resample_poly(mono, SAMPLE_RATE // common, rate // common).astype(np.float32)
    result = np.zeros(int(seconds * SAMPLE_RATE), dtype=np.float32)
    result[: len(samples)] = samples[: len(result)]
    peak = float(np.abs(result).max())
    return result * np.float32(0.9 / peak if peak else 0.0)


def midi_file(score: Score) -> bytes:
    """The score as a standard MIDI file of one track."""
    events: list[tuple[int, int, bytes]] = []
    for channel, program in score.programs.items():
        events.append((0, 0, bytes([0xC0 | channel, program])))
    for channel, volume in score.volumes.items():
        events.append((0, 0, bytes([0xB0 | channel, 7, volume])))
    for start, length, channel, pitch, velocity in score.notes:
        at = int(start * _TICKS_A_SECOND)
        events.append((at, 2, bytes([0x90 | channel, pitch, velocity])))
        events.append((at + max(1, int(length * _TICKS_A_SECOND)), 1, bytes([0x80 | channel, pitch, 0])))
    events.sort(key=lambda event: event[:2])
    body, last = b"\x00\xff\x51\x03" + (500_000).to_bytes(3, "big"), 0
    for at, _, message in events:
        body += _length(at - last) + message
        last = at
    body += b"\x00\xff\x2f\x00"
    head = b"MThd" + struct.pack(">IHHH", 6, 0, 1, _TICKS_A_SECOND // 2)
    return head + b"MTrk" + struct.pack(">I", len(body)) + body


def _length(value: int) -> bytes:
    """MIDI's numbers of seven bits a byte."""
    parts = [value & 0x7F]
    while value := value >> 7:
        parts.append(value & 0x7F | 0x80)
    return bytes(reversed(parts))


@cache
def _soundfont() -> bytes:
    found = importlib.util.find_spec("pretty_midi")
    assert found is not None
    assert found.origin is not None
    return (Path(found.origin).parent / "TimGM6mb.sf2").read_bytes()
