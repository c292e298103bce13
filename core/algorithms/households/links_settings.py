"""Settings of the links (HH-4): ``config/households/links.yaml``, read alike by the algorithm and the model card."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from core.settings_file import read_settings


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StrengthPriors(_Strict):
    """What is believed before any visit was seen; what is estimated counts like ``weight`` observations of its kind."""

    links_per_household: float = Field(default=1.0, gt=0)
    visits_per_day: float = Field(default=0.1, gt=0)
    """Of a linked pair."""
    mistaken_share: float = Field(default=0.05, gt=0, lt=1)
    """Share of visits that were none."""
    commuter_share: float = Field(default=0.05, gt=0, lt=1)
    """Share of pairs of which the visitor works at the other's."""
    wrong_home_share: float = Field(default=0.1, gt=0, lt=1)
    """Share of devices seen elsewhere again and again that live there: their home is told wrongly."""
    weight: float = Field(default=5.0, gt=0)


class LinkParameters(_Strict):
    """What makes a link; defaults are those of the file."""

    half_life_days: float = Field(default=45.0, gt=0)
    window_days: int = Field(default=90, gt=0)
    """Older visits are forgotten."""
    min_visit_days: int = Field(default=2, ge=2)
    min_weight: float = Field(default=0.5, ge=0, le=1)
    most_by_content: float = Field(default=5.0, ge=1)
    """Shared content multiplies the odds by no more than this."""
    priors: StrengthPriors = StrengthPriors()


def load_link_parameters(config: Path) -> LinkParameters:
    """Read ``households/links.yaml`` below a configuration folder (``settings.config``).

    Raises:
        UserError: what is wrong in which field.
    """
    return read_settings(LinkParameters, config / "households" / "links.yaml", "links", "links")
