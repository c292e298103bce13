"""### Build the warehouse: door -> dbt -> marts

**Does** Checks what came in (Great Expectations, the door's suites), lets dbt build staging, marts, features and
reports, checks those, and exports them as Parquet for everybody else (OPS-1, NV-T2, NV-T3, NV-U1).

**When** After every ingest that brought something (asset `lake`), and once a day, as windows move on by themselves.

**Reads** `$MEDIATHEK_HOME/lake/`. **Writes** `warehouse/` (dbt's documentation too) and `reports/quality/`.
**Then** the asset `marts`; and `next_video_retrain`, if there is no champion yet: the first model is trained at once.

**Normal oddities** `ask_for_first_model` skipped: there is a champion. Waiting for the pool `warehouse`: it has one
slot, as one process may write the DuckDB file. A backfilled day leaves the marts as of that day: the next run, or
`mediathek airflow dags trigger build`, brings them back to the present.

**If it fails** `check_door` / `check_marts`: a suite failed; the log names the report with the expectation, the number
of rows and ten examples. What comes after has not run and yesterday's model serves. `run_dbt`: the log names the
model or test. The DuckDB file damaged (disk full, kill): `mediathek rebuild` makes it anew from the lake.
"""

from datetime import timedelta
from typing import Any

from airflow.sdk import AssetOrTimeSchedule, dag, task
from airflow.sdk.exceptions import AirflowSkipException

from dags.shared import assets, policy
from dags.shared.run_stage import run_stage


@dag(
    schedule=AssetOrTimeSchedule(timetable=policy.every("20 3 * * *", timedelta(days=1)), assets=[assets.LAKE]),
    **policy.arguments(__doc__, severity="high", subjects=("data",)),
)
def build() -> None:
    """Wire the checks around dbt."""

    @task
    def check_door() -> Any:
        from monitoring.quality.door import check

        return run_stage(check)

    @task(pool=policy.WAREHOUSE_POOL)
    def run_dbt() -> Any:
        from core.warehouse import build as build_warehouse

        return run_stage(build_warehouse)

    @task(outlets=[assets.MARTS])
    def check_marts() -> Any:
        from monitoring.quality.marts import check

        return run_stage(check)

    @task(outlets=[assets.RETRAIN])
    def ask_for_first_model() -> None:
        from training.runs import champion_version

        if run_stage(lambda settings, as_of: champion_version(settings)) is not None:
            raise AirflowSkipException("there is a champion")

    @task(pool=policy.WAREHOUSE_POOL)
    def write_docs() -> Any:
        from core.warehouse import docs

        return run_stage(lambda settings, as_of: docs(settings))

    checked = check_marts()
    check_door() >> run_dbt() >> checked >> ask_for_first_model()
    checked >> write_docs()


build()
