"""What the DAG files share: assets, policy, the time of a run, the watch over the landing directory."""
