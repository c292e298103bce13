"""A detector is served if it is right often enough, and not surely worse than what is served, on the same stations."""

from typing import Any

import pytest

from training.ad_detection.gates import quality_gates


def report(shares: list[float], ad_f1: float = 0.8) -> dict[str, Any]:
    stations = {f"station-{place:03d}.mp3": share for place, share in enumerate(shares)}
    return {"frame_accuracy": sum(shares) / len(shares), "f1": {"ad": ad_f1}, "stations": stations}


def failed(mine: dict[str, Any], champion: dict[str, Any] | None) -> list[str]:
    return [gate.name for gate in quality_gates(mine, champion) if not gate.is_passed]


@pytest.mark.parametrize(
    ("mine", "champion", "expected"),
    [
        (report([0.9, 0.8, 0.95]), None, []),
        (report([0.5, 0.4, 0.55]), None, ["right"]),
        (report([0.9, 0.8, 0.95], ad_f1=0.1), None, ["ads"]),
        (report([0.9, 0.8, 0.95]), report([0.8, 0.7, 0.9]), []),
        (report([0.8, 0.7, 0.9]), report([0.9, 0.8, 0.95]), ["champion"]),
        (report([0.8, 0.9, 0.85]), report([0.9, 0.8, 0.86]), []),
    ],
    ids=["first", "guessing", "no ads found", "better", "worse on every station", "now better, now worse"],
)
def test_gates(mine: dict[str, Any], champion: dict[str, Any] | None, expected: list[str]) -> None:
    assert failed(mine, champion) == expected


def test_a_corpus_without_any_ad_cannot_show_that_ads_are_found() -> None:
    silent = report([0.9, 0.9])
    silent["f1"]["ad"] = None
    assert failed(silent, None) == ["ads"]
