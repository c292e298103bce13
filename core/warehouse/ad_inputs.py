"""What the warehouse reads of ad decisions: campaigns, the rules of caps, and what serving's counters say (HH-11)."""

import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from core.algorithms.ads.rules import load_ad_rules
from core.contracts import ads, lake
from core.settings import Settings


def lay_out_ads(settings: Settings, folder: Path) -> None:
    """Link artefacts into the folder of dbt's sources; an empty file stands beside what may not be there yet.

    Raises:
        UserError: ``config/ad_decision/rules.yaml`` is wrong.
    """
    paths = settings.paths
    as_run = paths.ads.campaigns_as_run
    for source, schema, file in (
        ("ad_campaigns", lake.CAMPAIGNS, as_run if as_run.exists() else paths.campaigns),
        ("ad_counted_plays", ads.COUNTED_PLAYS, paths.ads.counted_plays),
    ):
        target = _emptied(folder / source)
        pq.ParquetWriter(target / "empty.parquet", schema).close()  # a table, even an empty one, would import pandas
        if file.exists():
            (target / "current.parquet").symlink_to(file)
    rules = load_ad_rules(settings.config)
    row = pa.RecordBatch.from_arrays([pa.array([rules.timezone]), pa.array([rules.gap_minutes])], schema=ads.RULES)
    with pq.ParquetWriter(_emptied(folder / "ad_rules") / "rules.parquet", ads.RULES) as writer:
        writer.write_batch(row)


def _emptied(target: Path) -> Path:
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    return target
