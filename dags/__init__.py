"""Airflow wiring only: one file a workflow, joined by one registry of assets."""
