"""The hotlist out of a corpus: the landmarks of every labelled spot, once each (AD-3)."""

import numpy as np

from core.algorithms.audio.fingerprint_index import Clip, FingerprintIndex
from core.algorithms.audio.frames import FRAMES_A_SECOND, SAMPLE_RATE, SpectrumStream
from core.algorithms.audio.landmarks import Landmarks, landmarks
from core.audio_decoding import SoundFile
from training.ad_detection.corpus import Corpus, Segment


def hotlist_of(corpus: Corpus) -> FingerprintIndex:
    """An index of every ``spot_id``, taken from its longest broadcast."""
    best: dict[str, Segment] = {}
    for segments in corpus.files.values():
        for segment in segments:
            if segment.spot_id is None:
                continue
            known = best.get(segment.spot_id)
            if known is None or segment.end_s - segment.start_s > known.end_s - known.start_s:
                best[segment.spot_id] = segment
    clips: dict[Clip, Landmarks] = {}
    for file in corpus.files:
        wanted = [each for each in best.values() if each.file == file]
        if wanted:
            clips |= _clips(corpus, file, wanted)
    return FingerprintIndex.build(clips)


def _clips(corpus: Corpus, file: str, wanted: list[Segment]) -> dict[Clip, Landmarks]:
    sound = np.concatenate(list(SoundFile(corpus.path(file))))
    clips = {}
    for each in wanted:
        part = sound[int(each.start_s * SAMPLE_RATE) : int(each.end_s * SAMPLE_RATE)]
        spectra = SpectrumStream()
        power = np.concatenate([spectra.push(part), spectra.finish()])
        frames = int((each.end_s - each.start_s) * FRAMES_A_SECOND)
        clips[Clip(str(each.spot_id), each.label, frames)] = landmarks(power)
    return clips
