"""Why a device is where it is, and why two households are linked: in words, German and English (``words.yaml``)."""

from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import yaml

Language = Literal["de", "en"]
Words = dict[Language, str]
_LANGUAGES: tuple[Language, ...] = ("de", "en")
_FILE = Path(__file__).with_name("words.yaml")


def with_reasons(household: dict[str, Any]) -> dict[str, Any]:
    """Add ``why`` to a household, its devices and links, and ``text`` to its changes."""
    for device in household["devices"]:
        device["why"] = {language: _why_device(device, household, language) for language in _LANGUAGES}
    for link in household["links"]:
        link["why"] = {language: _why_link(link, language) for language in _LANGUAGES}
    for change in household["changes"]:
        change["text"] = {language: _change(change, language) for language in _LANGUAGES}
    household["why"] = {language: _why_household(household, language) for language in _LANGUAGES}
    return household


def words_for(group: Literal["changes", "reasons"], language: Language) -> dict[str, str]:
    """The words for every code of a group, with ``{device}`` and ``{other}`` left open."""
    return {name: words[language] for name, words in _texts()[group].items()}


def instant(at_ms: int | None) -> str | None:
    """Epoch milliseconds as RFC 3339."""
    return None if at_ms is None else str(written(datetime.fromtimestamp(at_ms / 1000, UTC).replace(tzinfo=None)))


def written(value: Any) -> Any:
    """A value of DuckDB as JSON has it; naive times are UTC."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds") + "Z"
    return value.isoformat() if isinstance(value, date) else value


class _Count(int):
    """Formats as ``3 days`` with the two forms ``day|days``."""

    def __format__(self, forms: str) -> str:
        one, many = forms.split("|")
        return f"{int(self)} {one if self == 1 else many}"


@lru_cache(maxsize=1)
def _texts() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return loaded


def _said(key: str, language: Language, **values: Any) -> str:
    return str(_texts()[key][language]).format(**values)


def _named(group: str, name: str | None, language: Language) -> str:
    """The words for a code; a code without words speaks for itself."""
    words: Words | None = _texts()[group].get(name or "unknown")
    return words[language] if words else (name or "")


def _sentence(parts: list[str]) -> str:
    return "; ".join(part.strip() for part in parts) + "."


def _why_device(device: dict[str, Any], household: dict[str, Any], language: Language) -> str:
    guest_days = sum(
        row["days"]
        for row in household["visits"]
        if row["device_key"] == device["device_key"] and row["host_household_id"] != household["id"]
    )
    confidence = device.get("confidence")
    parts = [
        _said(
            "device",
            language,
            since=_day(device["from_at"], language),
            percent="?" if confidence is None else f"{100 * confidence:.0f}",
            device=_named("classes", device.get("device_class"), language),
            reason=_named("reasons", device["reason"], language) if device.get("reason") else "",
        )
    ]
    parts += _seen(device["evidence"], language) if device.get("evidence") else _lived(device, household, language)
    if guest_days:
        parts.append(_said("device_away", language, days=_Count(guest_days)))
    if device["until_at"] is not None:
        parts.append(_said("device_until", language, until=_day(device["until_at"], language)))
    return _sentence(parts)


def _seen(evidence: dict[str, Any], language: Language) -> list[str]:
    """What the clustering counted for this device."""
    counts = {name: _Count(evidence[name] or 0) for name in ("days", "nights", "addresses")}
    parts = [_said("device_evidence" if counts["nights"] else "device_evidence_by_day", language, **counts)]
    if evidence["co_seen_device_key"]:
        other = evidence["co_seen_device_key"][:10]
        parts.append(_said("device_together", language, days=_Count(evidence["co_seen_days"]), other=other))
    if evidence["days_elsewhere"]:
        parts.append(_said("device_elsewhere", language, days=_Count(evidence["days_elsewhere"])))
    return parts


def _lived(device: dict[str, Any], household: dict[str, Any], language: Language) -> list[str]:
    """Where nothing was counted: what the household was while the device lived there."""
    others = sum(other["until_at"] is None for other in household["devices"] if other is not device)
    until = device["until_at"] or "9999"
    leases = [row for row in household["addresses"] if device["from_at"] <= row["until_at"] and row["from_at"] <= until]
    if not leases:
        return []
    days = _Count(len({row["day"] for row in leases}))
    return [_said("device_lived", language, addresses=_Count(len(leases)), days=days, others=_Count(others))]


def _why_link(link: dict[str, Any], language: Language) -> str:
    parts = [_said("link", language, days=_Count(link["visit_days"]), last=_day(link["last_at"], language))]
    if link["shared_lift"] is not None:
        names = {"lift": "shared_lift", "low": "shared_lift_low", "high": "shared_lift_high"}
        figures = {name: _decimal(link[column], language) for name, column in names.items()}
        parts.append(_said("link_shared", language, **figures))
    return _sentence(parts)


def _why_household(household: dict[str, Any], language: Language) -> str:
    counts = {
        "devices": _Count(sum(device["until_at"] is None for device in household["devices"])),
        "addresses": _Count(len(household["addresses"])),
        "links": _Count(len(household["links"])),
    }
    parts = [_said("household" if counts["links"] else "household_unlinked", language, **counts)]
    if not household["is_separable"]:
        parts.append(_said("household_inseparable", language))
    return _sentence(parts)


def _change(change: dict[str, Any], language: Language) -> str:
    device, other = change.get("device_key") or "", change.get("other_household_id") or "–"
    return _named("changes", change["change"], language).format(device=device[:10], other=other)


def _day(at: str, language: Language) -> str:
    return f"{at[8:10]}.{at[5:7]}.{at[:4]}" if language == "de" else at[:10]


def _decimal(value: float | None, language: Language) -> str:
    text = "?" if value is None else f"{value:.1f}"
    return text.replace(".", ",") if language == "de" else text
