"""Which models a build has to run: all of them, or those that new files and the moved window reach."""

from dataclasses import dataclass

from core.contracts import exports

_WINDOW = [exports.FEAT_CONTENT_COUNTS, exports.FEAT_TRAINING_PLAYS]
_VIEWS = {exports.RPT_FUNNEL, exports.RPT_DECISIONS, exports.RPT_FRESHNESS, exports.RPT_AD_TRAFFIC}
_OF_THE_CATALOGUE = ["int_content_tracked", "dim_content"]
_OF_DECISIONS = ["int_decisions_counted"]
_OF_HOUSEHOLDS = ["tag:households"]  # of a clustering that comes after the build: core.warehouse.household_models


@dataclass(frozen=True)
class News:
    """What is new in the lake since the last build."""

    has_events: bool
    has_decisions: bool
    has_catalogue: bool


def arguments(news: News | None) -> list[str]:
    """Arguments for ``dbt build``; None stands for a full build. Views stay: what they read is new anyway."""
    unit_tests_are_for_ci = ["--exclude-resource-type", "unit_test"]
    if news is None:
        return unit_tests_are_for_ci
    if not news.has_events and not news.has_catalogue:
        selected = [*_WINDOW, *(_OF_DECISIONS if news.has_decisions else [])]
        return [*unit_tests_are_for_ci, "--select", *selected]
    unneeded = ["config.materialized:view", *_OF_HOUSEHOLDS]
    if not news.has_catalogue:
        unneeded += _OF_THE_CATALOGUE
    if not news.has_decisions:
        unneeded += _OF_DECISIONS
    return [*unit_tests_are_for_ci, "--exclude", *unneeded]


def household_arguments() -> list[str]:
    """Arguments for ``dbt build`` after a clustering: its models and their tests alone."""
    return ["--exclude-resource-type", "unit_test", "--select", *_OF_HOUSEHOLDS]


def exports_touched(models_run: set[str]) -> list[str]:
    """Exports whose rows may have changed."""
    return [model for model in exports.COLUMNS if model in models_run | _VIEWS]
