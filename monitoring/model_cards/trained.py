"""What the champion's bundle says of itself: the manifest that training writes, as the card needs it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.errors import StageError

COMBINATION = "combination"
POPULARITY = "popularity"
ITEM_KNN = "item_knn"
METRICS = ("ndcg_at_10", "recall_at_10", "mrr", "coverage_at_10")


@dataclass(frozen=True)
class Measure:
    """One figure with its 95 % interval, where it has one."""

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class PricePoint:
    """One editors' control alone at one strength: ranking quality, its change against none, and what it buys."""

    control: str
    strength: float
    ndcg: float
    change: float
    low: float
    high: float
    gain: float


@dataclass(frozen=True)
class ControlPrices:
    """What editors' controls cost the model (``training.next_video.control_prices``)."""

    users: int
    half_life_days: float
    most_played: float
    points: tuple[PricePoint, ...]

    def of(self, control: str) -> list[PricePoint]:
        """Points of one control, by strength; the first is without it."""
        return [point for point in self.points if point.control == control]


@dataclass(frozen=True)
class TrainedModel:
    """One model of the bundle: a device class's, or `all`."""

    name: str
    items: int
    parameters: int
    blocks: int
    plays: int | None
    devices: int | None
    test_devices: int
    measures: Mapping[str, Mapping[str, Measure]]
    """By method (the model and each baseline), then by metric."""
    loss: tuple[float, ...]
    validation: tuple[float, ...]
    control_prices: ControlPrices | None = None
    """None where it was trained before they were measured."""


@dataclass(frozen=True)
class Trained:
    """The bundle as a whole."""

    trained_at: datetime
    window: Mapping[str, Any]
    classes: Mapping[str, str]
    models: tuple[TrainedModel, ...]
    sources: tuple[Mapping[str, Any], ...]
    settings: Mapping[str, Any]
    """Thresholds of `settings.next_video` at the training."""

    @property
    def items(self) -> int:
        return max(model.items for model in self.models)

    @property
    def parameters(self) -> int:
        return sum(model.parameters for model in self.models)

    @property
    def main(self) -> TrainedModel:
        """The model of all devices where there is one, else the one that learned from most videos."""
        by_name = {model.name: model for model in self.models}
        return by_name.get("all") or max(self.models, key=lambda model: model.items)


def read_manifest(manifest: Mapping[str, Any]) -> Trained:
    """Read a bundle's manifest.

    Raises:
        StageError: it lacks what the card must say.
    """
    try:
        return Trained(
            trained_at=datetime.fromisoformat(str(manifest["as_of"]).replace("Z", "+00:00")),
            window=dict(manifest["window"]),
            classes=dict(manifest["classes"]),
            models=tuple(_model(name, entry) for name, entry in manifest["models"].items()),
            sources=tuple(manifest["sources"]),
            settings=dict(manifest["settings"]["next_video"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise StageError(
            f"model card: the champion's manifest lacks {error}; train and promote a model of this version"
        ) from None


def _model(name: str, entry: Mapping[str, Any]) -> TrainedModel:
    curve = entry.get("loss_curve") or {}
    return TrainedModel(
        name=name,
        items=entry["items"],
        parameters=entry["parameters"],
        blocks=entry["sequence"]["blocks"],
        plays=entry.get("rows"),
        devices=entry.get("devices"),
        test_devices=entry["test_devices"],
        measures={method: _measures(figures) for method, figures in (entry.get("metrics") or {}).items()},
        loss=tuple(curve.get("loss", ())),
        validation=tuple(curve.get("validation_ndcg", ())),
        control_prices=_prices(entry.get("control_prices")),
    )


def _prices(found: Mapping[str, Any] | None) -> ControlPrices | None:
    if not found:
        return None
    points = []
    for each in found["points"]:
        low, high = each["change_interval"]
        control, strength, ndcg = each["control"], each["strength"], each["ndcg_at_10"]
        points.append(PricePoint(control, strength, ndcg, each["change"], low, high, each["gain"]))
    return ControlPrices(found["users"], found["half_life_days"], found["most_played"], tuple(points))


def _measures(figures: Mapping[str, Any]) -> dict[str, Measure]:
    return {
        name: Measure(figures[name], *(figures.get(f"{name}_interval") or (None, None)))
        for name in METRICS
        if figures.get(name) is not None
    }
