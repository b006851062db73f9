"""The words in which answers are described: JSON Schema, as OpenAPI 3.1 has it.

`fields` names what always stands in an object; `sometimes` what may be missing.
"""

from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
NUMBER: Schema = {"type": "number"}
FLAG: Schema = {"type": "boolean"}
OBJECT: Schema = {"type": "object"}
ANYTHING: Schema = {}
TIME: Schema = {"type": "string", "format": "date-time", "description": "ISO-8601, UTC."}
STRENGTH: Schema = {"type": "integer", "minimum": 0, "maximum": 100}
CHANCE: Schema = {"type": "number", "minimum": 0, "maximum": 1}


def fields(**always: Schema) -> Schema:
    return {"type": "object", "required": [*always], "properties": always}


def sometimes(shape: Schema, **maybe: Schema) -> Schema:
    return {**shape, "properties": {**shape["properties"], **maybe}}


def listed(shape: Schema) -> Schema:
    return {"type": "array", "items": shape}


def by_name(shape: Schema) -> Schema:
    return {"type": "object", "additionalProperties": shape}


def or_null(shape: Schema) -> Schema:
    return {"anyOf": [shape, {"type": "null"}]}


def known(*words: str) -> Schema:
    return {"type": "string", "enum": [*words]}


def the(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def data(shape: Schema) -> Schema:
    return fields(data=shape)


def page(shape: Schema) -> Schema:
    """`next` is where the following page begins, null on the last."""
    return fields(data=listed(shape), next=or_null(TEXT))
