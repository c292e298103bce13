"""Inferences for fitting ads: age group and gender by device, income class by household (HH-6, HH-9, PRV-5)."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from core.algorithms.households.inference_settings import NOT_SURE, InferenceSettings, load_inference_settings
from core.contracts.households import INFERENCES
from core.errors import StageError
from core.settings import Settings
from core.storage import read_rows, written_aside
from training.households.demographics import WHATS, Guess, guess
from training.households.income import guess_income
from training.households.inference_evidence import evidence
from training.households.inference_model import doubted

_HOME = """
    select device_key, arg_max(household_id, from_at) as household_id
    from rows
    where from_at <= $as_of and (until_at is null or until_at > $as_of)
    group by device_key
"""


def infer(settings: Settings, as_of: datetime) -> pa.Table:
    """Write ``household_inferences`` as known at ``as_of`` (aware) and return what was written.

    Only devices with consent to advertising that belong to a household now; those that mainly watch children's offers
    have no row at all, neither "not sure" nor any other.

    Raises:
        StageError: there are no assignments yet, or the lake is empty.
        UserError: ``config/households/inference.yaml`` is wrong.
    """
    rules = load_inference_settings(settings.config)
    home_of = homes(settings, as_of)
    guesses = all_guesses(settings, rules, home_of, as_of)
    rows = [row for what, each in guesses.items() for row in _rows(what, each, home_of, rules)]
    table = pa.Table.from_pylist(rows, schema=INFERENCES)
    with written_aside(settings.paths.household_inferences) as aside:
        pq.write_table(table, aside)
    return table


def homes(settings: Settings, as_of: datetime) -> dict[str, str]:
    """Return the household in which each device lives at ``as_of``."""
    file = settings.paths.household_assignments
    if not file.exists():
        raise StageError(f"inference: {file.name} is missing; cluster the households first")
    rows = read_rows(file, _HOME, as_of=as_of.astimezone(UTC).replace(tzinfo=None))
    return {row["device_key"]: row["household_id"] for row in rows}


def all_guesses(
    settings: Settings, rules: InferenceSettings, home_of: dict[str, str], as_of: datetime
) -> dict[str, Guess]:
    """Return what is believed, by what is inferred; before "not sure" is said."""
    found = evidence(settings, rules, as_of)
    guesses = {what: guess(found, rules, what) for what in WHATS} | {"income": guess_income(found, home_of, rules)}
    return {
        what: replace(each, chances=doubted(each.chances, rules.priors[what], rules.other_share))
        for what, each in guesses.items()
    }


def answers(each: Guess, rules: InferenceSettings, what: str) -> list[tuple[str, float]]:
    """Return each row's answer and its confidence: that of the likeliest value, also where the answer is "not sure"."""
    found = []
    for row, place in enumerate(each.chances.argmax(axis=1).tolist()):
        value, confidence = each.values[place], float(each.chances[row, place])
        is_sure = bool(each.is_enough[row]) and confidence >= rules.least(what, value)
        found.append((value if is_sure else NOT_SURE, confidence))
    return found


def _rows(what: str, each: Guess, home_of: dict[str, str], rules: InferenceSettings) -> list[dict[str, Any]]:
    rows = []
    for key, (value, confidence) in zip(each.keys, answers(each, rules, what), strict=True):
        home = key if what == "income" else home_of.get(key)
        if home is None:
            continue
        rows.append(
            {
                "device_key": None if what == "income" else key,
                "household_id": home,
                "what": what,
                "value": value,
                "confidence": confidence,
                "model_version": rules.mark,
            }
        )
    return rows
