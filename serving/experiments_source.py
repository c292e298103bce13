"""The experiments in memory: their files are read again while the server runs (NV-M2).

A changed file is taken up without a restart; a broken one is refused and its last good reading goes on. Each file is
judged alone: a mistake in one must not keep people from stopping another.
"""

import logging
import threading
from datetime import datetime
from pathlib import Path

from core.algorithms.experiments import Experiment, load_experiment, load_experiments
from core.algorithms.experiments.files import first_clash, in_order
from core.errors import UserError

_log = logging.getLogger("mediathek")
_Signature = tuple[int, int, int]


class ExperimentsSource:
    """Holds the last good reading of every file; replaced in one step, so a request sees one or the other."""

    def __init__(self, folder: Path) -> None:
        """Read the folder at start.

        Raises:
            UserError: a file is wrong, and there is no good reading of it yet.
        """
        self._folder = folder
        self._refreshing = threading.Lock()  # an older look must not replace a newer one
        self._signatures = self._look()
        self._good = {folder / f"{each.name}.yaml": each for each in load_experiments(folder)}
        self._errors: dict[Path, str] = {}
        self.experiments = in_order(list(self._good.values()))

    @property
    def errors(self) -> tuple[str, ...]:
        """What is wrong with files that were refused."""
        return tuple(self._errors.values())

    def refresh(self) -> None:
        """Read the files that changed."""
        with self._refreshing:
            self._refresh()

    def _refresh(self) -> None:
        found = self._look()
        if found == self._signatures:
            return
        good = {file: each for file, each in self._good.items() if file in found}
        errors = {file: words for file, words in self._errors.items() if file in found}
        changed = [file for file in found if found[file] != self._signatures.get(file)]
        again = [file for file in errors if file not in changed]  # what it clashed with may have changed
        for file in (*changed, *again):
            words = _take(file, good)
            if words is None:
                errors.pop(file, None)
            else:
                errors[file] = words
        self._tell(good, errors)
        self._good, self._errors, self._signatures = good, errors, found
        self.experiments = in_order(list(good.values()))

    def running(self, at: datetime) -> tuple[Experiment, ...]:
        return tuple(each for each in self.experiments if each.is_running(at))

    def _look(self) -> dict[Path, _Signature]:
        found: dict[Path, _Signature] = {}
        for file in sorted(self._folder.glob("*.yaml")):
            try:
                stat = file.stat()
            except OSError:
                continue  # removed between the two
            found[file] = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        return found

    def _tell(self, good: dict[Path, Experiment], errors: dict[Path, str]) -> None:
        for file, words in errors.items():
            if words != self._errors.get(file):
                _log.error("%s; going on with %s", words, "the last good one" if file in good else "the others")
        for file in sorted(self._good.keys() - good.keys()):
            _log.info("experiments: '%s' is gone", file.stem)
        for file, experiment in good.items():
            if experiment != self._good.get(file):
                _log.info("experiments: '%s' version %d taken up", experiment.name, experiment.version)


def _take(file: Path, good: dict[Path, Experiment]) -> str | None:
    """Put a file's experiment among the good ones, or say why not."""
    try:
        experiment = load_experiment(file)
    except UserError as error:
        return str(error)
    words = first_clash(experiment, (each for other, each in good.items() if other != file))
    if words is not None:
        return f"experiments: {words} (in {file})"
    good[file] = experiment
    return None
