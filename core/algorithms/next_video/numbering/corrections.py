"""Numbers that editors have set: data that survives every import and lapses when the source itself has changed."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from core.algorithms.next_video.numbering.entry import Entry, Number
from core.errors import UserError


@dataclass(frozen=True)
class Correction:
    """What an editor says of a video, and what the catalogue said when it was said."""

    content_id: str
    season: int | None
    episode: int | None
    """None takes an earlier correction back."""
    seen_season: int | None
    seen_episode: int | None
    corrected_at: str
    """RFC 3339, UTC"""
    note: str = ""

    def holds_for(self, entry: Entry) -> bool:
        """False once the source says something else than what was corrected: it has been looked after there."""
        return (entry.season, entry.episode) == (self.seen_season, self.seen_episode) and self.episode is not None


def read_corrections(file: Path) -> dict[str, Correction]:
    """Read the newest correction of each video from JSON lines; none where there is no file.

    Raises:
        UserError: a line cannot be read; the message names it.
    """
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    found: dict[str, Correction] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            each = Correction(**json.loads(line))
        except (ValueError, TypeError) as error:
            raise UserError(f"{file}:{number}: is no correction ({error}); mend or remove the line") from None
        found[each.content_id] = each
    return found


def line_of(entry: Entry, number: Number | None, at: datetime, note: str = "") -> str:
    """One line to append; ``number`` None takes the correction of this video back."""
    season, episode = number or (None, None)
    made = Correction(entry.content_id, season, episode, entry.season, entry.episode, at.isoformat(), note)
    return json.dumps(asdict(made), ensure_ascii=False) + "\n"


def numbers_by_row(entries: Iterable[Entry], corrections: Mapping[str, Correction]) -> dict[int, Number]:
    """By catalogue row the corrections that still hold."""
    result: dict[int, Number] = {}
    for entry in entries:
        made = corrections.get(entry.content_id)
        if made is not None and made.holds_for(entry) and made.episode is not None:
            result[entry.row] = (made.season, made.episode)
    return result
