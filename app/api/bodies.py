"""How admin routes read their bodies."""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any, ClassVar

import orjson
from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field
from starlette.types import Message, Receive

from app.domain.bodies import check_encoding, whole, without_mark
from app.domain.errors import TooLarge
from app.domain.identifiers import MAX_VALUE_BYTES

MOST_VALUES = 10_000  # of a body: some thousand names or identifiers, each an object of two

Note = Annotated[str | None, Field(max_length=2_000, description="Why, for those who read the history.")]
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class Nothing(BaseModel):
    """A body that says nothing, for those who must send one."""

    model_config = ConfigDict(extra="forbid")


class Named(BaseModel):
    """An identifier, as bodies name one."""

    model_config = ConfigDict(extra="forbid")

    type: str = Field(max_length=100)
    value: str = Field(max_length=MAX_VALUE_BYTES)


class JsonRoute(APIRoute):
    """A route whose body is JSON whatever its content type says: curl calls everything a form unless told otherwise.

    It is read here, so that what is too large is refused before anybody makes sense of it. So are too many values: a model has a
    complaint about each (a list of a million took minutes and gigabytes, of the one loop that serves everybody).
    """

    free: ClassVar[frozenset[str]] = frozenset()  # names whose values no model looks at

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def as_json(request: Request) -> Response:
            check_encoding(request.headers.get("content-encoding"))
            body = without_mark(await whole(request.stream(), request.headers))
            check_values(body, self.free)
            others = [(name, value) for name, value in request.scope["headers"] if name != b"content-type"]
            scope = {**request.scope, "headers": [*others, (b"content-type", b"application/json")]}
            return await handle(_Strict(scope, _once(body, request.receive)))

        return as_json


def check_values(body: bytes, free: frozenset[str]) -> None:
    """Lets a body pass that has few values, and one that is no JSON, of which its reader will say so. Raises TooLarge."""
    if len(body) < 2 * MOST_VALUES:  # each has a comma
        return
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return
    if isinstance(found, dict):
        found = {name: value for name, value in found.items() if name not in free}
    waiting, count = [found] if isinstance(found, dict | list) else [], 0
    while waiting:
        inside = waiting.pop()
        count += len(inside)
        if count > MOST_VALUES:
            raise TooLarge(f"the body holds more than {MOST_VALUES:,} values, the most that is read here; send less at once")
        waiting += [one for one in (inside.values() if isinstance(inside, dict) else inside) if isinstance(one, dict | list)]


class _Strict(Request):
    """Its JSON is what RFC 8259 calls so, as at the doors of events: no NaN, no lone surrogates, no depth without end."""

    async def json(self) -> object:
        return orjson.loads(await self.body())


def _once(body: bytes, receive: Receive) -> Receive:
    """What was read, and then whatever else is to be heard of the client."""
    told: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return told.pop() if told else await receive()

    return again
