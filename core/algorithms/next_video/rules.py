"""The editorial rules as data: serving, evaluation and the model card read the same objects (MC-2)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from core.algorithms.next_video.ranking_controls import RankingControls
from core.errors import UserError

Language = Literal["de", "en"]

NUMBERS = (
    *("NV-1", "NV-2", "NV-C1", "NV-C2", "NV-R1", "NV-R2", "NV-R3", "NV-R4", "NV-P1"),
    *("NV-H1", "NV-H2", "NV-H3", "NV-H4", "NV-U1", "NV-U2", "NV-U3", "NV-U4"),
)
FILTER_NUMBERS = ("NV-C1", "NV-C2", "NV-R1", "NV-R2", "NV-R3", "NV-R4", "NV-P1")
"""The rules of case 2 that drop candidates, in the order in which they are applied."""

SWITCHABLE = frozenset({"NV-1", "NV-C2", "NV-R1", "NV-R2", "NV-R3", "NV-R4", "NV-P1", "NV-H2"})
_PARAMETERS: dict[str, tuple[str, type]] = {
    "NV-C2": ("collections", list),
    "NV-R1": ("audiences", list),
    "NV-R2": ("genres", list),
    "NV-R4": ("year_seasons_from", int),
    "NV-H2": ("paths", list),
}


class Text(BaseModel):
    """The same sentence in both languages of the platform."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    de: str = Field(min_length=1)
    en: str = Field(min_length=1)


class Rule(BaseModel):
    """One numbered rule: whether it is on, what it works with, what it says of itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    enabled: bool = True
    parameters: dict[str, int | list[str]] = Field(default_factory=dict)
    title: Text
    text: Text


@dataclass(frozen=True)
class RuleText:
    """A rule as the card and the explanations print it, parameters and thresholds filled in."""

    number: str
    title: str
    text: str
    is_on: bool
    parameters: Mapping[str, int | list[str]]


class Rules(BaseModel):
    """All rules of Next-Video, validated once (``config/next_video/rules.yaml``)."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    version: int
    rules: dict[str, Rule]
    ranking: RankingControls = Field(default_factory=RankingControls)

    @model_validator(mode="after")
    def _complete(self) -> "Rules":
        missing = [number for number in NUMBERS if number not in self.rules]
        unknown = sorted(set(self.rules) - set(NUMBERS))
        if missing or unknown:
            raise ValueError(f"rules missing: {missing}, unknown: {unknown}")
        for number, rule in self.rules.items():
            if not rule.enabled and number not in SWITCHABLE:
                raise ValueError(f"{number} cannot be switched off")
            name, kind = _PARAMETERS.get(number, ("", object))
            if set(rule.parameters) != ({name} - {""}):
                raise ValueError(f"{number} takes {name or 'no'} parameter, not {sorted(rule.parameters)}")
            if name and not isinstance(rule.parameters[name], kind):
                raise ValueError(f"{number}: {name} must be a {kind.__name__}")
        return self

    def is_on(self, number: str) -> bool:
        return self.rules[number].enabled

    @cached_property
    def excluded_collections(self) -> frozenset[str]:
        """NV-C2; empty where the rule is off."""
        return self._names("NV-C2", "collections")

    @cached_property
    def kids_audiences(self) -> frozenset[str]:
        """NV-R1; empty where the rule is off."""
        return self._names("NV-R1", "audiences")

    @cached_property
    def documentary_genres(self) -> frozenset[str]:
        """NV-R2; empty where the rule is off."""
        return self._names("NV-R2", "genres")

    @cached_property
    def hidden_paths(self) -> frozenset[str]:
        """NV-H2; empty where the rule is off."""
        return self._names("NV-H2", "paths")

    @cached_property
    def year_seasons_from(self) -> int:
        """NV-R4: a season number from here on is a year."""
        value = self.rules["NV-R4"].parameters["year_seasons_from"]
        assert isinstance(value, int)
        return value

    def is_hidden_path(self, path: str) -> bool:
        """NV-H2: the path itself and all below it."""
        return any(path == hidden or path.startswith(hidden.rstrip("/") + "/") for hidden in self.hidden_paths)

    def describe(self, language: Language, thresholds: Mapping[str, Any]) -> list[RuleText]:
        """Every rule as a text, in reading order.

        Args:
            language: ``de`` or ``en``.
            thresholds: what texts name besides their own parameters, i.e. ``view_min_seconds`` (NV-U1) in seconds;
                ``settings.next_video.model_dump()`` has it.
        """
        return [self.text_of(number, language, thresholds) for number in NUMBERS]

    def text_of(self, number: str, language: Language, thresholds: Mapping[str, Any]) -> RuleText:
        rule = self.rules[number]
        values = {name: _written(value) for name, value in {**thresholds, **rule.parameters}.items()}
        text: str = getattr(rule.text, language)
        return RuleText(number, getattr(rule.title, language), text.format(**values), rule.enabled, rule.parameters)

    def _names(self, number: str, parameter: str) -> frozenset[str]:
        rule = self.rules[number]
        value = rule.parameters[parameter]
        return frozenset(value) if rule.enabled and isinstance(value, list) else frozenset()


def _written(value: Any) -> str:
    """A list with commas, a number without a needless decimal point."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(str(part) for part in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def load_rules(path: Path) -> Rules:
    """Read and validate the rules file.

    Raises:
        UserError: the file cannot be read or a rule is missing, unknown or of the wrong form.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError:
        raise UserError(f"rules: {path} cannot be read; restore it or set MEDIATHEK_CONFIG") from None
    return parse_rules(text, str(path))


def parse_rules(text: str, name: str) -> Rules:
    """Validate the text of a rules file; ``name`` is what messages call it.

    Raises:
        UserError: it is no YAML, or a rule is missing, unknown or of the wrong form.
    """
    try:
        values = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise UserError(f"rules: {name} is no YAML: {error}") from None
    try:
        return Rules.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "rules"
        remedy = "; remove it or correct its spelling" if first["type"] == "extra_forbidden" else ""
        raise UserError(f"rules: {key}: {first['msg'].removeprefix('Value error, ')}{remedy} (in {name})") from None
