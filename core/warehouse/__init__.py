"""The warehouse: dbt over DuckDB, run as a process of its own. It alone writes the DuckDB file; all others read its exports."""

from core.warehouse.documentation import docs
from core.warehouse.runs import BuildReport, build, rebuild

__all__ = ["BuildReport", "build", "docs", "rebuild"]
