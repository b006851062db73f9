"""The one table from error to HTTP status, and how every refusal is answered (RFC 9457)."""

from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Match

from app.domain import errors
from app.domain.brands import brand_of
from app.domain.errors import ConstIntelError, MissingBrand

# The nearest ancestor that is listed counts.
STATUS: dict[type[ConstIntelError], int] = {
    errors.BadInput: 400,
    errors.Unprocessable: 422,
    errors.TooLarge: 413,
    errors.UnsupportedEncoding: 415,
    errors.QueryTooExpensive: 422,
    errors.NotFound: 404,
    errors.ForeignForm: 403,
    errors.ForeignPage: 403,
    errors.Unidentified: 401,
    errors.Forged: 403,
    errors.Forbidden: 403,
    errors.SenderOff: 403,
    errors.Conflict: 409,
    errors.Gone: 410,
    errors.PoisonEvent: 500,
    errors.Unavailable: 503,
    errors.SetUpError: 503,
    errors.ConstIntelError: 500,
}
MOST_COMPLAINTS = 100  # of one request that are told one by one
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")

# What /openapi.json says of each status.
SAYS: dict[int, str] = {
    400: "The brand is missing, or the request is not what the route takes",
    401: "It must be signed, or bring a key, and does not",
    403: "It is signed by somebody else, its sender is switched off, or its key is of another brand or role; nothing was stored",
    404: "Nothing in this brand has this id",
    409: "It contradicts what stands; nothing was changed",
    410: "It is kept no longer: a person was erased, or a stream begins behind this position (at `oldest_position`)",
    413: "The body is too large",
    415: "The body is compressed",
    422: "The content is not valid; `detail` says where and how to mend it",
    503: "The graph does not answer in time, or too much waits for it; send it again after `Retry-After` seconds",
}
Responses = dict[int | str, dict[str, Any]]


def answer_refusals(app: FastAPI) -> None:
    """Whatever an app's routes raise is answered as a problem."""
    app.add_exception_handler(ConstIntelError, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(ClientDisconnect, _hung_up)


def status_of(error: ConstIntelError) -> int:
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, ConstIntelError)
    request.state.refusal = error.detail
    return refusal(error)


def refusal(error: ConstIntelError) -> Response:
    """The answer that an error is."""
    status = status_of(error)
    headers = {"retry-after": str(errors.Unavailable.again_after_s)} if status == 503 else None
    if isinstance(error, errors.Unidentified):
        headers = {"www-authenticate": error.challenge}
    return problem(status, error.title, error.detail, error.extra, headers)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    brandless = _without_brand(request)
    if brandless is not None:
        return await _refused(request, brandless)
    wrong = error.errors()
    found = [{"where": ".".join(map(str, one["loc"])), "what": one["msg"]} for one in wrong[:MOST_COMPLAINTS]]
    more = {"more": len(wrong) - len(found)} if len(wrong) > len(found) else {}
    detail = "; ".join(f"{one['where']}: {one['what']}" for one in found[:5])
    request.state.refusal = detail
    if any(one["loc"][0] == "path" for one in wrong):  # the address names something that there is none of
        return problem(404, errors.NotFound.title, detail, {"errors": found, **more})
    return problem(422, "The request is not valid", detail, {"errors": found, **more})


def _without_brand(request: Request) -> MissingBrand | None:
    """What a call that names no brand must hear first, whatever else is wrong with it."""
    try:
        brand_of(request.headers.get("x-brand-id"))
    except MissingBrand as error:
        return error if request.url.path.startswith("/api/") else None
    return None


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    request.state.refusal = error.detail
    headers = {"allow": _allowed(request)} if error.status_code == 405 else error.headers
    return problem(
        error.status_code,
        str(error.detail),
        f"{request.method} {request.url.path}: {error.detail}; see /docs",
        {},
        headers,
    )


def _allowed(request: Request) -> str:
    """Every method that a path has; Starlette names those of the first route that has it."""
    ways = [(method, {**request.scope, "method": method}) for method in METHODS]
    return ", ".join(method for method, asked in ways if any(one.matches(asked)[0] is Match.FULL for one in request.app.routes))


async def _hung_up(request: Request, error: Exception) -> Response:
    """Who hung up in the middle of a body hears no answer, and it is no fault of ours to log."""
    return Response(status_code=400)


def problems(*statuses: int) -> Responses:
    """What /openapi.json says of a route's refusals."""
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": SAYS[status], "content": content} for status in statuses}


def problem(status: int, title: str, detail: str, extra: dict[str, Any], headers: Any = None) -> Response:
    """An RFC 9457 problem document."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **extra}
    content = orjson.dumps(body, default=str)
    return Response(content, status, headers=headers and dict(headers), media_type="application/problem+json")
