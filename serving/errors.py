"""One form for every error that the server answers with; never a stack trace."""

from collections.abc import Sequence
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import Response

_NAMES = {
    400: "bad_request",
    401: "unauthorised",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    413: "too_large",
    422: "invalid",
    429: "too_many",
    503: "not_ready",
}


class FieldError(BaseModel):
    """What is wrong with one field; ``field`` is its path, e.g. ``history.views.0.watched_s``."""

    field: str
    message: str


class ErrorBody(BaseModel):
    """The form of every error."""

    error: str
    """A word for programs: ``invalid``, ``not_found``, ``too_large``, ..."""
    message: str
    """One line for people."""
    fields: list[FieldError] = []


class InvalidFieldsError(HTTPException):
    """422: one or more fields are missing or wrong."""

    def __init__(self, errors: Sequence[Any]) -> None:
        fields = [_field(error["loc"], str(error["msg"])) for error in errors]
        super().__init__(422, "; ".join(f"{each.field}: {each.message}" for each in fields[:5]))
        self.fields = fields


def error_response(
    status: int, message: str, fields: Sequence[FieldError] = (), headers: dict[str, str] | None = None
) -> Response:
    """Build an error answer in the uniform form."""
    body = ErrorBody(error=_NAMES.get(status, "error"), message=message, fields=list(fields))
    return Response(orjson.dumps(body.model_dump()), status, headers, media_type="application/json")


def handle_errors(app: FastAPI) -> None:
    """Give every error of an app the uniform form."""
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(Exception, _on_unexpected)


async def _on_http_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    fields = error.fields if isinstance(error, InvalidFieldsError) else ()
    return error_response(error.status_code, str(error.detail), fields, dict(error.headers or {}))


async def _on_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return await _on_http_error(request, InvalidFieldsError(error.errors()))


async def _on_unexpected(_: Request, __: Exception) -> Response:
    """The server's own log has the trace; the answer has none."""
    return error_response(500, "something went wrong here; the operators' log says what")


def _field(location: Sequence[Any], message: str) -> FieldError:
    """Name a field as the sender wrote it: without where it came from (body, query, path)."""
    parts = [str(part) for part in location if part not in ("body", "query", "path")]
    return FieldError(field=".".join(parts) or "body", message=_safe(message))


def _safe(text: str) -> str:
    """A message may repeat what was sent; what is no Unicode is replaced."""
    return text[:500].encode("utf-8", "replace").decode("utf-8")
