"""### Keep the retention windows

**Does** Drops what is older than the windows in `config/settings.toml` (PRV-4): events, quarantine, decisions and the
snapshots they were made from, reports, retired model versions, cards. The card states the same windows, read from the
same settings.

**When** Once a day, at night.

**Reads** the dates of partitions. **Writes** nothing but deletions in `$MEDIATHEK_HOME/lake/`, `reports/`, `mlflow/`,
`cards/`, `decision_log/`, `snapshots/`.

**Normal oddities** Nothing dropped for the first weeks: nothing is old enough. The marts follow at the next build.

**If it fails** Clear the task: dropping twice drops once. If it fails for days, retention is not kept, a promise
on the card: tell the data protection officer when more than a week passes.
"""

from datetime import timedelta
from typing import Any

from airflow.sdk import dag, task

from dags.shared import policy
from dags.shared.run_stage import in_turn, run_stage


@dag(
    schedule=policy.every("45 1 * * *", timedelta(days=1)),
    **policy.arguments(__doc__, severity="medium", subjects=("privacy", "data")),
)
def housekeeping() -> None:
    """Wire the owners of what expires: the lake, the models, the reports, the snapshots."""

    @task
    def drop_expired_data() -> Any:
        from ingestion.retention import drop_expired

        return run_stage(in_turn(drop_expired))

    @task
    def drop_retired_models() -> Any:
        from training.retention import drop_expired

        return run_stage(drop_expired)

    @task
    def drop_expired_reports() -> Any:
        from monitoring.retention import drop_expired

        return run_stage(drop_expired)

    @task
    def drop_expired_snapshots() -> Any:
        from serving.next_video.snapshots import drop_expired

        return run_stage(drop_expired)

    drop_expired_data() >> drop_retired_models() >> drop_expired_reports() >> drop_expired_snapshots()


housekeeping()
