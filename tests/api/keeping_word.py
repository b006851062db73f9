"""Holds answers against what /openapi.json says of them: status, media type, and shape."""

import re
from collections.abc import Iterator
from typing import Any

import httpx

TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}
# No route's own: what is not there, another method, what tests break.
ANYWHERE = {404, 405, 500}


class Word:
    """What the service says of its answers."""

    def __init__(self, described: dict[str, Any]) -> None:
        self._shapes = described["components"]["schemas"]
        paths = sorted(described["paths"].items(), key=lambda one: one[0].count("{"))
        self._routes = [(re.compile(re.sub(r"\\{value\\}|\\{\w+\\}", _part, re.escape(path))), said) for path, said in paths]

    def check(self, answer: httpx.Response) -> None:
        """Raises AssertionError when the answer is none that the route tells of. Its text has to be read by now."""
        request = answer.request
        said = next((said for path, said in self._routes if path.fullmatch(request.url.path)), {})
        operation = said.get(request.method.lower())
        if operation is None or answer.status_code in ANYWHERE:
            return
        where = f"{request.method} {request.url.path}: {answer.status_code}"
        assert str(answer.status_code) in operation["responses"], f"{where} is not described"
        content = operation["responses"][str(answer.status_code)].get("content", {})
        kind = answer.headers.get("content-type", "").partition(";")[0]
        assert (kind in content) == bool(answer.content), f"{where} is {kind}, described are {[*content]}"
        if kind.endswith("json"):
            found = list(self._misfits(answer.json(), content[kind]["schema"], "$"))
            assert not found, f"{where} is not as described: {found[:3]}"

    def _misfits(self, value: object, schema: dict[str, Any], where: str) -> Iterator[str]:
        if "$ref" in schema:
            schema = self._shapes[schema["$ref"].rpartition("/")[2]]
        if "anyOf" in schema:
            if all(any(True for _ in self._misfits(value, one, where)) for one in schema["anyOf"]):
                yield f"{where}: {value!r:.80} is none of {schema['anyOf']}"
            return
        if not _is(value, schema):
            yield f"{where}: {value!r:.80} is none of {schema}"
        if isinstance(value, list):
            for place, entry in enumerate(value):
                yield from self._misfits(entry, schema.get("items", {}), f"{where}[{place}]")
        if isinstance(value, dict):
            yield from (f"{where}: {name} is missing" for name in schema.get("required", ()) if name not in value)
            beside = schema.get("additionalProperties", {})
            for name, entry in value.items():
                yield from self._misfits(entry, schema.get("properties", {}).get(name, beside), f"{where}.{name}")


def _part(name: re.Match[str]) -> str:
    return ".+" if name[0] == r"\{value\}" else "[^/]+"


def _is(value: object, schema: dict[str, Any]) -> bool:
    """Whether a value by itself, without what it holds, is of the type and among what may be."""
    kind = schema.get("type")
    if kind in {"number", "integer"}:
        if isinstance(value, bool) or not isinstance(value, int if kind == "integer" else int | float):
            return False
        return bool(schema.get("minimum", value) <= value <= schema.get("maximum", value))
    return (kind is None or isinstance(value, TYPES[kind])) and value in schema.get("enum", [value])
