"""Short names for the values that sections put into their texts."""

from datetime import datetime

from monitoring.model_cards.content import Block, Section, Value
from monitoring.model_cards.wording import say


def count(number: float) -> Value:
    return Value(unit="count", number=number)


def share(number: float) -> Value:
    """A share of 0..1, shown in percent."""
    return Value(unit="share", number=number)


def days(number: float) -> Value:
    return Value(unit="days", number=number)


def hours(number: float, digits: int | None = None) -> Value:
    return Value(unit="hours", number=number, digits=digits)


def words(*texts: str) -> Value:
    return Value(unit="words", words=texts)


def terms(*keys: str) -> Value:
    return Value(unit="terms", words=keys)


def date(at: datetime) -> Value:
    return Value(unit="date", words=(at.isoformat(timespec="minutes"),))


def instant(at: datetime) -> Value:
    return Value(unit="instant", words=(at.isoformat(timespec="minutes"),))


def section(key: str, *blocks: Block | None) -> Section:
    """A section with its heading; blocks that are None are left out."""
    return Section(key=key, title=say(f"section.{key}"), blocks=tuple(block for block in blocks if block is not None))
