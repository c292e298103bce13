"""Settings: the only place that reads the environment. One file for code, dbt, tests and the model card."""

import os
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.errors import UserError
from core.paths import PROJECT_ROOT, Paths

ENV_PREFIX = "MEDIATHEK_"


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Ingestion(_Section):
    future_tolerance_minutes: int = Field(ge=0)
    batch_megabytes: int = Field(gt=0)
    memory_limit_megabytes: int = Field(gt=0)
    min_catalogue_year: int
    follow_seconds: float = Field(gt=0)


class Sessions(_Section):
    silence_minutes: int = Field(gt=0)


class Blend(_Section):
    """NV-T4: shares of the final score, set by hand (NV-T6)."""

    sequence: float = Field(ge=0, le=1)
    similarity: float = Field(ge=0, le=1)
    taste: float = Field(ge=0, le=1)


class NextVideo(_Section):
    window_days: int = Field(gt=0)
    min_watched_share: float = Field(gt=0, le=1)
    min_plays: int = Field(gt=0)
    view_min_seconds: float = Field(ge=0)
    retrain_hours: int = Field(gt=0)
    volume_attribution_hours: int = Field(gt=0)
    blend: Blend


class Retention(_Section):
    """PRV-4, in days."""

    events: int = Field(gt=0)
    quarantine: int = Field(gt=0)
    decisions: int = Field(gt=0)
    reports: int = Field(gt=0)
    models: int = Field(gt=0)
    cards: int = Field(gt=0)
    household_feed: int = Field(gt=0)
    verdicts: int = Field(default=30, gt=0)


class Serving(_Section):
    host: str
    port: int = Field(ge=0, le=65535)
    max_body_kilobytes: int = Field(gt=0)
    max_history: int = Field(gt=0)
    model_poll_seconds: float = Field(gt=0)
    decision_flush_seconds: float = Field(gt=0, le=1)
    follower_niceness: int = Field(ge=0, le=19)


class Monitoring(_Section):
    """Bounds of the checks, and how much is looked at."""

    max_quarantined_share: float = Field(gt=0, le=1)
    max_shrink_share: float = Field(gt=0, lt=1)
    max_stale_hours: int = Field(gt=0)
    checked_rows: int = Field(ge=1000)
    max_drifted_share: float = Field(gt=0, le=1)
    min_drift_rows: int = Field(gt=0)
    replay_requests: int = Field(gt=0)


class LiveHouseholds(_Section):
    """How the live consumer works; the model's own parameters are elsewhere."""

    poll_seconds: float = Field(gt=0)
    publish_seconds: float = Field(gt=0)
    links_seconds: float = Field(default=15.0, gt=0)
    checkpoint_seconds: float = Field(gt=0)
    step_events: int = Field(gt=0)
    feed_sightings: int = Field(ge=0)
    feed_segment_megabytes: float = Field(gt=0)
    document_store: str = Field(pattern=r"^(embedded|none|mongodb(\+srv)?://.+)$")


class AdDecision(_Section):
    """Where caps are counted; what they are is in ``config/ad_decision/rules.yaml``."""

    counters: str = Field(default="embedded", pattern=r"^(embedded|rediss?://.+|postgres(ql)?://.+)$")


class Gates(_Section):
    """What a trained model must show before it is served."""

    small_test_devices: int = Field(gt=0)
    first_champion_share: float = Field(gt=0, le=1)
    min_coverage: float = Field(ge=0, le=1)
    replay_requests: int = Field(gt=0)
    max_bundle_megabytes: float = Field(gt=0)
    max_load_seconds: float = Field(gt=0)


class Card(_Section):
    """What the model cards say beside what they find."""

    data_origin: Literal["synthetic", "mixed", "production", "unmarked"]
    """Where usage data come from; ``unmarked``: what the sources themselves say."""


class Settings(_Section):
    """All settings of one process, validated once at its start and passed on as an argument."""

    home: Path
    config: Path
    token: str | None
    source: Path | None = None
    """The landing directory that the DAGs take in (``MEDIATHEK_SOURCE``); None where only Kafka delivers."""
    kafka_bootstrap: str | None = None
    """``MEDIATHEK_KAFKA_BOOTSTRAP``: a broker that the DAGs read too; None where there is none."""
    kafka_topic: str = "events"
    """``MEDIATHEK_KAFKA_TOPIC``."""
    ingestion: Ingestion
    sessions: Sessions
    next_video: NextVideo
    retention: Retention
    serving: Serving
    monitoring: Monitoring
    gates: Gates
    live_households: LiveHouseholds
    ad_decision: AdDecision = AdDecision()
    card: Card = Card(data_origin="unmarked")

    @property
    def paths(self) -> Paths:
        return Paths(self.home)


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read ``config/settings.toml`` (or ``$MEDIATHEK_CONFIG/settings.toml``) and the environment over it.

    Raises:
        UserError: the file is missing or a value is out of range; the message names the key.
    """
    env = os.environ if environ is None else environ
    config = Path(env.get("MEDIATHEK_CONFIG", PROJECT_ROOT / "config")).resolve()
    file = config / "settings.toml"
    try:
        values: dict[str, Any] = tomllib.loads(file.read_text())
    except OSError:
        raise UserError(f"settings: {file} cannot be read; set MEDIATHEK_CONFIG to a folder that has it") from None
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"settings: {file} is no TOML: {error}") from None
    _override(values, env)
    values["home"] = Path(env.get("MEDIATHEK_HOME", PROJECT_ROOT / "var")).resolve()
    values["config"] = config
    values["token"] = env.get("MEDIATHEK_TOKEN") or None
    values["source"] = Path(env["MEDIATHEK_SOURCE"]).resolve() if env.get("MEDIATHEK_SOURCE") else None
    values["kafka_bootstrap"] = env.get("MEDIATHEK_KAFKA_BOOTSTRAP") or None
    values["kafka_topic"] = env.get("MEDIATHEK_KAFKA_TOPIC") or "events"
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise UserError(f"settings: {key}: {first['msg']} (in {file} or the environment)") from None


def _override(values: dict[str, Any], env: Mapping[str, str]) -> None:
    """Put ``MEDIATHEK_SECTION__SUB__KEY`` over the file's values; pydantic converts and checks them."""
    for name, text in env.items():
        if not name.startswith(ENV_PREFIX) or "__" not in name:
            continue
        *sections, key = name.removeprefix(ENV_PREFIX).lower().split("__")
        level = values
        for section in sections:
            level = level.setdefault(section, {})
        level[key] = text


def child_environment(settings: Settings, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Environment for processes that we start: same home and config, and nobody calls home."""
    env = dict(os.environ)
    env |= {
        "MEDIATHEK_HOME": str(settings.home),
        "MEDIATHEK_CONFIG": str(settings.config),
        **NO_TELEMETRY,
        **(extra or {}),
    }
    return env


@contextmanager
def lent_environment(settings: Settings) -> Iterator[None]:
    """Give code of this process that reads its settings from the environment ours, for the moment."""
    before = dict(os.environ)
    os.environ.update(child_environment(settings))
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


NO_TELEMETRY = {
    "DO_NOT_TRACK": "1",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "DBT_VERSION_CHECK": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "GX_ANALYTICS_ENABLED": "false",
    "FEAST_USAGE": "False",
    "FEAST_TELEMETRY": "False",
    "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
    "SCARF_ANALYTICS": "false",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "GIT_PYTHON_REFRESH": "quiet",
}


def apply_no_telemetry() -> None:
    """Switch off, in this process, what libraries send home; called before they are imported."""
    for name, value in NO_TELEMETRY.items():
        os.environ.setdefault(name, value)
