"""``mediathek households evaluate``: how right the households and links are that are found in a simulated source.

Everything happens in a home of its own that is removed at the end: ingestion runs as a command, then the batch.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from datetime import datetime
from pathlib import Path
from typing import Any

from core.errors import StageError, UserError
from core.logs import progress
from core.privacy import load_pseudonyms
from core.settings import Settings, child_environment
from core.storage import connect, write_text
from training.households import scores
from training.households.export import exported_homes, exported_links
from training.households.inference_evaluation import evaluate_inferences
from training.households.links import link
from training.households.run import cluster
from training.households.simple_methods import (
    Places,
    popularity_and_leiden,
    same_address_ever,
    same_address_on_days,
)
from training.households.truth import Truth, read_truth

_PLACES = """
    select distinct device_key, address_key
    from read_parquet($files)
    where has_personalisation_consent and device_key is not null and address_key is not null
"""


def evaluate(settings: Settings, source: Path, truth: Path, as_of: datetime) -> dict[str, Any]:
    """Return the contract's figures, those by hard case, and those of the simple methods in the same run.

    Raises:
        UserError: source or truth are no such directories.
        StageError: a stage failed.
    """
    if not source.is_dir():
        raise UserError(f"source: {source} is no directory; name one that holds catalogue/ and events/")
    with tempfile.TemporaryDirectory(prefix="mediathek-households-") as folder:
        home = settings.model_copy(update={"home": Path(folder)})
        progress("households: taking in the source ...")
        _ingest(home, source, as_of)
        known = read_truth(truth, load_pseudonyms(home.paths.keys))
        began = time.perf_counter()
        report = cluster(home, as_of)
        seconds = time.perf_counter() - began
        link(home, as_of)
        figures = _figures(home, known) | {"events_per_second": round(report.events / max(seconds, 1e-9))}
        figures |= {"events": report.events, "devices": report.devices, "households": report.households}
        figures["simple_methods"] = _simple(home, known)
        if (truth / "person.csv").exists():  # a simulation's: HH-6, HH-9
            figures["inferences"] = evaluate_inferences(home, truth, as_of)
    write_text(settings.paths.household_evaluation, json.dumps(figures, indent=1) + "\n")
    return figures


def _ingest(settings: Settings, source: Path, as_of: datetime) -> None:
    """Run ingestion as its own command: training does not know that stage's inside."""
    command = [sys.executable, "-m", "mediathek", "ingest", "--source", str(source), "--as-of", as_of.isoformat()]
    done = subprocess.run(
        command, env=child_environment(settings), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    if done.returncode:
        line = (done.stderr.strip().splitlines() or ["no message"])[-1].removeprefix("mediathek: ")
        raise (UserError if done.returncode == 2 else StageError)(line)


def _figures(settings: Settings, truth: Truth) -> dict[str, Any]:
    homes = {row["device_key"]: row["household_id"] for row in exported_homes(settings.paths)}  # the last row of each
    pairs, cubed = scores.pairwise(homes, truth.homes), scores.bcubed(homes, truth.homes)
    found = {(row["household_a"], row["household_b"]) for row in exported_links(settings.paths)}
    links = scores.linked(found, truth.links, scores.names_of(homes, truth.homes))
    cases = {
        case: _rounded(scores.pairwise_of_case(homes, truth.homes, devices)) | {"devices": len(devices & homes.keys())}
        for case, devices in sorted(truth.cases.items())
    }
    return {
        "pairwise_precision": round(pairs.precision, 4),
        "pairwise_recall": round(pairs.recall, 4),
        "pairwise_f1": round(pairs.f1, 4),
        "bcubed_f1": round(cubed.f1, 4),
        "link_precision": round(links.precision, 4),
        "link_recall": round(links.recall, 4),
        "cases": cases,
    }


def _simple(settings: Settings, truth: Truth) -> dict[str, Any]:
    places: Places = defaultdict(set)
    files = sorted(str(file) for file in settings.paths.events.glob("*/*.parquet"))
    with connect() as connection:
        for device, address in connection.execute(_PLACES, {"files": files}).fetchall() if files else []:
            places[address].add(device)
    methods = {
        "same address ever": same_address_ever(places),
        "same address on 2 days": same_address_on_days(places, 2),
        "same address on 3 days": same_address_on_days(places, 3),
        "address popularity and Leiden": popularity_and_leiden(places),
    }
    return {
        name: _rounded(scores.pairwise(homes, truth.homes))
        | {"bcubed_f1": round(scores.bcubed(homes, truth.homes).f1, 4)}
        for name, homes in methods.items()
    }


def _rounded(agreement: scores.Agreement) -> dict[str, float]:
    return {
        "pairwise_precision": round(agreement.precision, 4),
        "pairwise_recall": round(agreement.recall, 4),
        "pairwise_f1": round(agreement.f1, 4),
    }


def lines_of(figures: dict[str, Any]) -> str:
    """Return the figures as a table for people."""
    head = (
        f"{figures['devices']} devices in {figures['households']} households, "
        f"{figures['events_per_second']} events a second\n"
        f"links: precision {figures['link_precision']:.3f}, recall {figures['link_recall']:.3f}"
    )
    rows = {"this platform": figures} | figures["simple_methods"]
    rows |= {f"  case {case}": values for case, values in figures["cases"].items()}
    table = [
        f"{name:<32} precision {values['pairwise_precision']:.3f}  recall {values['pairwise_recall']:.3f}  "
        f"F1 {values['pairwise_f1']:.3f}"
        for name, values in rows.items()
    ]
    return "\n".join([head, *table])
