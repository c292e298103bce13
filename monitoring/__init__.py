"""Stage 5: data quality, drift, bias, experiments, alerts and model cards."""
