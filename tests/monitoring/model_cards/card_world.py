"""A small world for cards: exports, a bias report and a manifest by their contracts, with figures one can recognise."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from core.contracts import exports
from core.paths import Paths
from core.settings import Settings
from monitoring.bias.figures import BiasReport, Figure, Series
from monitoring.model_cards.champion import ChampionInfo
from monitoring.model_cards.inputs import Inputs, gather

AS_OF = datetime(2026, 5, 31, 12, tzinfo=UTC)
STEPS = (
    (1, "events", "LOG-1", 130_000, 0), (2, "views", "LOG-1", 120_000, 10_000),
    (3, "views with consent", "PRV-2", 108_000, 12_000), (4, "playbacks", "NV-T2", 52_345, 55_655),
    (5, "playbacks of known videos", "NV-C1", 52_000, 345), (6, "plays of at least the share", "NV-T2", 31_000, 21_000),
    (7, "plays inside the window", "NV-T1", 30_500, 500), (8, "training plays", "NV-T3", 28_800, 1_700),
)  # fmt: skip
_TEXTS = {
    "age_recommended_median_days": ("recency", "days", 6.5, 5.9, 7.2),
    "top_1_percent_share": ("popularity", "share", 0.184, 0.171, 0.198),
    "gini_impressions": ("popularity", "index", 0.713, 0.701, 0.725),
    "catalogue_coverage": ("exposure", "share", 0.4235, 0.41, 0.437),
}


def write_exports(paths: Paths) -> None:
    """7 videos in 2 series (one with doubtful numbers), 800 answers of which 60 hidden, 12,345.6 hours watched."""
    rows: dict[str, list[dict[str, Any]]] = {
        exports.DIM_CONTENT: [_content(number) for number in range(7)],
        exports.RPT_FUNNEL: [
            {"step_number": number, "step": step, "requirement": requirement, "device_class": device_class,
             "row_count": kept - 1000 if part else 1000, "dropped_count": dropped * part}
            for number, step, requirement, kept, dropped in STEPS
            for device_class, part in (("tv", 1), ("smartphone", 0))
        ],
        exports.RPT_DECISIONS: [
            _decisions("next-episode", None, 300), _decisions("regular", None, 440),
            _decisions("hidden", "NV-H2", 48), _decisions("hidden", "NV-H4", 12),
        ],
        exports.RPT_VIEWING_VOLUME: [
            {"day": AS_OF.date(), "device_class": "tv", "experiment": None, "arm": None, "unit_count": 9,
             "recommendation_count": 90, "watched_s": 12345.6 * 3600, "attributed_watched_s": 1234.5 * 3600}
        ],
    }  # fmt: skip
    paths.exports.mkdir(parents=True, exist_ok=True)
    for model, values in rows.items():
        pq.write_table(pa.Table.from_pylist(values), paths.export(model))


def _content(number: int) -> dict[str, Any]:
    series = {0: "s1", 1: "s1", 2: "s2", 3: "s2"}.get(number)
    return dict.fromkeys(exports.COLUMNS[exports.DIM_CONTENT]) | {
        "content_id": f"v{number}", "kind": "video", "series_id": series, "is_serial": series is not None,
        "has_doubtful_metadata": number == 3,
    }  # fmt: skip


def _decisions(case: str, reason: str | None, count: int) -> dict[str, Any]:
    return {
        "hour": AS_OF.replace(tzinfo=None), "device_class": "tv", "case": case, "reason": reason, "model_version": "7",
        "arm": "control", "decision_count": count, "p99_latency_ms": 3.25,
    }  # fmt: skip


def bias_report(**changes: tuple[float, float, float]) -> BiasReport:
    """Four figures with a plot each; ``changes``: key to (value, low, high)."""
    figures = []
    for key, (topic, unit, *band) in _TEXTS.items():
        value, low, high = changes.get(key, tuple(band))
        figures.append(
            Figure(
                key=key, topic=topic, requirement="NV-M1", value=value, low=low, high=high, unit=unit,
                label_de=f"{key} de", label_en=f"{key} en", text_de=f"Was {key} sagt.", text_en=f"What {key} says.",
            )
        )  # fmt: skip
    figures[0] = replace(figures[0], chart="lines", series=_ages(), x_label_de="Alter (Tage)", x_label_en="age (days)")
    figures[1] = replace(figures[1], chart="lines", series=_lorenz(), x_label_de="Videos", x_label_en="videos")
    figures[3] = replace(figures[3], chart="bars", series=_genres(), y_label_de="Anteil", y_label_en="share")
    return BiasReport(AS_OF, "7", "replay", 2000, 1840, {"NV-H4": 160}, tuple(figures))


def _ages() -> tuple[Series, ...]:
    days = tuple(float(day) for day in range(0, 91, 5))
    kinds = (("empfohlen", "recommended", 9), ("gesehen", "watched", 20), ("verfügbar", "available", 45))
    return tuple(Series(de, en, days, tuple(1 - 2 ** (-day / half) for day in days)) for de, en, half in kinds)


def _lorenz() -> tuple[Series, ...]:
    shares = tuple(step / 20 for step in range(21))
    shown = Series("Einblendungen", "impressions", shares, tuple(share**4 for share in shares))
    return shown, Series("Gleichverteilung", "even", shares, shares)


def _genres() -> tuple[Series, ...]:
    names = exports.GENRES_WITH_TASTE
    shown, stock = (0.2, 0.1, 0.02, 0.4, 0.1, 0.08, 0.06, 0.04), (0.15, 0.12, 0.1, 0.2, 0.13, 0.1, 0.1, 0.1)
    return Series("Bestand", "stock", names, stock), Series("Empfehlungen", "recommendations", names, shown)


def write_bias(paths: Paths, report: BiasReport) -> None:
    folder = paths.report("bias", report.as_of)
    folder.mkdir(parents=True)
    (folder / "report.json").write_text(report.to_json())


def manifest(settings: Settings) -> dict[str, Any]:
    """What training writes: models for TV and for all, three classes served by the latter."""
    return {
        "as_of": AS_OF.isoformat(),
        "window": {"days": settings.next_video.window_days},
        "settings": {"next_video": settings.next_video.model_dump()},
        "sources": [
            {"title": "Self-Attentive Sequential Recommendation", "authors": "W.-C. Kang, J. McAuley", "year": 2018,
             "where": "IEEE ICDM, arXiv:1808.09781"}
        ],
        "classes": {"tv": "tv", "smartphone": "all", "tablet": "all", "desktop": "all"},
        "models": {"tv": _model(1432, 20_100), "all": _model(1811, 28_800)},
    }  # fmt: skip


def _model(items: int, plays: int) -> dict[str, Any]:
    figures = {
        "sequence": (0.141, 0.266), "similarity": (0.118, 0.231), "combination": (0.152, 0.281),
        "popularity": (0.047, 0.101), "item_knn": (0.109, 0.212),
    }  # fmt: skip
    measured = {
        method: {
            "ndcg_at_10": ndcg, "ndcg_at_10_interval": [ndcg - 0.008, ndcg + 0.009], "recall_at_10": recall,
            "recall_at_10_interval": [recall - 0.01, recall + 0.011], "coverage_at_10": 0.6125, "users": 1500,
        }
        for method, (ndcg, recall) in figures.items()
    }  # fmt: skip
    curve = {
        "loss": [6.9, 6.1, 5.7, 5.45, 5.31, 5.25, 5.22],
        "validation_ndcg": [0.08, 0.11, 0.13, 0.14, 0.15, 0.15, 0.149],
    }
    return {
        "items": items, "parameters": 216_001, "rows": plays, "devices": 2150, "test_devices": 1500,
        "sequence": {"blocks": 2, "heads": 2}, "similarity": {}, "metrics": measured, "loss_curve": curve, "epochs": 5,
        "control_prices": _control_prices(),
    }  # fmt: skip


def _control_prices() -> dict[str, Any]:
    """Freshness costs most; what each buys doubles at full strength."""
    points = [
        {"control": control, "strength": strength, "ndcg_at_10": 0.152 - cost * strength, "change": -cost * strength,
         "change_interval": [-cost * strength - 0.002, -cost * strength + 0.002], "gain": without * (1 + strength)}
        for control, cost, without in (("diversity", 0.041, 3.2), ("freshness", 0.083, 0.31), ("long_tail", 0.024, 0.22))
        for strength in (0.0, 0.2, 0.5, 1.0)
    ]  # fmt: skip
    return {"users": 437, "half_life_days": 7.0, "most_played": 0.2, "points": points}


def full_inputs(settings: Settings) -> Inputs:
    """Everything there: exports and reports on disk, and a champion of version 7."""
    champion = ChampionInfo("7", "run7", Path("bundle"))
    return replace(gather(settings, AS_OF), champion=champion, manifest=manifest(settings))
