"""What /openapi.json says of an ingest door, whose body strangers shape: its brand, its headers, and an example that works."""

from collections.abc import Mapping
from typing import Any

import orjson

from app.sources.base import Example, Reply, Source

BACKFILL = "backfill"  # of the query
OBJECT = {"type": "object"}
_MARK = {
    "name": BACKFILL,
    "in": "query",
    "required": False,
    "schema": {"type": "boolean"},
    "description": "What it tells is brought in after the fact: nobody is written to for it.",
}
OBJECTS = {"anyOf": [OBJECT, {"type": "array", "items": OBJECT}]}


def said_of_source(source: Source, example: Example, *, brand_in_path: bool) -> dict[str, Any]:
    """The `openapi_extra` of a source's route; the example is the one that tests send."""
    kinds = {kind: OBJECTS if source.lists and kind.endswith("json") else OBJECT for kind in source.media}
    said = _said(example, kinds, "path" if brand_in_path else "header")
    said["parameters"].append(_MARK)
    return (
        {**said, "responses": {"200": {"content": {"text/xml": {"schema": {"type": "string"}}}}}}
        if source.reply is Reply.TWIML
        else said
    )


def said_of_import(example: Example) -> dict[str, Any]:
    """The `openapi_extra` of the import's route."""
    return {**_said(example, {"application/json": OBJECT}, "header"), "responses": {"201": {"description": "It is new"}}}


def said_of_segment(example: Mapping[str, object]) -> dict[str, Any]:
    """The `openapi_extra` of a route of Segment's API, whose brand the write key says."""
    kinds = {kind: {"schema": OBJECT, "example": example} for kind in ("application/json", "text/plain")}
    return {"requestBody": {"required": True, "content": kinds}, "security": [{"write_key": []}]}


def _said(example: Example, kinds: Mapping[str, Mapping[str, Any]], brand_in: str) -> dict[str, Any]:
    body = orjson.loads(example.body)
    own = {name: value for name, value in example.headers.items() if name != "content-type"}
    return {
        "parameters": [_brand(brand_in), *(_header(name, value) for name, value in own.items())],
        "requestBody": {
            "required": True,
            "content": {kind: {"schema": schema, "example": body} for kind, schema in kinds.items()},
        },
    }


def _brand(brand_in: str) -> dict[str, Any]:
    name = "brand" if brand_in == "path" else "x-brand-id"
    says = "The brand's id, such as my-shop."
    return {"name": name, "in": brand_in, "required": True, "schema": {"type": "string"}, "description": says}


def _header(name: str, value: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": False, "schema": {"type": "string"}, "example": value}
