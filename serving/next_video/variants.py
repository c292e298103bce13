"""What experiments' arms need besides their weights: rule sets of their own, and versions of the model (NV-M2).

They are loaded in the background for the experiments that run or soon will. An experiment of which any arm cannot be
served assigns nobody: a comparison in which one arm quietly got the usual thing would lie.
"""

import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.algorithms.experiments import Arm, Experiment
from core.algorithms.next_video.bundle import Bundle
from core.algorithms.next_video.rules import Rules, load_rules
from core.contracts.exports import REGISTERED_MODEL
from core.settings import Settings
from serving.catalogue_source import CatalogueSource
from serving.registry import ChampionSource, ServedModel

_log = logging.getLogger("mediathek")
_AHEAD = timedelta(minutes=10)
_REFRESHES_BEFORE_RETRY = 30


@dataclass(frozen=True)
class Variant:
    """What an arm replaces; None: what everybody gets."""

    rules: Rules | None = None
    catalogue: CatalogueSource | None = None
    """Built with the same rules."""
    model: ServedModel | None = None


USUAL = Variant()


@dataclass(frozen=True)
class _RuleSet:
    rules: Rules
    catalogue: CatalogueSource


class Variants:
    """Holds the rule sets and models that arms name."""

    def __init__(
        self,
        settings: Settings,
        experiments: Callable[[], Iterable[Experiment]],
        champions: ChampionSource,
        now: Callable[[], datetime],
        warm_up: Callable[[Bundle], None],
    ) -> None:
        self._settings = settings
        self._experiments = experiments
        self._champions = champions
        self._now = now
        self._warm_up = warm_up
        self._rule_sets: dict[str, _RuleSet] = {}
        self._models: dict[str, ServedModel] = {}
        self._failed: dict[str, int] = {}
        self._refreshing = threading.Lock()  # an older look must not replace a newer one

    def refresh(self) -> None:
        """Load what is missing, read catalogues again that have changed, let go of what no arm needs any more."""
        with self._refreshing:
            self._refresh()

    def _refresh(self) -> None:
        arms = [arm for each in self._experiments() if self._is_near(each) for arm in each.arms]
        files = {arm.rules for arm in arms if arm.rules is not None}
        versions = {arm.model for arm in arms if arm.model is not None}
        rule_sets = {file: found for file, found in self._rule_sets.items() if file in files}
        models = {version: found for version, found in self._models.items() if version in versions}
        for file in files - rule_sets.keys():
            self._try(f"rules {file}", lambda file=file: rule_sets.update({file: self._load_rules(file)}))  # type: ignore[misc]
        for version in versions - models.keys():
            self._try(f"model {version}", lambda version=version: models.update({version: self._load_model(version)}))  # type: ignore[misc]
        for rule_set in rule_sets.values():
            rule_set.catalogue.refresh()
        self._rule_sets, self._models = rule_sets, models

    def of(self, experiment: Experiment, arm: Arm) -> Variant | None:
        """What an arm gets, or None while any arm of its experiment cannot be served."""
        if not all(self._has(each) for each in experiment.arms):
            return None
        rule_set = self._rule_sets.get(arm.rules) if arm.rules is not None else None
        model = self._models.get(arm.model) if arm.model is not None else None
        if rule_set is not None:
            return Variant(rule_set.rules, rule_set.catalogue, model)
        return USUAL if model is None else Variant(model=model)

    def _has(self, arm: Arm) -> bool:
        if arm.model is not None and arm.model not in self._models:
            return False
        if arm.rules is None:
            return True
        rule_set = self._rule_sets.get(arm.rules)
        return rule_set is not None and rule_set.catalogue.catalogue is not None

    def _is_near(self, experiment: Experiment) -> bool:
        now = self._now()
        return experiment.is_running(now) or experiment.is_running(now + _AHEAD)

    def _load_rules(self, name: str) -> _RuleSet:
        file = self._settings.config / "next_video" / name
        rules = load_rules(file)
        return _RuleSet(rules, CatalogueSource(self._settings, rules, self._now, file))

    def _load_model(self, version: str) -> ServedModel:
        found = self._champions.version(version)
        if found is None:
            raise LookupError(f"{REGISTERED_MODEL} has no version {version}")
        bundle = Bundle.load(found.folder)
        bundle.warm_up()
        self._warm_up(bundle)
        return ServedModel(REGISTERED_MODEL, version, bundle)

    def _try(self, what: str, load: Callable[[], None]) -> None:
        """Load now and then until it works; the experiment waits meanwhile."""
        if self._failed.get(what, 0) > 0:
            self._failed[what] -= 1
            return
        try:
            load()
        except Exception as error:  # whatever a file holds: everybody else is served on
            self._failed[what] = _REFRESHES_BEFORE_RETRY
            _log.error("experiments: %s cannot be served: %s; its experiment assigns nobody until then", what, error)
            return
        self._failed.pop(what, None)
