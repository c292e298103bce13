"""``mediathek privacy erase MAC`` (PRV-3): a device leaves every store, one after the other, by a journal.

The journal says which device, since when, how it shows in the lake and which stores are done. Whoever is killed finds
it again: the next erasure, of whatever device, finishes it first. It is the last thing that names the device, and goes
when a search of the whole home has found nothing more.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from core import erasure_journal as journal
from core.erasure_journal import Erasure
from core.errors import StageError, UserError
from core.logs import progress
from core.settings import Settings

PATIENCE_SECONDS = 60.0


@dataclass(frozen=True)
class ErasureReport:
    """What was erased; ``resumed`` counts older erasures that had been broken off and were finished first."""

    device_key: str
    erased_at: str
    gone: dict[str, int]
    rebuilt: list[str]
    resumed: int


def command(
    mac: Annotated[
        str | None, typer.Argument(metavar="MAC", help="The device's MAC address in any common notation.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Finish an erasure that was broken off; no MAC.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask on a terminal.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON on standard output.")] = False,
) -> None:
    """Erase a device from every store, and bar what happened on it until now from coming in again."""
    from core import clock
    from core.privacy import device_mac, load_pseudonyms
    from core.settings import load
    from ingestion.device_traces import units_of

    if resume != (mac is None):
        raise UserError("mac: name the device to erase, or finish one that was broken off with --resume, not both")
    if mac is None:
        _show(resumed(load(), clock.now), as_json)
        return
    normalised = device_mac(mac)
    if not yes and sys.stdin.isatty():
        typer.confirm(f"Erase everything that is stored about {mac}?", abort=True, err=True)
    settings = load()
    _show(erase(settings, units_of(load_pseudonyms(settings.paths.keys), normalised), clock.now), as_json)


def _show(report: ErasureReport, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(asdict(report)))
        return
    for store, count in report.gone.items():
        typer.echo(f"{count:8d}  {store}")
    typer.echo(f"erased; built again: {', '.join(report.rebuilt) or 'nothing, the device was not in it'}")


def erase(settings: Settings, units: list[str], now: Callable[[], datetime]) -> ErasureReport:
    """Erase the device that decision records may call by one of ``units``, of which the first is its key.

    Raises:
        StageError: an ingestion, a build or the live consumer did not give way in time, or something could not be
            erased; the next call goes on.
    """
    with journal.one_at_a_time(settings.paths):
        return _erase(settings, units, now)


def resumed(settings: Settings, now: Callable[[], datetime]) -> ErasureReport:
    """Finish the erasure that was broken off.

    Raises:
        UserError: there is none.
        StageError: as ``erase``.
    """
    with journal.one_at_a_time(settings.paths):
        pending = journal.read(settings.paths)
        if pending is None:
            raise UserError("resume: no erasure is unfinished; nothing was done")
        _Run(settings, pending, now).all_steps()
        return _report(pending, resumed_count=1)


def _erase(settings: Settings, units: list[str], now: Callable[[], datetime]) -> ErasureReport:
    pending = journal.read(settings.paths)
    resumed_count = int(pending is not None)
    if pending is not None and pending.device_key != units[0]:
        progress("erase: finishing an erasure that was broken off")
        _Run(settings, pending, now).all_steps()
        pending = None
    erasure = Erasure(units, now().isoformat(), _built_for(settings, now()))
    if pending is not None:  # of the same device: what it had found and counted is no more to be found
        erasure.traces, erasure.gone, erasure.built_for = pending.traces, pending.gone, pending.built_for
    _Run(settings, erasure, now).all_steps()
    return _report(erasure, resumed_count)


def _report(erasure: Erasure, resumed_count: int) -> ErasureReport:
    rebuilt = [name for name in ("warehouse", "features") if erasure.gone.get(name)]
    return ErasureReport(erasure.device_key, erasure.erased_at, erasure.gone, rebuilt, resumed_count)


@dataclass
class _Run:
    settings: Settings
    erasure: Erasure
    now: Callable[[], datetime]

    def all_steps(self) -> None:
        journal.write(self.settings.paths, self.erasure)
        steps = (self._lake, self._households, self._ads, self._warehouse, self._features, self._rest)
        for name, step in zip(journal.STEPS, steps, strict=True):
            if name in self.erasure.done:
                continue
            progress(f"erase: {name}")
            for store, count in step().items():
                self.erasure.gone[store] = self.erasure.gone.get(store, 0) + count
            self.erasure.done.append(name)
            journal.write(self.settings.paths, self.erasure)
        journal.close(self.settings.paths)

    def _lake(self) -> dict[str, int]:
        from core.privacy import load_pseudonyms
        from ingestion.device_traces import Traces, traces_of
        from ingestion.erasure import erase_from_lake, right_to_rewrite

        paths = self.settings.paths
        pseudonyms = load_pseudonyms(paths.keys)
        with right_to_rewrite(paths, PATIENCE_SECONDS) as fence:
            traces = traces_of(paths, pseudonyms, self.erasure.units)
            if self.erasure.traces is not None:  # found before an interruption
                traces.add(Traces(**self.erasure.traces))
            self.erasure.traces = asdict(traces)
            journal.write(self.settings.paths, self.erasure)
            return erase_from_lake(paths, pseudonyms, fence, traces, _time(self.erasure.erased_at))

    def _households(self) -> dict[str, int]:
        from training.households.forgetting import forget_device

        return forget_device(self.settings, self.erasure.device_key, self.now)

    def _ads(self) -> dict[str, int]:
        from serving.ad_decision.device_data import forget_device

        return forget_device(self.settings, self.erasure.device_key)

    def _warehouse(self) -> dict[str, int]:
        from core.warehouse.erasure import rebuild_without

        return {"warehouse": rebuild_without(self.settings, self.erasure.device_key, _time(self.erasure.built_for))}

    def _features(self) -> dict[str, int]:
        from core.device_search import files_naming
        from pipeline_step import run_apart

        files = list(files_naming(self.settings.paths.feast, self.erasure.device_key))
        if files:
            run_apart("features", self.settings, _time(self.erasure.built_for), {})
        return {"features": len(files)}

    def _rest(self) -> dict[str, int]:
        """Search everything: reports, logs, models, and stores that are newer than this code."""
        from core.device_search import files_naming

        key, paths = self.erasure.device_key, self.settings.paths
        count, left = 0, []
        for file in files_naming(paths.home, key):
            if file == paths.erasure_journal:
                continue
            count += 1
            if not self._is_cleaned(file):
                left.append(str(file.relative_to(paths.home)))
        if left:
            raise StageError(
                f"erase: the device still stands in {', '.join(left)}; end what writes there, then run this again"
            )
        return {"other files": count}

    def _is_cleaned(self, file: Path) -> bool:
        """Take the device out of a file that nobody has a command for; False where that would harm it."""
        from core.device_rows import remove_rows
        from core.device_search import blank, is_left_behind

        key, paths = self.erasure.device_key, self.settings.paths
        if is_left_behind(file):
            file.unlink()
            return True
        states = (paths.household_checkpoint, paths.household_handover)  # rows there are counted by their place
        if any(file.is_relative_to(folder) for folder in states):
            return False
        return remove_rows(file, {key}) > 0 if file.suffix == ".parquet" else blank(file, key)


def _built_for(settings: Settings, now: datetime) -> str:
    from core.warehouse import state

    known = state.read(settings.paths)
    return known.as_of if known else now.isoformat()


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
