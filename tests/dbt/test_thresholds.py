"""dbt takes every threshold from config/settings.toml; no SQL holds one of its own (OPS-1, MC-2)."""

import re

from core.settings import Settings, load
from core.warehouse.project import PROJECT, variables

SQL = sorted([*PROJECT.glob("models/**/*.sql"), *PROJECT.glob("macros/**/*.sql"), *PROJECT.glob("tests/**/*.sql")])
# what is no threshold: nothing, one, digits kept, seconds of a day, a percentile, numbers of steps and requirements
HARMLESS = {"0", "1", "1.0", "9", "18", "3", "86400", "0.99"}
STRINGS_COMMENTS_AND_LOOPS = re.compile(r"'[^']*'|--[^\n]*|\{#.*?#\}|^\s*\(\d, '.*$", re.MULTILINE | re.DOTALL)


def _code(text: str) -> str:
    without_comments = re.sub(r"\{#.*?#\}", "", text, flags=re.DOTALL)
    without_steps = re.sub(r"^\s*\(\d, '.*$", "", without_comments, flags=re.MULTILINE)
    return re.sub(r"--[^\n]*|'[^'\n]*'", "", without_steps)


def test_no_sql_file_holds_a_number_that_could_be_a_threshold() -> None:
    found = {
        (file.name, number)
        for file in SQL
        for number in re.findall(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.])", _code(file.read_text()))
        if number not in HARMLESS
    }
    assert not found, f"{found}: put the number into config/settings.toml and read it with var()"


def test_every_var_in_sql_is_one_that_settings_give_and_every_one_given_is_read(settings: Settings) -> None:
    read = {name for file in SQL for name in re.findall(r"var\('(\w+)'", file.read_text())}
    assert read == set(variables(settings))


def test_no_var_in_sql_has_a_default_of_its_own() -> None:
    with_default = [file.name for file in SQL if re.search(r"var\('\w+'\s*,", file.read_text())]
    assert not with_default, f"{with_default}: a default in SQL would hide a setting that is missing"


def test_a_changed_setting_reaches_dbt() -> None:
    """NV-T1, NV-T2, NV-T3, NV-U1, NV-M2 and the silence between sessions."""
    changed = load(
        {
            "MEDIATHEK_NEXT_VIDEO__WINDOW_DAYS": "7",
            "MEDIATHEK_NEXT_VIDEO__MIN_WATCHED_SHARE": "0.5",
            "MEDIATHEK_NEXT_VIDEO__MIN_PLAYS": "3",
            "MEDIATHEK_NEXT_VIDEO__VIEW_MIN_SECONDS": "10",
            "MEDIATHEK_NEXT_VIDEO__VOLUME_ATTRIBUTION_HOURS": "48",
            "MEDIATHEK_SESSIONS__SILENCE_MINUTES": "20",
        }
    )
    assert variables(changed) == {
        "window_days": 7,
        "min_watched_share": 0.5,
        "min_plays": 3,
        "view_min_seconds": 10,
        "volume_attribution_hours": 48,
        "silence_minutes": 20,
        "household_bucket_microseconds": 600_000_000,  # core.algorithms.households.parameters
    }
