"""The project's own rules for dbt models; each message names the remedy."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from core.contracts import exports
from core.warehouse.project import PROJECT

MODELS = sorted(PROJECT.glob("models/**/*.sql"))
NAMES = {
    "staging": r"stg_[a-z]+__[a-z_]+",
    "intermediate": r"int_[a-z_]+_[a-z]+ed|int_[a-z]+_kept|int_households__[a-z_]+",
    "marts": r"(dim|fct)_[a-z_]+",
    "features": r"feat_(next_video|households)__[a-z_]+",
    "reports": r"rpt_[a-z_]+__[a-z_]+",
}
LAYERS = list(NAMES)


def _described(model: Path) -> dict[str, Any]:
    (entry,) = yaml.safe_load(model.with_suffix(".yml").read_text())["models"]
    assert isinstance(entry, dict)
    return entry


@pytest.mark.parametrize("model", MODELS, ids=lambda file: file.stem)
def test_a_model_is_named_after_its_layer(model: Path) -> None:
    pattern = NAMES[model.parent.name]
    assert re.fullmatch(pattern, model.stem), f"{model.stem}: name it like {pattern}"


@pytest.mark.parametrize("model", MODELS, ids=lambda file: file.stem)
def test_a_model_ends_with_select_all_from_its_last_step(model: Path) -> None:
    lines = model.read_text().rstrip().splitlines()
    steps = re.findall(r"^\s*(\w+) as \($", model.read_text(), flags=re.MULTILINE)
    assert lines[-1] == f"select * from {steps[-1]}", f"{model.stem}: give the last step a name and select it"


@pytest.mark.parametrize("model", MODELS, ids=lambda file: file.stem)
def test_a_model_has_a_yaml_beside_it_that_opens_with_its_grain(model: Path) -> None:
    entry = _described(model)
    assert entry["name"] == model.stem
    assert re.match(r"One row", entry["description"].strip()), f"{model.stem}: say first what one row is"


@pytest.mark.parametrize("model", MODELS, ids=lambda file: file.stem)
def test_a_model_reads_its_own_layer_or_an_earlier_one(model: Path) -> None:
    layer_of = {file.stem: file.parent.name for file in MODELS}
    read = re.findall(r"ref\('(\w+)'\)", model.read_text())
    later = [name for name in read if LAYERS.index(layer_of[name]) > LAYERS.index(model.parent.name)]
    assert not later, f"{model.stem}: reads {later} of a later layer; move it there"


@pytest.mark.parametrize("name", exports.COLUMNS)
def test_every_exported_column_is_described(name: str) -> None:
    (model,) = [file for file in MODELS if file.stem == name]
    described = {column["name"] for column in _described(model)["columns"] if column["description"].strip()}
    assert set(exports.COLUMNS[name]) <= described


@pytest.mark.parametrize("name", [name for name in exports.COLUMNS if not name.startswith("rpt_next_video__decisions")])
def test_every_export_has_a_test_of_its_key(name: str) -> None:
    if name == exports.FEAT_TRAINING_PLAYS:
        pytest.skip("plays have no key of their own; fct_playbacks, which they come from, has one")
    (model,) = [file for file in MODELS if file.stem == name]
    entry = _described(model)
    tests = [*entry.get("data_tests", []), *[t for column in entry["columns"] for t in column.get("data_tests", [])]]
    assert "unique" in tests or any("is_unique_together" in test for test in tests if isinstance(test, dict))
