"""### Train Next-Video and let the gates decide

**Does** Publishes features (Feast), trains a model per device class on 30 days of plays, evaluates it against the
baselines, logs it to MLflow, and lets the gates move the alias `champion` (NV-T1..NV-T6). Serving takes a new champion
within ten seconds.

**When** Every four hours (NV-T5); and on the asset `next_video_retrain`: drift was found, or there is no champion.

**Reads** `$MEDIATHEK_HOME/warehouse/exports/`. **Writes** `feast/`, `mlflow/`.
**Then** the asset `next_video_model`, if every gate passed: monitor_next_video follows.

**Normal oddities** Everything skipped with "no marts yet": the first build is not done; with "asked for twice": two
builds wished for the first model. A device class without a model of its own: too few plays in the window; it is
answered by the model of all classes. Two cores are busy for some minutes.

**If it fails** `train`: the log's last line says what is missing (no plays in the window: look at build's funnel
report). `promote`: a gate failed; value and threshold of every gate are in the log and on the MLflow run. The last
champion goes on serving, so this waits until the morning. Killed in the middle: retried; what was half-made lies in
`training/` and is overwritten.
"""

from datetime import timedelta
from typing import Any

from airflow.sdk import AssetOrTimeSchedule, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException

from dags.shared import assets, policy
from dags.shared.run_stage import is_asked_for, run_stage


@dag(
    schedule=AssetOrTimeSchedule(timetable=policy.every("40 */4 * * *", timedelta(hours=4)), assets=[assets.RETRAIN]),
    **policy.arguments(__doc__, severity="medium", subjects=("next_video",)),
)
def train_next_video() -> None:
    """Wire features, training and gates."""

    @task
    def publish_features() -> Any:
        from core.contracts.exports import FEAT_TRAINING_PLAYS
        from core.settings import load
        from training.datasets.features import publish
        from training.runs import is_champion_due

        if not load().paths.export(FEAT_TRAINING_PLAYS).exists():
            raise AirflowSkipException("no marts yet: build has not run")
        if is_asked_for() and not run_stage(is_champion_due):
            raise AirflowSkipException("the champion is younger than a training interval")
        if get_current_context()["dag_run"].run_type == "asset_triggered" and not run_stage(is_champion_due):
            raise AirflowSkipException("asked for twice: a champion was trained since")
        return run_stage(publish)

    @task
    def train() -> Any:
        from training.next_video.run import train as train_model

        return run_stage(train_model)

    @task(outlets=[assets.MODEL])
    def promote(trained: Any) -> Any:
        from training.gates import promote as pass_gates

        return run_stage(lambda settings, as_of: pass_gates(settings, trained["version"], as_of))

    trained = train()
    publish_features() >> trained
    promote(trained)


train_next_video()
