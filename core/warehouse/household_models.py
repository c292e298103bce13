"""Household features in the warehouse, brought up to date after a clustering (HH-6, HH-9).

Clustering reads what a build made, so its features come after that build: a second, small run of dbt over these models.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from core.contracts import exports
from core.errors import StageError
from core.logs import progress
from core.settings import Settings
from core.warehouse import state
from core.warehouse.ad_inputs import lay_out_ads
from core.warehouse.builder import Builder, run_dbt
from core.warehouse.exporting import export
from core.warehouse.inputs import lay_out_households, lay_out_run
from core.warehouse.lock import exclusive
from core.warehouse.project import input_folder
from core.warehouse.selection import household_arguments

MODELS = [
    exports.FEAT_HOUSEHOLD_DEVICE,
    exports.FEAT_HOUSEHOLD,
    exports.RPT_AD_HOUSEHOLD_DAYS,
    exports.RPT_AD_BREACHES,
    exports.RPT_AD_DIFFERENCES,
]


@dataclass(frozen=True)
class HouseholdFeatures:
    """Rows exported; none where nothing was clustered yet."""

    devices: int
    households: int


def build_household_features(settings: Settings, as_of: datetime, builder: Builder | None = None) -> HouseholdFeatures:
    """Build and export the household features from the artefacts as they are now.

    ``builder`` is a dbt that was started ahead (it is used up). Without artefacts nothing is run: the last build left
    the features empty.

    Raises:
        StageError: the warehouse was not built yet, a model or a test failed, or another build is running.
    """
    paths = settings.paths
    if not paths.household_assignments.exists():
        progress("households: nothing was clustered yet, so they have no features")
        return HouseholdFeatures(0, 0)
    with exclusive(paths) as lock:
        known = state.read(paths)
        if known is None or not paths.warehouse.exists():
            raise StageError("warehouse: household features need a warehouse; build it first")
        folder = input_folder(paths)
        lay_out_households(paths, folder)
        lay_out_ads(settings, folder)
        lay_out_run(folder, as_of.astimezone(UTC), known.build_id)
        arguments = ["build", *household_arguments()]
        if builder is None:
            run_dbt(settings, arguments, lock)
        else:
            with builder as dbt:
                dbt.run(arguments, lock)
        rows = export(paths, MODELS)
        size = max(paths.warehouse.stat().st_size, 1)
        state.write(paths, replace(known, rows={**known.rows, **rows}, database_bytes=size))
    return HouseholdFeatures(rows[exports.FEAT_HOUSEHOLD_DEVICE], rows[exports.FEAT_HOUSEHOLD])
