"""The warehouse: dbt over DuckDB, in a process of its own. It alone writes the DuckDB file; others read its exports."""

from core.warehouse.builder import Builder
from core.warehouse.documentation import docs
from core.warehouse.household_models import HouseholdFeatures, build_household_features
from core.warehouse.runs import BuildReport, build, rebuild

__all__ = ["BuildReport", "Builder", "HouseholdFeatures", "build", "build_household_features", "docs", "rebuild"]
