"""The bearer token that guards routes which write or show device-level data."""

import hmac
import secrets
from pathlib import Path

from fastapi import HTTPException, Request

from core.errors import UserError
from core.logs import progress
from core.secret_file import keep_once
from core.settings import Settings


def load_token(settings: Settings) -> str:
    """``MEDIATHEK_TOKEN``, else the one kept from the first start, else a new one, which is kept (0600) and printed.

    Raises:
        UserError: the kept token is empty.
    """
    if settings.token is not None:
        return settings.token
    file = settings.paths.token
    if not file.exists():
        _make(file)
    token = file.read_text(encoding="ascii").strip()
    if not token:
        raise UserError(f"token: {file} is empty; delete it, and a new token is made at the next start")
    return token


def _make(file: Path) -> None:
    token = secrets.token_urlsafe(24)
    if keep_once(file, f"{token}\n".encode("ascii")):
        progress(f"token for routes that show device-level data: {token}   (kept in {file})")


def is_token(given: str, expected: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(given.encode(), expected.encode())


def require_token(request: Request) -> None:
    """Dependency of guarded routes: the bearer token, compared in constant time.

    Raises:
        HTTPException: 401 without the token or with a wrong one.
    """
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    expected: str = request.app.state.token
    if scheme.lower() != "bearer" or not is_token(given.strip(), expected):
        raise HTTPException(401, "send the token as 'Authorization: Bearer ...'", {"WWW-Authenticate": "Bearer"})
