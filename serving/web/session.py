"""The access token in the browser: asked for once, kept in a cookie that scripts cannot read."""

from fastapi import Request
from fastapi.responses import RedirectResponse

from serving.auth import is_token

TOKEN_COOKIE = "mediathek_token"  # noqa: S105 - the cookie's name


def is_signed_in(request: Request, token: str) -> bool:
    """Tell whether the request carries the token, as a bearer or in the cookie (compared in constant time)."""
    bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
    given = (bearer, request.cookies.get(TOKEN_COOKIE, ""))
    return any(is_token(value, token) for value in given)


def signed_in(location: str, token: str) -> RedirectResponse:
    """Send the browser on, with the token in a cookie for this server only."""
    response = RedirectResponse(location, status_code=303)
    response.set_cookie(TOKEN_COOKIE, token, httponly=True, samesite="strict")
    return response
