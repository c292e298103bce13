"""Every hyper-parameter, set by hand (NV-T6: nothing here is ever tuned automatically). Logged with each run."""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class SequenceConfig:
    """The self-attentive sequence model and how it learns."""

    width: int = 64
    """d: width of embeddings and blocks."""
    block_count: int = 2
    """Self-attention blocks, pre-norm."""
    head_count: int = 2
    """Attention heads a block."""
    max_length: int = 50
    """Newest plays that the model reads."""
    dropout: float = 0.2
    """Share of activations dropped while learning."""
    batch_rows: int = 16
    """Packed rows of ``max_length`` plays a step: small batches matter more than width."""
    learning_rate: float = 2e-3
    """Adam's step."""
    schedule: Literal["constant", "cosine"] = "constant"
    """How the step size goes: the same all the time, or down to nothing by half a cosine (Loshchilov and Hutter, ICLR
    2017) over all epochs or over the time given, whichever ends first."""
    warmup_steps: int = 200
    """Steps over which the step size of ``cosine`` first grows."""
    max_epochs: int = 30
    """Passes over the plays at most."""
    min_steps: int = 100
    """Steps of an epoch at least: few plays are passed over several times before the model is judged."""
    patience: int = 3
    """Epochs without a better validation NDCG@10 before the learning stops."""
    borrowed_rate: float = 0.25
    """Share of the step size with which a device class goes on from the model of all classes."""
    refit_epochs: int = 1
    """Epochs over all plays, validation and test included, after the evaluation: the model that serves."""
    full_softmax_items: int = 8000
    """Up to so many items the whole softmax is the loss; above it, a sampled one."""
    negatives: int = 1024
    """Uniform negatives, shared by a step, of the sampled softmax."""
    validation_users: int = 2000
    """Devices at most that an epoch is judged by."""


@dataclass(frozen=True)
class SimilarityConfig:
    """The similarity half: implicit's factors and neighbours."""

    factors: int = 64
    """Width of the factors (alternating least squares)."""
    iterations: int = 12
    """Alternations."""
    regularization: float = 0.05
    """Of the factors' length."""
    alpha: float = 10.0
    """Confidence in a play against a missing one (Hu, Koren and Volinsky 2008)."""
    neighbour_count: int = 100
    """Neighbours kept for an item."""
    bm25_k1: float = 1.2
    """BM25's saturation of a device's repeated plays."""
    bm25_b: float = 0.75
    """BM25's discount of devices that play much."""
    neighbours: float = 0.8
    """Share of the neighbours against the factors in a score."""
    popularity: float = 0.1
    """Weight of the scaled logarithm of popularity in a score."""
    history: float = 0.7
    """Weight of the newest entry of a history; the current video has 1."""
    decay: float = 0.85
    """Each older entry weighs this much of the next newer one."""
    history_length: int = 20
    """Newest entries of a history that count."""


@dataclass(frozen=True)
class TrainingConfig:
    """One training run of all device classes."""

    sequence: SequenceConfig = field(default_factory=SequenceConfig)
    similarity: SimilarityConfig = field(default_factory=SimilarityConfig)
    seed: int = 20240501
    """All random streams derive from it."""
    min_class_plays: int = 2000
    """A device class with fewer plays is served by the model of all classes (NV-T1)."""
    test_hours: int = 24
    """The end of the window that the figures come from; never more than ``max_span_share`` of the plays."""
    validation_hours: int = 24
    """What lies before it and decides when the learning stops; bounded in the same way."""
    max_span_share: float = 0.2
    """Share of the plays that validation and test may take each: short histories still have something to learn from."""
    max_test_users: int = 2000
    """Devices at most, drawn at random, that a class's figures come from."""
    knn_neighbours: int = 100
    """Neighbours of the item-kNN baseline."""
    bootstrap_samples: int = 1000
    """Resamples of the devices behind each 95 % interval."""
    threads: int = 2
    """Threads of TensorFlow and implicit."""

    def as_dict(self) -> dict[str, Any]:
        """All fields, for MLflow and the manifest."""
        return asdict(self)
