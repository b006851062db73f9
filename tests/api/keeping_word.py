"""Holds answers against what /openapi.json says of them: status, media type, and shape."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from itertools import islice
from typing import Any

import httpx
from fastapi import FastAPI
from jsonschema_rs import Draft202012Validator

# No route's own: what is not there, another method, what tests break.
ANYWHERE = {404, 405, 500}


class Word:
    """What the service says of its answers."""

    def __init__(self, described: dict[str, Any]) -> None:
        self._described = described
        paths = sorted(described["paths"], key=lambda path: path.count("{"))
        self._routes = [(re.compile(re.sub(r"\\{value\\}|\\{\w+\\}", _part, re.escape(path))), path) for path in paths]
        self._shape = cache(self._shape_of)  # by route, status and media type

    def check(self, answer: httpx.Response) -> None:
        """Raises AssertionError when the answer is none that the route tells of. Its text has to be read by now."""
        request = answer.request
        path = next((path for form, path in self._routes if form.fullmatch(request.url.path)), None)
        operation = self._described["paths"].get(path, {}).get(request.method.lower())
        if path is None or operation is None or answer.status_code in ANYWHERE:
            return
        where, status = f"{request.method} {request.url.path}: {answer.status_code}", str(answer.status_code)
        assert status in operation["responses"], f"{where} is not described"
        content = operation["responses"][status].get("content", {})
        kind = answer.headers.get("content-type", "").partition(";")[0]
        assert (kind in content) == bool(answer.content), f"{where} is {kind}, described are {[*content]}"
        if kind.endswith("json"):
            wrong = self._shape(path, request.method.lower(), status, kind).iter_errors(answer.json())
            found = [f"{'.'.join(map(str, one.instance_path))}: {one.message:.200}" for one in islice(wrong, 3)]
            assert not found, f"{where} is not as described: {found}"

    def _shape_of(self, path: str, method: str, status: str, kind: str) -> Draft202012Validator:
        shape = self._described["paths"][path][method]["responses"][status]["content"][kind]["schema"]
        return Draft202012Validator({**shape, "components": self._described["components"]})


def _part(name: re.Match[str]) -> str:
    return ".+" if name[0] == r"\{value\}" else "[^/]+"


@asynccontextmanager
async def kept_to_its_word(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an app without a socket between, that holds every answer against what the app says of it."""
    word = Word(app.openapi())

    async def hold(answer: httpx.Response) -> None:
        await answer.aread()
        word.check(answer)

    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://constintel", event_hooks={"response": [hold]}) as opened:
        yield opened
