"""A file that the player's user chose, heard on this machine and forgotten at once (AD-8, AD-10)."""

import asyncio
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter, HTTPException, Request

from core.contracts.ad_detection import served_detector
from core.paths import PROJECT_ROOT
from core.settings import Settings
from serving.web.loopback import is_local

ADDRESS: Final = "/detections/hear"
_KIND: Final = "application/octet-stream"
"""A foreign page may not send this without asking first, so none can keep this machine busy."""


def router(settings: Settings) -> APIRouter:
    routes = APIRouter(include_in_schema=False)
    one_at_a_time = asyncio.Semaphore(1)

    @routes.post(ADDRESS)
    async def hear(request: Request) -> dict[str, Any]:
        """The answer of ``ad-detection detect --json`` for the body, an audio file of any format."""
        if not is_local(request):
            raise HTTPException(403, "files are heard on their owner's own machine only (AD-10)")
        if request.headers.get("content-type") != _KIND:
            raise HTTPException(415, f"body: send the file as {_KIND}")
        if not served_detector(settings.paths).is_dir():
            raise HTTPException(503, "no detector is trained yet; run `mediathek ad-detection train` first")
        if one_at_a_time.locked():
            raise HTTPException(503, "another file is being heard; try again when it is done")
        async with one_at_a_time:
            settings.home.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=settings.home, prefix=".heard-") as folder:
                file = Path(folder) / "file"
                with file.open("wb") as out:
                    async for block in request.stream():
                        out.write(block)
                return await _detected(settings, file)

    return routes


async def _detected(settings: Settings, file: Path) -> dict[str, Any]:
    """By a process of its own and behind requests: hearing an hour takes half a minute of one core."""
    nice = [shutil.which("nice") or "nice", "-n", str(settings.serving.follower_niceness)]
    command = [*nice, sys.executable, "-m", "mediathek", "ad-detection", "detect", "--json", str(file)]
    process = await asyncio.create_subprocess_exec(
        *command, cwd=PROJECT_ROOT, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        out, errors = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    if process.returncode == 0:
        answer: dict[str, Any] = json.loads(out)[0]
        return answer
    if process.returncode == 2:
        last = (errors.decode("utf-8", "replace").strip().splitlines() or ["file: no sound"])[-1]
        raise HTTPException(422, last.removeprefix("mediathek: ").replace(str(file), "it")[:300])
    raise HTTPException(503, "the file could not be heard; the operators' log says why")
