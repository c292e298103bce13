"""OPS-1: a build is due when the lake holds what none has read, whoever took it in."""

from core.settings import Settings
from core.warehouse import state
from core.warehouse.inputs import LakeState


def test_the_lake_is_built_until_something_comes_in(settings: Settings) -> None:
    paths = settings.paths
    assert not state.is_built(paths), "no build yet"
    hour = paths.events / "hour=2026-05-01T00"
    hour.mkdir(parents=True)
    (hour / "000000000001.parquet").write_bytes(b"x")
    state.write(paths, state.WarehouseState(1, "", "", LakeState.of(paths), {}, 0))
    assert state.is_built(paths)
    (hour / "000000000002.parquet").write_bytes(b"y")
    assert not state.is_built(paths), "a follower took it in, and the DAG has to announce it all the same"
