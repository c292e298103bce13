"""PRV-3: erased stays erased. What happened on an erased device until its erasure is not taken in again.

The list holds keyed digests of device keys, so it names no device to whoever has no key. What happens on the device
after its erasure is new: it is taken in, with the consent that it comes with.
"""

import json
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow.compute as pc

from core.errors import StageError
from core.paths import Paths
from core.privacy import Pseudonyms
from core.storage import write_text


class ErasedDevices:
    """The list as it was when it was loaded. It only changes under the fence, so it holds for a whole ingestion."""

    def __init__(self, paths: Paths, pseudonyms: Pseudonyms) -> None:
        self._pseudonyms = pseudonyms
        self._until = {digest: datetime.fromisoformat(text) for digest, text in _read(paths).items()}

    def bars(self, rows: Any) -> Any:
        """Tell of each row of an Arrow table (device, happened_at, ...) whether it is older than its device's erasure.

        Returns:
            bool array (rows,).
        """
        barred = np.zeros(len(rows), bool)
        if not self._until or not len(rows):
            return barred
        devices = rows["device"].combine_chunks().dictionary_encode()
        until = [self.erased_until(key) for key in devices.dictionary.to_pylist()]
        if not any(until):
            return barred
        limits = np.array([np.datetime64(at or "NaT", "us") for at in until])
        places = pc.fill_null(devices.indices, -1).to_numpy()
        return (rows["happened_at"].to_numpy() <= limits[places]) & (places >= 0)  # NaT: false

    def erased_until(self, device_key: str) -> datetime | None:
        """Return the time (naive UTC) up to which a device was erased; None if it never was."""
        return self._until.get(_digest(self._pseudonyms, device_key))


def note_erased(paths: Paths, pseudonyms: Pseudonyms, device_key: str, erased_at: datetime) -> None:
    """Put a device on the list, under the fence; a later erasure of the same device moves the time on."""
    known, digest = _read(paths), _digest(pseudonyms, device_key)
    at = erased_at.astimezone(UTC).replace(tzinfo=None).isoformat()
    known[digest] = max(at, known.get(digest, at))
    write_text(paths.erased_devices, json.dumps(dict(sorted(known.items())), indent=1) + "\n")


def _digest(pseudonyms: Pseudonyms, device_key: str) -> str:
    return pseudonyms.line_key(b"erased\0" + device_key.encode())


def _read(paths: Paths) -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads(paths.erased_devices.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise StageError(
            f"erasures: {paths.erased_devices} is damaged ({error}); restore it, or erased devices come in again"
        ) from None
    return found
