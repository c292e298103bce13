"""PRV-3: everything that is stored of a device among the households."""

import json
from collections.abc import Iterator
from typing import Any

from core.algorithms.households.model import Households
from core.device_rows import parquet_files, rows_of
from core.json_form import json_form
from core.paths import Paths
from core.settings import Settings
from training.households import handover
from training.households.checkpoint import load
from training.households.documents import open_store

Rows = list[dict[str, Any]]


def stored_of_households(settings: Settings, device_key: str) -> Iterator[tuple[str, Rows]]:
    """Yield (store, rows). What others did is left out of a step of the feed; of a household all devices are shown.

    Raises:
        StageError: the document store is away, or the checkpoint is damaged.
    """
    paths = settings.paths
    if not paths.households.exists():
        return
    homes = set()
    for file in parquet_files(paths.households):
        rows = rows_of(file, {device_key})
        homes |= {row["household_id"] for row in rows if row.get("household_id")}
        yield f"households/{file.relative_to(paths.households)}", rows
    links = rows_of(paths.household_links, homes) if homes and paths.household_links.exists() else []
    yield "households/links of its households", links
    yield "households/documents", _documents(settings, device_key)
    yield "households/feed", list(_steps(paths, device_key))
    found = load(paths.household_checkpoint) if paths.household_checkpoint.exists() else None
    states = {"checkpoint": found[0]} if found else {}
    if handed := handover.waiting(paths):
        states["handover"] = handed[-1].state
    for name, state in states.items():
        yield f"households/{name}", _evidence(Households.load(state), device_key)


def _documents(settings: Settings, device_key: str) -> Rows:
    store = open_store(settings)
    if store is None:
        return []
    try:
        return store.of_device(device_key)
    finally:
        store.close()


def _steps(paths: Paths, device_key: str) -> Iterator[dict[str, Any]]:
    for file in sorted(paths.household_feed.glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            if device_key not in line:
                continue
            try:
                step = json.loads(line)
            except ValueError:  # the last line, being written
                continue
            changes = [change for change in step["changes"] if change.get("device_key") == device_key]
            sightings = [sighting for sighting in step["sightings"] if device_key in sighting]
            yield {"seq": step["seq"], "at": step["at"], "changes": changes, "sightings": sightings}


def _evidence(households: Households, device_key: str) -> Rows:
    try:
        evidence = households.why(device_key)
    except KeyError:
        return []
    is_known = evidence.household_id is not None or evidence.days or evidence.days_elsewhere
    return [json_form(evidence)] if is_known else []
