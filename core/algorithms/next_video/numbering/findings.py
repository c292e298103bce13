"""What is wrong with the numbers of a series, for editors: a work list with a suggested fix for each (NV-K1)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from core.algorithms.next_video.numbering.entry import Entry, Number, Resolved

Code = Literal[
    "gap", "duplicate", "wrong_season", "missing_first", "contradictory_title", "missing_number", "no_place",
    "wrong_number",
]  # fmt: skip

TEXTS: Final[dict[Code, dict[str, str]]] = {
    "gap": {
        "de": "In Staffel {season} fehlen Folgen: {missing}.",
        "en": "Season {season} lacks episodes: {missing}.",
    },
    "duplicate": {
        "de": "Mehrere Videos tragen die Nummer {number}; das neueste steht für sie.",
        "en": "Several videos carry the number {number}; the newest stands for it.",
    },
    "wrong_season": {
        "de": "Die Staffel passt nicht: angegeben ist {given}, vermutlich ist es {number}.",
        "en": "The season does not fit: {given} is given, it is probably {number}.",
    },
    "missing_first": {
        "de": "Die erste Folge fehlt: Neu empfohlen wird die Serie nur, wenn eine spätere Staffel mit Folge 1 beginnt.",
        "en": "The first episode is missing: the series is offered anew only if a later season starts with episode 1.",
    },
    "contradictory_title": {
        "de": "Titel oder Pfad und Angaben widersprechen sich: angegeben ist {given}, benutzt wird {number}.",
        "en": "Title or path contradict the fields: {given} is given, {number} is used.",
    },
    "missing_number": {
        "de": "Die Nummer fehlt ({given}); erschlossen wurde {number}.",
        "en": "The number is missing ({given}); {number} was concluded.",
    },
    "no_place": {
        "de": "Die Nummer fehlt ({given}) und lässt sich nicht erschließen: Es gibt keine nächste Folge.",
        "en": "The number is missing ({given}) and cannot be concluded: there is no next episode.",
    },
    "wrong_number": {
        "de": "Die Nummer {given} passt nicht zu den Daten aller anderen Folgen; benutzt wird {number}.",
        "en": "The number {given} does not fit the dates of all other episodes; {number} is used.",
    },
}  # fmt: skip


_SUGGESTED = 0.8


@dataclass(frozen=True)
class Finding:
    """One thing to look at. ``suggested`` is the number for ``content_ids[0]``, None where people must tell it."""

    code: Code
    content_ids: tuple[str, ...]
    suggested: Number | None
    confidence: float
    values: Mapping[str, str] = field(default_factory=dict)

    def text(self, language: str) -> str:
        """One sentence in German ("de") or English ("en")."""
        return TEXTS[self.code]["de" if language == "de" else "en"].format(**self.values)


def findings_of(entries: Sequence[Entry], resolved: Mapping[int, Resolved]) -> list[Finding]:
    """List what editors should look at in one series, what can be fixed at once first."""
    single = [finding for entry in entries if (finding := _of_video(entry, resolved[entry.row]))]
    return [*sorted(single, key=lambda each: -each.confidence), *_of_series(entries, resolved)]


def _of_video(entry: Entry, known: Resolved) -> Finding | None:
    if known.source == "editor":
        return None
    values = {"given": written((entry.season, entry.episode)), "number": written((known.season, known.episode))}
    if known.episode is None:
        return Finding("no_place", (entry.content_id,), None, 0.0, values)
    number = (known.season, known.episode)
    if (entry.season, entry.episode) == number:
        return None
    code: Code = "missing_number"
    if entry.episode is not None and entry.season != known.season and entry.season is not None:
        code = "wrong_season"
    elif known.source in ("title", "path") and entry.episode not in (None, known.episode):
        code = "contradictory_title"
    elif entry.episode not in (None, known.episode):
        code = "wrong_number"
    return Finding(code, (entry.content_id,), number, known.confidence, values)


def _of_series(entries: Sequence[Entry], resolved: Mapping[int, Resolved]) -> list[Finding]:
    by_number: dict[Number, list[Entry]] = defaultdict(list)
    for entry in entries:
        known = resolved[entry.row]
        if known.episode is not None:
            by_number[known.season, known.episode].append(entry)
    if not by_number:
        return []
    found = [_doubled(number, doubled, resolved) for number, doubled in by_number.items() if len(doubled) > 1]
    by_season: dict[int | None, set[int]] = defaultdict(set)
    for season, episode in by_number:
        by_season[season].add(episode)
    for season, numbers in sorted(by_season.items(), key=lambda pair: (pair[0] is not None, pair[0])):
        missing = sorted(set(range(min(numbers), max(numbers))) - numbers)
        if missing:
            values = {"season": "–" if season is None else str(season), "missing": _ranges(missing)}
            found.append(Finding("gap", (), None, 0.0, values))
    lowest = min(by_season, key=lambda season: -1 if season is None else season)
    if 1 not in by_season[lowest]:
        found.append(Finding("missing_first", (), None, 0.0))
    return found


def _doubled(number: Number, doubled: Sequence[Entry], resolved: Mapping[int, Resolved]) -> Finding:
    """A doubled number; the video that the dates would place elsewhere comes first, with that number suggested."""
    ordered = sorted(doubled, key=lambda entry: resolved[entry.row].suggested is None)
    suggested = resolved[ordered[0].row].suggested
    confidence = _SUGGESTED if suggested else 0.0
    ids = tuple(entry.content_id for entry in ordered)
    return Finding("duplicate", ids, suggested, confidence, {"number": written(number)})


def written(number: tuple[int | None, int | None]) -> str:
    """A number as people write it: S02E05, S02, E05 or a dash."""
    season, episode = number
    text = ("" if season is None else f"S{season:02}") + ("" if episode is None else f"E{episode:02}")
    return text or "–"


def _ranges(numbers: Sequence[int]) -> str:
    """1, 2, 3, 7 as "1–3, 7"."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and number == parts[-1][-1] + 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    return ", ".join(str(part[0]) if len(part) == 1 else f"{part[0]}–{part[-1]}" for part in parts)
