"""OPS-2 and the conventions of the house as tests: each message names the remedy."""

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from core.paths import PROJECT_ROOT

PACKAGES = ("core", "ingestion", "training", "serving", "monitoring", "dags", "feature_repo", "benchmarks")
FOLDERS = ("dags", "dbt", "feature_repo", "training", "serving", "monitoring", "docker", "tests")
ROOT_FILES = sorted(PROJECT_ROOT.glob("*.py"))
MOST_LINES = 250
MOST_FUNCTION_LINES = 44  # "about 40": a signature that ruff breaks over lines counts too
VAGUE = {"utils", "util", "helpers", "helper", "common", "manager", "misc", "platform"}


@cache
def sources() -> tuple[Path, ...]:
    found = [file for package in PACKAGES for file in (PROJECT_ROOT / package).rglob("*.py")]
    return tuple(sorted([*found, *ROOT_FILES]))


@cache
def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text())


def name_of(file: Path) -> str:
    return str(file.relative_to(PROJECT_ROOT))


def test_the_eight_folders_are_there() -> None:
    missing = [folder for folder in FOLDERS if not (PROJECT_ROOT / folder).is_dir()]
    assert not missing, "OPS-2 names these folders; nothing else is added at the root but files"


def test_files_hold_one_thing() -> None:
    long = {name_of(file): lines for file in sources() if (lines := len(file.read_text().splitlines())) > MOST_LINES}
    assert not long, f"split what is over {MOST_LINES} lines by the things it holds: {long}"


def test_functions_do_one_thing() -> None:
    long = []
    for file in sources():
        for node in ast.walk(tree(file)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                first = node.body[0]
                is_documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
                start = node.body[1].lineno if is_documented and len(node.body) > 1 else first.lineno
                lines = (node.end_lineno or start) - start + 1
                holds_functions = any(isinstance(inner, ast.FunctionDef) for inner in node.body)
                if lines > MOST_FUNCTION_LINES and not holds_functions:
                    long.append(f"{name_of(file)}:{node.lineno} {node.name} ({lines})")
    assert not long, f"give each step of a function over {MOST_FUNCTION_LINES} lines a name of its own: {long}"


def test_names_say_what_a_file_holds() -> None:
    vague = [name_of(file) for file in sources() if {file.stem, *file.relative_to(PROJECT_ROOT).parts[:-1]} & VAGUE]
    assert not vague, f"name a file after the one thing it holds: {vague}"


def test_no_module_that_dbt_would_import_as_a_plugin() -> None:
    wrong = [name_of(file) for file in sources() if file.stem.startswith("dbt_")]
    assert not wrong, f"dbt imports every top-level module named dbt_*: rename {wrong}"


def test_no_package_that_hides_an_installed_one() -> None:
    wrong = [
        name_of(file) for folder in ("dbt", "docker", "tests") for file in (PROJECT_ROOT / folder).rglob("__init__.py")
    ]
    assert not wrong, f"with one in dbt/, `import dbt.adapters` fails; remove {wrong}"


def calls(file: Path) -> list[tuple[int, str]]:
    return [(node.lineno, ast.unparse(node.func)) for node in ast.walk(tree(file)) if isinstance(node, ast.Call)]


def test_only_the_clock_reads_the_time() -> None:
    wrong = [
        f"{name_of(file)}:{line} {call}()"
        for file in sources()
        for line, call in calls(file)
        if re.search(r"\b(datetime\.now|datetime\.utcnow|date\.today|time\.time|time\.time_ns)$", call)
        and name_of(file) != "core/clock.py"
        and not name_of(file).startswith("benchmarks/")
    ]
    assert not wrong, f"take `as_of` as an argument; at the edge use core.clock.now(): {wrong}"


def test_nothing_below_the_command_line_asks_the_clock() -> None:
    """Time is an argument: a stage that asks for it cannot be run again for yesterday."""
    edge = re.compile(r"(^[^/]+\.py|^dags/.*|.*cli\.py|^serving/.*|^ingestion/simulate/.*)$")
    wrong = [
        f"{name_of(file)}:{line}"
        for file in sources()
        for line, call in calls(file)
        if call in ("clock.now", "now") and not edge.match(name_of(file)) and name_of(file) != "core/clock.py"
    ]
    assert not wrong, f"pass `as_of` in from the command line, the DAG or the request: {wrong}"


def test_only_settings_read_the_environment() -> None:
    wrong = [
        f"{name_of(file)}:{node.lineno}"
        for file in sources()
        for node in ast.walk(tree(file))
        if isinstance(node, ast.Attribute)
        and ast.unparse(node) in ("os.environ", "os.getenv")
        and name_of(file) != "core/settings.py"
        and not name_of(file).startswith(("benchmarks/", "feature_repo/"))
    ]
    assert not wrong, f"add a setting to core/settings.py and take it as an argument: {wrong}"


def test_nobody_imports_the_files_at_the_root_but_they_themselves() -> None:
    roots = {file.stem for file in ROOT_FILES}
    wrong = []
    for file in set(sources()) - set(ROOT_FILES):
        for node in ast.walk(tree(file)):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and node.level == 0 else []
            wrong += [f"{name_of(file)}:{node.lineno}" for name in names if name.partition(".")[0] in roots]
    assert not wrong, f"the root composes the stages; what both need belongs into core: {wrong}"


def test_the_command_line_holds_no_logic() -> None:
    lines = (PROJECT_ROOT / "mediathek.py").read_text().splitlines()
    assert len(lines) <= 100, "mediathek.py only registers: move the rest to the stage's cli.py"


def test_help_starts_fast_because_it_imports_nothing_heavy() -> None:
    heavy = ("tensorflow", "airflow", "mlflow", "feast", "evidently", "great_expectations", "fastapi", "dbt", "sklearn")
    code = (
        "import sys, contextlib, io\n"
        "sys.argv = ['mediathek', '--help']\n"
        "import mediathek\n"
        "with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):\n"
        "    mediathek.main()\n"
        f"print(','.join(name for name in {heavy!r} if name in sys.modules))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=PROJECT_ROOT, check=True)
    assert done.stdout.strip() == "", "import it inside the command's function, not at the top of cli.py"


@pytest.mark.parametrize("package", ["core", "ingestion"])
def test_importing_a_package_reads_no_settings_and_writes_nothing(package: str, tmp_path: Path) -> None:
    modules = [
        ".".join(file.relative_to(PROJECT_ROOT).with_suffix("").parts).removesuffix(".__init__")
        for file in sources()
        if file.relative_to(PROJECT_ROOT).parts[0] == package and file.stem != "__main__"
    ]
    home = tmp_path / "home"
    code = (
        "import importlib, sys\n"
        "import core.settings\n"
        "def refuse(*_, **__): raise AssertionError('settings read at import')\n"
        "core.settings.load = refuse\n"
        "for name in sys.argv[1:]: importlib.import_module(name)\n"
    )
    environment = {"MEDIATHEK_HOME": str(home), "PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, *modules],
        capture_output=True,
        text=True,
        cwd=PROJECT_ROOT,
        env=environment,
    )
    assert done.returncode == 0, f"importing a module does nothing; move it into a function:\n{done.stderr}"
    assert not home.exists(), "importing a module wrote to MEDIATHEK_HOME; move it into a function"
