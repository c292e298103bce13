"""`mediathek pipeline`: one whole run, in order, honest about what failed (OPS-1)."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import pipeline
import pipeline_state
from core.errors import StageError, UserError
from core.settings import Settings

AS_OF = datetime(2026, 11, 24, tzinfo=UTC)


class Stages:
    """Stands for the processes of the steps: writes down what was called, and fails where it is told to."""

    def __init__(self, settings: Settings) -> None:
        self.called: list[str] = []
        self.fails: dict[str, Exception] = {}
        self._settings = settings

    def __call__(self, name: str, settings: Settings, as_of: datetime, known: dict[str, Any]) -> Any:
        self.called.append(name)
        if name in self.fails:
            raise self.fails[name]
        if name == "promote":
            assert known["train"] == {"step": "train"}, "the gates judge the version that was just trained"
        for made in (settings.paths.exports, settings.paths.mlflow, settings.paths.cards):
            made.mkdir(parents=True, exist_ok=True)
        return {"step": name}


@pytest.fixture
def stages(settings: Settings) -> Stages:
    return Stages(settings)


@pytest.fixture
def head(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """The ledger's head, and an ingestion that takes in nothing: its own tests are elsewhere."""
    value = {"batch_id": 1}
    monkeypatch.setattr(pipeline, "_ingest", lambda *_: {"accepted": 0})
    monkeypatch.setattr(pipeline_state, "_head", lambda settings: value["batch_id"])
    return value


@pytest.fixture
def run(settings: Settings, stages: Stages, head: dict[str, int], tmp_path: Path) -> Callable[..., Any]:
    def run_once(as_of: datetime = AS_OF, explicit: bool = True) -> pipeline.PipelineReport:
        stages.called.clear()
        return pipeline.run(settings, tmp_path, as_of, explicit=explicit, runner=stages)

    return run_once


def test_steps_run_in_the_order_in_which_they_need_each_other(run: Any, stages: Stages) -> None:
    report = run()
    assert [step.name for step in report.steps] == ["ingest", *stages.called]
    assert stages.called == [
        *(
            "check_door",
            "build",
            "check_marts",
            "docs",
            "households",
            "ad_counts",
            "conclusions",
            "features",
            "train",
            "promote",
            "drift",
            "ranking",
            "bias",
            "experiments",
            "caps",
            "cards",
        )
    ]


def test_a_second_run_over_unchanged_input_does_nothing(run: Any, stages: Stages) -> None:
    run()
    assert run().is_unchanged
    assert stages.called == []


def test_new_input_is_built_again(run: Any, stages: Stages, head: dict[str, int]) -> None:
    run()
    head["batch_id"] = 2
    assert not run().is_unchanged
    assert stages.called


def test_another_time_is_another_run(run: Any) -> None:
    run()
    assert not run(AS_OF + timedelta(days=1)).is_unchanged


def test_by_the_clock_a_day_later_the_windows_have_moved(run: Any) -> None:
    run(explicit=False)
    assert run(AS_OF + timedelta(hours=23), explicit=False).is_unchanged
    assert not run(AS_OF + timedelta(hours=25), explicit=False).is_unchanged


def test_changed_settings_are_another_run(run: Any, settings: Settings, stages: Stages, tmp_path: Path) -> None:
    run()
    stricter = settings.model_copy(update={"next_video": settings.next_video.model_copy(update={"min_plays": 99})})
    assert not pipeline.run(stricter, tmp_path, AS_OF, explicit=True, runner=stages).is_unchanged


def test_a_failed_suite_stops_what_comes_after_it(run: Any, stages: Stages) -> None:
    stages.fails["check_door"] = StageError("door: 12 rows have no device class")
    with pytest.raises(StageError, match="12 rows"):
        run()
    assert stages.called == ["check_door"]


def test_a_run_that_failed_is_done_again(run: Any, stages: Stages) -> None:
    stages.fails["bias"] = StageError("bias: novelty is constant")
    with pytest.raises(StageError):
        run()
    stages.fails.clear()
    assert not run().is_unchanged


def test_rejected_by_the_gates_the_champion_is_still_reported_on_and_the_run_fails(
    run: Any, stages: Stages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "_has_champion", lambda settings: True)
    stages.fails["promote"] = StageError("gates: coverage 0.01 is below 0.05")
    with pytest.raises(StageError, match=r"coverage.*last champion goes on serving"):
        run()
    assert stages.called[-1] == "cards"


def test_rejected_by_the_gates_without_a_champion_there_is_nothing_to_report_on(
    run: Any, stages: Stages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "_has_champion", lambda settings: False)
    stages.fails["promote"] = StageError("gates: coverage 0.01 is below 0.05")
    with pytest.raises(StageError, match="coverage"):
        run()
    assert stages.called[-1] == "promote"


