"""Plots of a run for MLflow: learning curves, and figures against baselines with their intervals."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from training.next_video.metrics import NAMES


def draw(folder: Path, about: Mapping[str, Mapping[str, Any]]) -> None:
    """Write ``curve_<model>.png`` and ``metrics_<model>.png`` for each model's manifest entry."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    folder.mkdir(parents=True, exist_ok=True)
    for name, entry in about.items():
        for kind, fill in (("curve", _curve), ("metrics", _metrics)):
            figure = Figure(figsize=(9, 4), layout="constrained")
            FigureCanvasAgg(figure)
            fill(figure, name, entry)
            figure.savefig(folder / f"{kind}_{name}.png", dpi=100)


def _curve(figure: Any, name: str, entry: Mapping[str, Any]) -> None:
    loss, validation = figure.subplots(1, 2)
    for axes, key, label in ((loss, "loss", "training loss"), (validation, "validation_ndcg", "validation NDCG@10")):
        values = entry["loss_curve"][key]
        axes.plot(range(1, len(values) + 1), values, marker="o")
        axes.axvline(entry["epochs"], linestyle=":", color="grey")
        axes.set(xlabel="epoch", title=f"{name}: {label}")


def _metrics(figure: Any, name: str, entry: Mapping[str, Any]) -> None:
    for axes, figure_name in zip(figure.subplots(1, len(NAMES)), NAMES, strict=True):
        contenders = list(entry["metrics"])
        values = [entry["metrics"][contender][figure_name] for contender in contenders]
        intervals = [entry["metrics"][contender].get(f"{figure_name}_interval") for contender in contenders]
        bounds = [pair or (value, value) for pair, value in zip(intervals, values, strict=True)]
        errors = [
            [max(value - low, 0) for value, (low, _) in zip(values, bounds, strict=True)],
            [max(high - value, 0) for value, (_, high) in zip(values, bounds, strict=True)],
        ]
        axes.barh(contenders, values, xerr=errors, color="#4a6fa5")
        axes.invert_yaxis()
        axes.set_title(f"{name}: {figure_name}", fontsize=8)
        axes.tick_params(labelsize=7)
