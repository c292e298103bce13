"""What the champion recommends, measured for its biases (NV-M1)."""

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.settings import Settings
    from monitoring.bias.figures import BiasReport


def run(settings: "Settings", as_of: datetime) -> "BiasReport":
    """Replay real requests through the champion, measure, and write the report; see ``measure``."""
    from monitoring.bias.measure import measure

    return measure(settings, as_of)
