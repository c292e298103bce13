"""What changed between two versions of a card: what people set apart from what was measured, old beside new."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from monitoring.model_cards.content import Card, Language, Sentence, Value
from monitoring.model_cards.entries import Entry, entries
from monitoring.model_cards.frame import fixed
from monitoring.model_cards.show import sentence, show

Kind = Literal["rules", "numbers"]


@dataclass(frozen=True)
class Change:
    """One thing that differs; ``old`` or ``new`` is None where it is not on that card."""

    kind: Kind
    section: str
    key: str
    old: Entry | None
    new: Entry | None

    @property
    def entry(self) -> Entry:
        entry = self.new or self.old
        assert entry is not None
        return entry


@dataclass(frozen=True)
class WrittenChange:
    """A change in one language. ``values`` are the figures in it that differ: ``{name: [old, new]}``, raw."""

    kind: Kind
    section: str
    section_title: str
    key: str
    label: str
    old: str | None
    new: str | None
    values: dict[str, list[Any]]


def changes(old: Card, new: Card) -> list[Change]:
    """Return what differs, in the new card's reading order; what was taken away comes last.

    A rule, threshold or text that people set is of kind ``rules``; what data and models moved is of kind ``numbers``.
    """
    before = {(entry.section, entry.key): entry for entry in entries(old)}
    after = {(entry.section, entry.key): entry for entry in entries(new)}
    found = [_change(before.get(key), entry) for key, entry in after.items() if _differs(before.get(key), entry)]
    return found + [_change(entry, None) for key, entry in before.items() if key not in after]


def written(card: Card, found: list[Change], language: Language) -> list[WrittenChange]:
    """Write changes out in one language; ``card`` names the sections."""
    titles = {section.key: sentence(section.title, language) for section in card.sections}
    return [
        WrittenChange(
            kind=change.kind,
            section=change.section,
            section_title=titles.get(change.section, change.section),
            key=change.key,
            label=_label(change.entry, language),
            old=_write(change.old, language),
            new=_write(change.new, language),
            values=_values(change),
        )
        for change in found
    ]


def as_json(old: Card, new: Card, language: Language) -> dict[str, Any]:
    """The changes as plain values: ``rules`` and ``numbers`` apart."""
    found = written(new, changes(old, new), language)
    return {
        "use_case": new.use_case,
        "language": language,
        "old_version": old.version,
        "new_version": new.version,
        "rules": [asdict(change) for change in found if change.kind == "rules"],
        "numbers": [asdict(change) for change in found if change.kind == "numbers"],
    }


def _change(old: Entry | None, new: Entry | None) -> Change:
    entry = new or old
    assert entry is not None
    return Change("rules" if entry.nature == "set" else "numbers", entry.section, entry.key, old, new)


def _differs(old: Entry | None, new: Entry) -> bool:
    return old is None or old.shown != new.shown


def _write(entry: Entry | None, language: Language) -> str | None:
    if entry is None:
        return None
    return show(entry.shown, language) if isinstance(entry.shown, Value) else sentence(entry.shown, language)


def _label(entry: Entry, language: Language) -> str:
    if entry.label is not None:
        label = sentence(entry.label, language)
        return f"{entry.label.number} {label}" if entry.is_rule else label
    return entry.shown.number if isinstance(entry.shown, Sentence) else fixed("frame.sources", language)


def _values(change: Change) -> dict[str, list[Any]]:
    old, new = _raw(change.old), _raw(change.new)
    return {name: [old.get(name), new.get(name)] for name in {**old, **new} if old.get(name) != new.get(name)}


def _raw(entry: Entry | None) -> dict[str, Any]:
    if entry is None:
        return {}
    values = {"value": entry.shown} if isinstance(entry.shown, Value) else entry.shown.values
    return {name: list(value.words) if value.words else value.number for name, value in values.items()}
