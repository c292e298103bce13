"""### Look at what Next-Video does, and write it down

**Does** Drift, ranking and bias reports (Evidently and our own figures, NV-M1), the read-outs of experiments (NV-M2),
then the model cards in German and English (MC-1, MC-2): a new version of a card only where its content changed.

**When** After every new champion (asset `next_video_model`), and once a day.

**Reads** `$MEDIATHEK_HOME/warehouse/exports/`, the champion in `mlflow/`. **Writes** `reports/`, `alerts/`, `cards/`.
**Then** the asset `model_cards`; and `next_video_retrain`, if drift was found.

**Normal oddities** `ask_for_retraining` skipped: no alert. Everything skipped with "no
champion yet". No new version of a card: nothing that it states has changed.

**If it fails** Nothing that viewers see depends on it. "constant or empty": a figure has no spread, mostly because a
stage before wrote nothing; look at build's reports before you touch this. Cards: the log names the section.
"""

from datetime import timedelta
from typing import Any

from airflow.sdk import AssetOrTimeSchedule, dag, task
from airflow.sdk.exceptions import AirflowSkipException

from dags.shared import assets, policy
from dags.shared.run_stage import run_stage


@dag(
    schedule=AssetOrTimeSchedule(timetable=policy.every("10 5 * * *", timedelta(days=1)), assets=[assets.MODEL]),
    **policy.arguments(__doc__, severity="low", subjects=("next_video", "monitoring")),
)
def monitor_next_video() -> None:
    """Wire the reports before the cards that quote them."""

    @task
    def drift() -> Any:
        from monitoring.drift import run
        from training.runs import champion_version

        if run_stage(lambda settings, as_of: champion_version(settings)) is None:
            raise AirflowSkipException("no champion yet")
        return run_stage(run)

    @task
    def ranking() -> Any:
        from monitoring.ranking import run

        return run_stage(run)

    @task
    def bias() -> Any:
        from monitoring.bias import run

        return run_stage(run)

    @task
    def read_out_experiments() -> Any:
        from monitoring.experiments import run

        return run_stage(run)

    @task
    def recount_caps() -> Any:
        from monitoring.caps import run

        return run_stage(run)

    @task(outlets=[assets.CARDS])
    def write_cards() -> Any:
        from monitoring.model_cards import write

        return run_stage(write)

    @task(outlets=[assets.RETRAIN])
    def ask_for_retraining(found: Any) -> None:
        if not found["has_alert"]:
            raise AirflowSkipException("no drift alert")

    found = drift()
    found >> ranking() >> bias() >> read_out_experiments() >> recount_caps() >> write_cards()
    ask_for_retraining(found)


monitor_next_video()
