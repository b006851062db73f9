"""/openapi.json, made whole: FastAPI knows the routes and what they take, `shapes` what they answer."""

from typing import Any

from fastapi import FastAPI

from app.api.schema import Schema
from app.api.shapes import ANSWERS, INGESTED, SHAPES
from app.domain.brands import BRAND_PATTERN

JSON = "application/json"
WITH_A_BODY = ("200", "201", "202")


class Described(FastAPI):
    """An app whose description says what its answers look like."""

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is not None:
            return self.openapi_schema
        described = super().openapi()
        described["components"]["schemas"].update(SHAPES)
        described["components"]["securitySchemes"] = {
            "write_key": {"type": "http", "scheme": "basic"},
            "api_key": {"type": "http", "scheme": "bearer", "description": "A key of the brand, where the service asks for one."},
        }
        described["security"] = [{"api_key": []}, {}]
        for path, methods in described["paths"].items():
            for method, operation in methods.items():
                shape = ANSWERS.get(f"{method.upper()} {path}", INGESTED if operation["tags"] == ["ingest"] else None)
                if shape is not None:
                    _shape(operation, shape)
                _name_the_brand(operation)
        return described


def _shape(operation: dict[str, Any], shape: Schema) -> None:
    for status in operation["responses"].keys() & WITH_A_BODY:
        content = operation["responses"][status].setdefault("content", {JSON: {}})
        content[JSON]["schema"] = shape


def _name_the_brand(operation: dict[str, Any]) -> None:
    """A call without its brand is refused (400); the routes themselves take it, so that this is what is told first."""
    for parameter in operation.get("parameters", ()):
        if parameter["name"] in ("x-brand-id", "brand"):
            parameter |= {"required": True, "schema": {"type": "string", "pattern": BRAND_PATTERN}}
