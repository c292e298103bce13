"""One class for all paths: every artefact that stages hand to each other is addressed here and nowhere else."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from core.paths_of_ads import AdPaths

PROJECT_ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Paths:
    """Addresses below ``home`` (``MEDIATHEK_HOME``), the one directory for all state. Creates nothing."""

    home: Path

    # --- keys and tokens -------------------------------------------------------------------------------------
    @property
    def keys(self) -> Path:
        """The secret that pseudonyms are keyed with (mode 0600)."""
        return self.home / "keys" / "pseudonym.key"

    @property
    def token(self) -> Path:
        return self.home / "keys" / "token"

    # --- the lake: written by ingestion only -----------------------------------------------------------------
    @property
    def lake(self) -> Path:
        return self.home / "lake"

    @property
    def events(self) -> Path:
        """``hour=YYYY-MM-DDTHH/<batch>.parquet``, schema ``core.contracts.lake.EVENTS``."""
        return self.lake / "events"

    @property
    def catalogue(self) -> Path:
        """The newest line of every ``content_id``, schema ``core.contracts.lake.CATALOGUE``."""
        return self.lake / "catalogue" / "current.parquet"

    @property
    def campaigns(self) -> Path:
        return self.lake / "campaigns" / "current.parquet"

    @property
    def decisions(self) -> Path:
        """Serving's decision records after ingestion: ``hour=YYYY-MM-DDTHH/<batch>.parquet``."""
        return self.lake / "decisions"

    @property
    def quarantine(self) -> Path:
        """``<batch>.parquet``, schema ``core.contracts.lake.QUARANTINE``."""
        return self.lake / "quarantine"

    @property
    def withdrawals(self) -> Path:
        """``<batch>.parquet``, schema ``core.contracts.lake.WITHDRAWALS``: consent that has ended."""
        return self.lake / "withdrawals"

    @property
    def ledger(self) -> Path:
        """Ingestion's commits: offsets, file identities, topic identities, fencing token."""
        return self.home / "ledger"

    # --- the warehouse: written by dbt only ------------------------------------------------------------------
    @property
    def warehouse(self) -> Path:
        """The DuckDB file: disposable, rebuilt from the lake by one command."""
        return self.home / "warehouse" / "mediathek.duckdb"

    @property
    def exports(self) -> Path:
        """Marts, features and reports as Parquet: ``core.contracts.exports``."""
        return self.home / "warehouse" / "exports"

    def export(self, model: str) -> Path:
        """A Parquet file, or a folder of Parquet parts (``exports.PARTED_BY``); DuckDB reads both alike."""
        return self.exports / f"{model}.parquet"

    @property
    def dbt_target(self) -> Path:
        return self.home / "warehouse" / "target"

    # --- features, models ------------------------------------------------------------------------------------
    @property
    def feast(self) -> Path:
        """Feast's registry.db and online.db."""
        return self.home / "feast"

    @property
    def mlflow(self) -> Path:
        return self.home / "mlflow"

    @property
    def mlflow_uri(self) -> str:
        return f"sqlite:///{self.mlflow / 'mlflow.db'}"

    @property
    def training_work(self) -> Path:
        """Bundles while they are made; what counts lies in MLflow's artefacts."""
        return self.home / "training"

    # --- households: written by training.households -----------------------------------------------------------
    @property
    def households(self) -> Path:
        """Everything known of households; schemas in ``core.contracts.households``."""
        return self.home / "households"

    @property
    def household_assignments(self) -> Path:
        return self.households / "assignments.parquet"

    @property
    def household_visits(self) -> Path:
        return self.households / "visits.parquet"

    @property
    def household_leases(self) -> Path:
        return self.households / "leases.parquet"

    @property
    def household_links(self) -> Path:
        return self.households / "links.parquet"

    @property
    def household_evidence(self) -> Path:
        """Why each device is where it is, as counts; optional: serving says less without it."""
        return self.households / "evidence.parquet"

    @property
    def household_inferences(self) -> Path:
        return self.households / "inferences.parquet"

    @property
    def household_evaluation(self) -> Path:
        """Figures of the last ``households evaluate`` against a simulated truth, as it printed them."""
        return self.households / "evaluation.json"

    @property
    def household_changes(self) -> Path:
        """What the last batch run changed; the live consumer writes ``household_feed`` instead."""
        return self.households / "changes.parquet"

    @property
    def household_feed(self) -> Path:
        """``<first seq>.jsonl``: the live consumer's steps, one a line, ``seq`` without gaps."""
        return self.households / "feed"

    @property
    def household_checkpoint(self) -> Path:
        """The live consumer's state, with the last batch taken and the last step written."""
        return self.households / "checkpoint"

    @property
    def household_handover(self) -> Path:
        """What a batch run found while, or before, the live consumer runs: a state that it takes up."""
        return self.households / "handover"

    @property
    def household_erasures(self) -> Path:
        """Orders to the live consumer to forget devices (PRV-3), one file each, gone when they are carried out."""
        return self.households / "erasures"

    @property
    def household_documents(self) -> Path:
        """The embedded document store (HH-3)."""
        return self.households / "documents.sqlite"

    @property
    def household_pulse(self) -> Path:
        """Touched every second by the live consumer, gone when it has ended in order: tells whether one runs."""
        return self.households / "pulse"

    @property
    def household_lock(self) -> Path:
        """Held by whoever writes here: one batch run or the live consumer."""
        return self.households / "lock"

    # --- serving ---------------------------------------------------------------------------------------------
    @property
    def decision_log(self) -> Path:
        """Append-only JSON lines by hour, ``hour=YYYY-MM-DDTHH/<writer>.jsonl``: one record an answer."""
        return self.home / "decision_log"

    @property
    def ads(self) -> AdPaths:
        """What ad decisions keep."""
        return AdPaths(self.home)

    @property
    def snapshots(self) -> Path:
        """``<digest>/`` with catalogue.parquet, corrections.jsonl and rules.yaml: what decisions were made from."""
        return self.home / "snapshots"

    # --- editors ---------------------------------------------------------------------------------------------
    @property
    def series_corrections(self) -> Path:
        """Season and episode numbers that editors have set, JSON lines (``core.algorithms.next_video.numbering``)."""
        return self.home / "editorial" / "series_corrections.jsonl"

    # --- monitoring ------------------------------------------------------------------------------------------
    @property
    def reports(self) -> Path:
        """``<kind>/<run>/`` with ``report.html`` and ``report.json``; kinds: quality, drift, ranking, bias."""
        return self.home / "reports"

    def report(self, kind: str, run_at: datetime) -> Path:
        return self.reports / kind / run_at.strftime("%Y-%m-%dT%H%M%SZ")

    @property
    def cards(self) -> Path:
        """``<use_case>/<version>/card.{de,en}.{html,md,json}``."""
        return self.home / "cards"

    @property
    def alerts(self) -> Path:
        return self.home / "alerts"

    # --- erasure (PRV-3) -------------------------------------------------------------------------------------
    @property
    def erased_devices(self) -> Path:
        """Keyed digests of erased devices, each with the time up to which nothing of it may come in again."""
        return self.home / "erasures" / "devices.json"

    @property
    def erasure_journal(self) -> Path:
        """The erasure under way, by device; gone when it is done."""
        return self.home / "erasures" / "under_way.json"

    # --- processes -------------------------------------------------------------------------------------------
    @property
    def airflow(self) -> Path:
        return self.home / "airflow"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def pipeline_state(self) -> Path:
        """What the last whole pipeline run was made from: a second run over the same input changes nothing."""
        return self.home / "pipeline.json"
