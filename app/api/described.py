"""/openapi.json, made whole: FastAPI knows the routes and what they take, `shapes` what they answer."""

from typing import Any

from fastapi import FastAPI

from app.api.shapes import ANSWERS, INGESTED, SHAPES, Schema

JSON = "application/json"
WITH_A_BODY = ("200", "201", "202")


class Described(FastAPI):
    """An app whose description says what its answers look like."""

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is not None:
            return self.openapi_schema
        described = super().openapi()
        described["components"]["schemas"].update(SHAPES)
        for path, methods in described["paths"].items():
            for method, operation in methods.items():
                shape = ANSWERS.get(f"{method.upper()} {path}", INGESTED if operation["tags"] == ["ingest"] else None)
                if shape is not None:
                    _shape(operation, shape)
        return described


def _shape(operation: dict[str, Any], shape: Schema) -> None:
    for status in operation["responses"].keys() & WITH_A_BODY:
        content = operation["responses"][status].setdefault("content", {JSON: {}})
        content[JSON]["schema"] = shape
