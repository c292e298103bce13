"""### Train the ad detector at night and let its gates decide

**Does** Composes stations to learn from and others to test on (once; kept), adds what people corrected, trains the net,
tests it on stations it never heard, logs it to MLflow, lets the gates move the alias `champion` (AD-1..AD-7), then
compares what was heard live with what was learned (Evidently) and writes the model cards.

**When** Every night at 01:20. A night without a new corpus, setting or correction trains nothing and takes seconds.

**Reads** `$MEDIATHEK_HOME/ad_detection/` (corpus, labels, recordings); `.cache/recordings`, if `make corpus` filled it.
**Writes** `ad_detection/corpus`, `ad_detection/test_stations`, `mlflow/`, `ad_detection/detector`, `reports/`,
`alerts/`, `cards/`.
**Then** the asset `model_cards`.

**Normal oddities** "was made from this corpus already": nothing is new. "stays out": a gate failed, the last one
goes on. The first night takes up to an hour: hours of sound are composed first. Two cores are busy.

**If it fails** Nothing that listeners see depends on it: detection goes on with the last detector. `train`: the log's
last line names the file or row of the corpus that is wrong. Killed in the middle: retried; what was composed is kept,
what was half-trained lies in `training/ad_detection` and is made anew.
"""

from datetime import timedelta
from typing import Any

from airflow.sdk import dag, task

from dags.shared import assets, policy
from dags.shared.run_stage import run_stage


@dag(
    schedule=policy.every("20 1 * * *", timedelta(days=1)),
    **policy.arguments(__doc__, severity="low", subjects=("ad_detection",)),
)
def train_ad_detection() -> None:
    """Wire corpus, training with its gates, drift and the card."""

    @task(execution_timeout=timedelta(hours=2))
    def compose() -> Any:
        from training.ad_detection.composed import collect

        return run_stage(collect)

    @task(execution_timeout=timedelta(hours=2))
    def train() -> Any:
        from training.ad_detection.run import train_nightly

        return run_stage(train_nightly)

    @task
    def drift() -> Any:
        from monitoring.detector_drift import run

        return run_stage(run)

    @task(outlets=[assets.CARDS])
    def write_cards() -> Any:
        from monitoring.model_cards import write

        return run_stage(write)

    compose() >> train() >> drift() >> write_cards()


train_ad_detection()
