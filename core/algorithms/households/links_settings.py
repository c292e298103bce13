"""Settings of the links (HH-4): ``config/households/links.yaml``, read alike by the algorithm and the model card."""

from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.errors import UserError


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
    file = config / "households" / "links.yaml"
    try:
        return LinkParameters.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
    except OSError:
        raise UserError(f"links: {file} cannot be read") from None
    except yaml.YAMLError as error:
        raise UserError(f"links: {file} is no YAML: {' '.join(str(error).split())}") from None
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "links"
        raise UserError(f"links: {field}: {first['msg']} (in {file})") from None
