"""### Find the households, link them, and infer what ads may use

**Does** Clusters the whole lake into households (HH-1, HH-2), links them by visits (HH-4), infers age group, gender
and income for ads with consent (HH-6, HH-9), and brings the features of both into the warehouse (HH-5).

**When** After every build (asset `marts`), and once a day, as windows and ages move on by themselves.

**Reads** `$MEDIATHEK_HOME/lake/`, `warehouse/exports/`, `config/households/`.
**Writes** `households/` (assignments, visits, leases, changes, links, inferences; a state for the live consumer in
`handover/`) and, through dbt, the warehouse.
**Then** the asset `households`.

**Normal oddities** The log says "runs and takes this over": the live consumer is the only one that publishes while it
runs; it takes the new state up within a second. `conclude` skipped: there is no warehouse yet. Waiting for the pool
`warehouse`: it has one slot.

**If it fails** `cluster`: its last line names the file that cannot be read; the households of the last run stay, and
live goes on. `conclude`: the log names the model or test of dbt. Nothing else waits for this before the morning. Killed
in the middle: retried; every artefact is replaced whole.
"""

from datetime import timedelta
from typing import Any

from airflow.sdk import AssetOrTimeSchedule, dag, task
from airflow.sdk.exceptions import AirflowSkipException

from dags.shared import assets, policy
from dags.shared.run_stage import run_stage


@dag(
    schedule=AssetOrTimeSchedule(timetable=policy.every("50 3 * * *", timedelta(days=1)), assets=[assets.MARTS]),
    **policy.arguments(__doc__, severity="low", subjects=("households",)),
)
def households() -> None:
    """Wire clustering and what follows from it."""

    @task
    def cluster() -> Any:
        from training.households.run import cluster as cluster_lake

        return run_stage(cluster_lake)

    @task(pool=policy.WAREHOUSE_POOL, outlets=[assets.HOUSEHOLDS])
    def conclude() -> Any:
        from core.settings import load
        from serving.ad_decision.counters_export import export_counters
        from training.households.conclusions import conclude as draw_conclusions

        if not load().paths.warehouse.exists():
            raise AirflowSkipException("no warehouse yet: build has not run")
        run_stage(export_counters)
        return run_stage(draw_conclusions)

    cluster() >> conclude()


households()
