"""The command line as a whole: how it ends, and that it starts quickly."""

import os
import subprocess
from pathlib import Path
from sysconfig import get_path

import pytest
import typer

import mediathek
from core.errors import StageError, UserError

MEDIATHEK = Path(get_path("scripts")) / "mediathek"


def ended(monkeypatch: pytest.MonkeyPatch, error: Exception) -> int | str | None:
    def fails() -> None:
        raise error

    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(fails)
    monkeypatch.setattr(mediathek, "app", lambda: app([], standalone_mode=False))
    with pytest.raises(SystemExit) as end:
        mediathek.main()
    return end.value.code


@pytest.mark.parametrize(("error", "code"), [(UserError("field: wrong"), 2), (StageError("door: failed"), 1)])
def test_a_mistake_ends_with_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception, code: int
) -> None:
    assert ended(monkeypatch, error) == code
    assert capsys.readouterr().err == f"mediathek: {error}\n"


def test_the_unexpected_ends_with_one_line_and_its_traceback_in_a_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert ended(monkeypatch, ZeroDivisionError("of nothing")) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("mediathek: unexpected ZeroDivisionError: of nothing; all of it is in ")
    assert "Traceback" in Path(line.rsplit(" ", 1)[1]).read_text()


def test_an_unknown_option_is_named_and_ends_with_2(tmp_path: Path) -> None:
    environment = {**os.environ, "MEDIATHEK_HOME": str(tmp_path)}
    done = subprocess.run([MEDIATHEK, "pipeline", "--sauce", "x"], env=environment, capture_output=True, text=True)
    assert done.returncode == 2
    assert "--sauce" in done.stderr
    assert "Traceback" not in done.stderr
