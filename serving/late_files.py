"""Static files of a folder that may be made after the server has started."""

from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles


class LateFiles(StaticFiles):
    """As the framework's, but a folder that is not there yet is 404 and no error of the server."""

    async def check_config(self) -> None:
        if self.directory is None or not Path(self.directory).is_dir():
            raise HTTPException(404, "this is not built yet; run `mediathek pipeline`")
        self.config_checked = True
