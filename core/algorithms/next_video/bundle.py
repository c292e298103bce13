"""The bundle: a trained model as arrays and JSON, readable without TensorFlow and without unpickling anything.

``manifest.json`` beside one folder a trained model (``tv/``, ..., ``all/``) with ``vocabulary.json`` and ``*.npy``.
A device class with too few plays for a model of its own is served by ``all`` (NV-T1; the manifest says which).
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from core.algorithms.next_video.arrays import FloatArray
from core.algorithms.next_video.sequence_scorer import SequenceScorer, array_names
from core.algorithms.next_video.similarity_scorer import (
    ARRAY_NAMES,
    SimilarityScorer,
    SimilarityWeights,
    scaled_log,
)

FORMAT_VERSION = 1


class BundleError(Exception):
    """The folder holds no bundle that this code can serve; one readable line."""


@dataclass(frozen=True)
class ClassModel:
    """One trained model: what it knows and its two halves (NV-T4)."""

    name: str
    """Folder in the bundle: a device class, or ``all``."""
    vocabulary: tuple[str, ...]
    popularity: FloatArray
    """Plays in the training window (n,)."""
    sequence: SequenceScorer
    similarity: SimilarityScorer

    @cached_property
    def row_of(self) -> dict[str, int]:
        return {content_id: row for row, content_id in enumerate(self.vocabulary)}

    @cached_property
    def popularity_place(self) -> FloatArray:
        """(n) 0 for the video played most, near 1 for the one played least; of equals the first goes first."""
        places = np.empty(len(self.popularity), dtype=np.float32)
        places[np.argsort(-self.popularity, kind="stable")] = np.arange(len(places), dtype=np.float32)
        return places / np.float32(max(len(places), 1))

    def sequence_scores(self, history_rows: Sequence[int]) -> FloatArray:
        """Logits (n,) of what follows the rows (oldest first, not empty); prepared by ``sequences.model_input``."""
        return self.sequence.scores(history_rows)

    def similarity_scores(self, current_row: int | None, history_rows: Sequence[int]) -> FloatArray:
        """Scores (n,) by similarity; the order of popularity where neither the current nor a history is known."""
        return self.similarity.scores(current_row, history_rows)


@dataclass(frozen=True)
class Bundle:
    """All models of one training run and its manifest."""

    manifest: Mapping[str, Any]
    models: Mapping[str, ClassModel]

    @staticmethod
    def load(folder: Path) -> "Bundle":
        """Read a bundle and check that its parts fit together.

        Raises:
            BundleError: a file is missing or damaged, the format is another one, or shapes disagree.
        """
        try:
            manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
            if manifest["format_version"] != FORMAT_VERSION:
                raise BundleError(f"{folder}: format {manifest['format_version']}, this code reads {FORMAT_VERSION}")
            models = {name: _load_model(folder / name, name, of) for name, of in manifest["models"].items()}
            if missing := set(manifest["classes"].values()) - set(models):
                raise BundleError(f"{folder}: the manifest serves {sorted(missing)}, which the bundle does not hold")
        except (OSError, ValueError, KeyError, TypeError, AttributeError, EOFError) as error:
            raise BundleError(f"{folder}: no bundle that can be served: {type(error).__name__}: {error}") from error
        return Bundle(manifest, models)

    def for_class(self, device_class: str) -> ClassModel:
        """The model that serves a device class (NV-T1).

        Raises:
            KeyError: the bundle serves no such class.
        """
        return self.models[self.manifest["classes"][device_class]]

    def warm_up(self) -> None:
        """Touch every array once, so that the first request does not pay for it."""
        for model in self.models.values():
            model.row_of  # noqa: B018
            if model.vocabulary:
                model.sequence_scores([0])
                model.similarity_scores(0, [0])


def write_bundle(
    folder: Path,
    models: Iterable[ClassModel],
    classes: Mapping[str, str],
    details: Mapping[str, Any] | None = None,
    about: Mapping[str, Mapping[str, Any]] | None = None,
) -> None:
    """Write a bundle into ``folder`` (made if missing); the manifest comes last, so a torn bundle never loads.

    Args:
        folder: where to; existing files of the same names are overwritten.
        models: the trained models.
        classes: which model serves which device class, e.g. ``{"tv": "tv", "tablet": "all"}``.
        details: more for the manifest: ``created_at``, ``as_of``, ``window``, ``settings``, ...
        about: more for each model's entry: ``rows``, ``devices``, ``metrics``, ``loss_curve``, ...
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.json").unlink(missing_ok=True)
    entries: dict[str, Any] = {}
    for model in models:
        arrays = _arrays(model)
        target = folder / model.name
        target.mkdir(exist_ok=True)
        for name, values in arrays.items():
            np.save(target / f"{name}.npy", values, allow_pickle=False)
        (target / "vocabulary.json").write_text(json.dumps(model.vocabulary, ensure_ascii=False), encoding="utf-8")
        entries[model.name] = {
            **(about or {}).get(model.name, {}),
            "items": len(model.vocabulary),
            "parameters": int(sum(values.size for values in arrays.values())),
            "sequence": {"blocks": model.sequence.block_count, "heads": model.sequence.head_count},
            "similarity": asdict(model.similarity.weights),
        }
    manifest = {"format_version": FORMAT_VERSION, **(details or {}), "classes": dict(classes), "models": entries}
    text = json.dumps(manifest, ensure_ascii=False, indent=1)
    (folder / "manifest.json").write_text(text + "\n", encoding="utf-8")


def size_bytes(folder: Path) -> int:
    """Bytes of all files of a bundle."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def _arrays(model: ClassModel) -> dict[str, Any]:
    similarity = {name: getattr(model.similarity, name) for name in ARRAY_NAMES}
    return {"popularity": model.popularity, **similarity, **model.sequence.arrays}


def _load_model(folder: Path, name: str, entry: Mapping[str, Any]) -> ClassModel:
    vocabulary = tuple(json.loads((folder / "vocabulary.json").read_text(encoding="utf-8")))
    blocks, heads = entry["sequence"]["blocks"], entry["sequence"]["heads"]
    sequence = SequenceScorer({array: _array(folder, array) for array in array_names(blocks)}, blocks, heads)
    popularity = _array(folder, "popularity")
    similarity = SimilarityScorer(
        **{array: _array(folder, array) for array in ARRAY_NAMES},
        log_popularity=scaled_log(popularity),
        weights=SimilarityWeights(**entry["similarity"]),
    )
    count = len(vocabulary)
    lengths = {
        "vocabulary": len(set(vocabulary)),
        "popularity": len(popularity),
        "items": len(sequence.arrays["items"]),
        "item_bias": len(sequence.arrays["item_bias"]),
        "factors": len(similarity.factors),
        "neighbour_starts": len(similarity.neighbour_starts) - 1,
    }
    if wrong := {part: length for part, length in lengths.items() if length != count}:
        raise BundleError(f"{folder}: {count} items, but {wrong}")
    return ClassModel(name, vocabulary, popularity, sequence, similarity)


def _array(folder: Path, name: str) -> Any:
    values = np.load(folder / f"{name}.npy", allow_pickle=False)
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        raise BundleError(f"{folder}/{name}.npy: holds values that are no finite numbers")
    return values
