"""How admin routes read their bodies."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict

from app.domain.bodies import check_encoding

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class Nothing(BaseModel):
    """A body that says nothing, for those who must send one."""

    model_config = ConfigDict(extra="forbid")


class JsonRoute(APIRoute):
    """A route whose body is JSON whatever its content type says: curl calls everything a form unless told otherwise."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def as_json(request: Request) -> Response:
            check_encoding(request.headers.get("content-encoding"))
            others = [(name, value) for name, value in request.scope["headers"] if name != b"content-type"]
            scope = {**request.scope, "headers": [*others, (b"content-type", b"application/json")]}
            return await handle(Request(scope, request.receive))

        return as_json
