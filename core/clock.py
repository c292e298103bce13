"""The only place that reads the time. Everything below the command line and the DAGs gets time as an argument."""

from datetime import UTC, datetime

from core.errors import UserError


def now() -> datetime:
    """Return the current instant as an aware UTC datetime."""
    return datetime.now(UTC)


def parse_instant(text: str, field: str = "time") -> datetime:
    """Parse RFC 3339 text with a zone into an aware UTC datetime.

    Raises:
        UserError: the text is no instant or has no zone; the message names ``field`` and the remedy.
    """
    try:
        instant = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise UserError(f"{field}: '{text}' is no RFC 3339 time; write e.g. 2026-05-01T12:00:00Z") from None
    if instant.tzinfo is None:
        raise UserError(f"{field}: '{text}' has no zone; write e.g. {text}Z")
    return instant.astimezone(UTC)
