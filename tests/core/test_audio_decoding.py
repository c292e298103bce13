"""AD-1: sound of any kind comes in; what is none has a clear word."""

import wave
from pathlib import Path

import numpy as np
import pytest

from core.audio_decoding import SAMPLE_RATE, SoundFile, read_whole
from core.errors import UserError


def wav(file: Path, seconds: float, rate: int = 44_100, channels: int = 2) -> Path:
    times = np.arange(int(seconds * rate)) / rate
    samples = np.repeat((0.5 * np.sin(2 * np.pi * 440 * times) * 32767).astype("<i2")[:, None], channels, axis=1)
    with wave.open(str(file), "wb") as opened:
        opened.setnchannels(channels)
        opened.setsampwidth(2)
        opened.setframerate(rate)
        opened.writeframes(samples.tobytes())
    return file


@pytest.mark.parametrize(("rate", "channels"), [(8_000, 1), (44_100, 2), (192_000, 6)])
def test_any_rate_and_any_number_of_channels_become_mono(tmp_path: Path, rate: int, channels: int) -> None:
    sound = read_whole(wav(tmp_path / "a.wav", 1.0, rate, channels))
    assert len(sound) == pytest.approx(SAMPLE_RATE, abs=200)
    assert 0.2 < np.sqrt((sound[2000:-2000] ** 2).mean()) < 1.5


def test_a_wrong_name_does_not_matter(tmp_path: Path) -> None:
    assert len(read_whole(wav(tmp_path / "a.mp3", 0.5))) > 0


def test_a_truncated_file_gives_what_is_there_and_a_word(tmp_path: Path) -> None:
    file = wav(tmp_path / "a.wav", 10.0)
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    sound = SoundFile(file)
    assert sum(map(len, sound)) > 4 * SAMPLE_RATE
    assert sound.warning is not None
    assert "truncated" in sound.warning


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("a.wav", b"", "is empty"),
        ("a.mp3", b"these are only words " * 20, "holds no sound"),
        ("a.m3u", b"http://example.org/stream\n", "is a playlist"),
        ("a.txt", b"#EXTM3U\nb.mp3\n", "is a playlist"),
    ],
)
def test_what_is_no_sound_is_named(tmp_path: Path, name: str, content: bytes, word: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match=word):
        read_whole(tmp_path / name)


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="does not exist"):
        read_whole(tmp_path / "none.wav")
    with pytest.raises(UserError, match="is no file"):
        read_whole(tmp_path)