def test_a_missing_source_is_the_users_mistake(settings: Settings, stages: Stages, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"source: .*no directory"):
        pipeline.run(settings, tmp_path / "missing", AS_OF, explicit=True, runner=stages)


def test_what_was_made_and_then_deleted_is_made_again(run: Any, settings: Settings) -> None:
    run()
    settings.paths.cards.rmdir()
    assert not run().is_unchanged


def test_a_broken_state_file_is_no_state(run: Any, settings: Settings) -> None:
    run()
    settings.paths.pipeline_state.write_text("{")
    assert not run().is_unchanged


def test_the_state_names_what_the_run_was_made_from(run: Any, settings: Settings) -> None:
    run()
    state = json.loads(settings.paths.pipeline_state.read_text())
    assert state["inputs"]["batch_id"] == 1
    assert state["inputs"]["as_of"] == "2026-11-24T00:00:00+00:00"
    assert set(state["inputs"]) == {"batch_id", "settings", "code", "as_of"}


def test_every_step_has_an_entry_point() -> None:
    from pipeline_step import ENTRY_POINTS

    assert [step.name for step in pipeline.STEPS] == list(ENTRY_POINTS)


@pytest.fixture
def sample_stage(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], None]:
    """Put a module of ours behind the step `build`, reachable from another process."""
    import pipeline_step

    def place(code: str) -> None:
        (tmp_path / "sample_stage.py").write_text(code)
        (tmp_path / "pipeline_step_sample.py").write_text(
            "import os, sys, pipeline_step\n"
            "pipeline_step.ENTRY_POINTS['build'] = 'sample_stage:build'\n"
            "pipeline_step.AHEAD['build'] = {'builder': 'sample_stage:start'}\n"
            "os._exit(pipeline_step.main())\n"
        )
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
        monkeypatch.setattr(pipeline_step, "_MODULE", "pipeline_step_sample")

    return place


def test_a_step_apart_returns_its_report(settings: Settings, sample_stage: Callable[[str], None]) -> None:
    from pipeline_step import run_apart

    sample_stage("def build(settings, as_of):\n    print('chatter')\n    return {'at': as_of, 'home': settings.home}\n")
    report = run_apart("build", settings, AS_OF, {})
    assert report == {"at": "2026-11-24T00:00:00+00:00", "home": str(settings.home)}


def test_a_step_apart_passes_on_the_one_line_of_its_failure(
    settings: Settings, sample_stage: Callable[[str], None]
) -> None:
    from pipeline_step import run_apart

    sample_stage("from core.errors import StageError\ndef build(s, a):\n    raise StageError('dbt: node x failed')\n")
    with pytest.raises(StageError, match=r"^dbt: node x failed$"):
        run_apart("build", settings, AS_OF, {})


def test_a_step_that_is_killed_is_one_readable_line(settings: Settings, sample_stage: Callable[[str], None]) -> None:
    from pipeline_step import run_apart

    sample_stage("import os\ndef build(s, a):\n    os.kill(os.getpid(), 9)\n")
    with pytest.raises(StageError, match="build: its process ended with signal 9"):
        run_apart("build", settings, AS_OF, {})


_BUILT_AHEAD = """
import os
def start(settings):
    settings.home.mkdir(parents=True, exist_ok=True)
    (settings.home / f"started-{os.getpid()}").touch()
    return os.getpid()
def build(settings, as_of, builder):
    return {"is_the_same_process": builder == os.getpid()}
"""


def _started(settings: Settings) -> int:
    """Wait for the process that was started ahead; return its id."""
    for _ in range(600):
        for file in settings.home.glob("started-*"):
            return int(file.name.removeprefix("started-"))
        time.sleep(0.1)
    pytest.fail("nothing was started ahead")


def test_a_step_started_ahead_loads_before_its_turn_and_works_at_it(
    settings: Settings, sample_stage: Callable[[str], None]
) -> None:
    from pipeline_step import started_ahead

    sample_stage(_BUILT_AHEAD)
    with started_ahead("build", settings, AS_OF) as run:
        _started(settings)
        assert run("build", settings, AS_OF, {}) == {"is_the_same_process": True}


def test_a_step_started_ahead_whose_turn_never_comes_is_ended(
    settings: Settings, sample_stage: Callable[[str], None]
) -> None:
    from pipeline_step import started_ahead

    sample_stage(_BUILT_AHEAD)
    with started_ahead("build", settings, AS_OF):
        process = _started(settings)
    assert not Path(f"/proc/{process}").exists()
