"""A measure's result before it gets its words."""

from dataclasses import dataclass, field

from monitoring.bias.figures import Chart, Series
from monitoring.bias.resampling import Estimate


@dataclass(frozen=True)
class Measured:
    """One figure; ``named`` fills the gaps in its text (``{genre}``)."""

    key: str
    estimate: Estimate
    chart: Chart | None = None
    series: tuple[Series, ...] = ()
    named: dict[str, str] = field(default_factory=dict)
