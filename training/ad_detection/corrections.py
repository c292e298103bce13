"""What people corrected, as a corpus: learned from and put on the hotlist, and what it changed in figures (AD-6)."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from core.algorithms.audio.detection import hear, segments
from core.algorithms.audio.detector_bundle import DetectorBundle
from core.audio_decoding import SoundFile
from core.contracts.ad_detection import recordings
from core.contracts.ad_labels import Correction, labels_folder, read_corrections
from core.contracts.ad_recordings import KeptRecording, recording_at, recording_named
from core.paths import Paths
from core.privacy import fingerprint
from training.ad_detection.corpus import Corpus, Segment
from training.ad_detection.scores import Stretch

_SHORTEST_S: Final = 0.2
_SHORTEST_CLIP_S: Final = 5.0
_LONGEST_CLIP_S: Final = 600.0


def corrected(paths: Paths) -> Corpus | None:
    """Accepted corrections whose sound is kept, as a corpus over the kept recordings; None while there are none.

    Where two speak of the same time, the newer one holds. Music that people corrected goes on the hotlist as music
    (the seed's entries that are no ad): it is broadcast again.
    """
    folder = recordings(paths)
    files: dict[str, list[Segment]] = {}
    for correction in read_corrections(labels_folder(paths)):
        kept = _recording_of(paths, correction)
        if kept is None:
            continue
        shift = (correction.zero_at - kept.started_at).total_seconds()
        for number, each in enumerate(correction.segments):
            start, end = each.start_s + shift, each.end_s + shift
            if start < 0 or end - start < _SHORTEST_S:
                continue
            spot = each.spot_id
            if spot is None and each.label == "music" and _SHORTEST_CLIP_S <= end - start <= _LONGEST_CLIP_S:
                spot = f"known-{correction.id}-{number}"
            of = files.setdefault(kept.name, [])
            files[kept.name] = [*_without(of, start, end), Segment(kept.name, start, end, each.label, spot)]
    if not files:
        return None
    return Corpus(
        folder, {name: tuple(sorted(of, key=lambda each: each.start_s)) for name, of in sorted(files.items())}
    )


def joined(corpus: Corpus, corrections: Corpus | None) -> Corpus:
    """One corpus of both; the corrected recordings are named by their whole path, which holds in any folder."""
    if corrections is None:
        return corpus
    more = {
        str(corrections.path(name).absolute()): tuple(
            replace(each, file=str(corrections.path(name).absolute())) for each in of
        )
        for name, of in corrections.files.items()
    }
    return Corpus(corpus.folder, {**corpus.files, **more})


def mark_of(corrections: Corpus | None) -> str:
    """Changes when a correction does, so that a training is made anew; empty without corrections."""
    return "" if corrections is None else fingerprint(repr(sorted(corrections.files.items())))


def compared(corrections: Corpus, before: DetectorBundle | None, after: DetectorBundle) -> dict[str, float]:
    """Seconds wrong on the corrected stretches by the version before and by the new one, which has learned from them.

    Keys ``corrections.before.false_ad_s``, ``corrections.before.missed_ad_s``, the same with ``after``, and
    ``corrections.seconds``; without a version before, its two are left out.
    """
    result = {
        "corrections.seconds": round(sum(e.end_s - e.start_s for of in corrections.files.values() for e in of), 1)
    }
    for name, bundle in (("before", before), ("after", after)):
        if bundle is None:
            continue
        false, missed = 0.0, 0.0
        for file, truth in corrections.files.items():
            said = segments(bundle, hear(bundle, SoundFile(corrections.path(file))))
            more_false, more_missed = wrong_seconds(truth, said)
            false, missed = false + more_false, missed + more_missed
        result[f"corrections.{name}.false_ad_s"] = round(false, 1)
        result[f"corrections.{name}.missed_ad_s"] = round(missed, 1)
    return result


def wrong_seconds(truth: Sequence[Segment], said: Iterable[Stretch]) -> tuple[float, float]:
    """Seconds called ``ad`` that are none, and seconds of ``ad`` called something else, within what is labelled."""
    false, missed = 0.0, 0.0
    for found in said:
        for true in truth:
            shared = max(0.0, min(found.end_s, true.end_s) - max(found.start_s, true.start_s))
            false += shared if found.label == "ad" and true.label != "ad" else 0.0
            missed += shared if found.label != "ad" and true.label == "ad" else 0.0
    return false, missed


def provenance(paths: Paths) -> list[dict[str, Any]]:
    """Who said it, when, of which recording and by which report: for manifest and card."""
    return [
        {"id": each.id, "recording": each.recording, "by": each.by, "at": each.at.isoformat(),
         "report_id": each.report_id, "segments": len(each.segments)}
        for each in read_corrections(labels_folder(paths))
    ]  # fmt: skip


def _recording_of(paths: Paths, correction: Correction) -> KeptRecording | None:
    folder = recordings(paths)
    if correction.recording is not None:
        return recording_named(folder, correction.recording)
    return recording_at(folder, correction.station, _first(correction))  # the sound may have been added since


def _first(correction: Correction) -> datetime:
    return correction.zero_at + timedelta(seconds=min((each.start_s for each in correction.segments), default=0.0))


def _without(of: list[Segment], start: float, end: float) -> list[Segment]:
    """Segments with a time cut out of them."""
    parts = [replace(each, end_s=min(each.end_s, start)) for each in of]
    parts += [replace(each, start_s=max(each.start_s, end)) for each in of]
    return [each for each in parts if each.end_s - each.start_s >= _SHORTEST_S]
