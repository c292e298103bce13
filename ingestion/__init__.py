"""Stage 1: how data comes in: logs, catalogue and campaigns become validated, pseudonymised Parquet."""
