"""What the service says of itself: whoever reads only /openapi.json can call every route."""

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from app.api.shapes import ANSWERS
from app.sources import EXAMPLES, SOURCES
from app.sources.base import Source
from tests.api.keeping_word import Word

Operation = dict[str, Any]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def paths(client: httpx.AsyncClient) -> dict[str, dict[str, Operation]]:
    found: dict[str, dict[str, Operation]] = (await client.get("/openapi.json")).json()["paths"]
    return found


def operations(paths: dict[str, dict[str, Operation]]) -> Iterator[tuple[str, str, Operation]]:
    for path, methods in paths.items():
        for method, operation in methods.items():
            yield path, method, operation


def parameters(operation: Operation) -> dict[str, Operation]:
    return {one["name"]: one for one in operation.get("parameters", [])}


def test_every_route_names_its_brand_and_its_problems(paths: dict[str, dict[str, Operation]]) -> None:
    for path, method, operation in operations(paths):
        if not path.startswith("/api/"):
            continue
        brand = parameters(operation)["brand" if "{brand}" in path else "x-brand-id"]
        assert brand["in"] == ("path" if "{brand}" in path else "header"), path
        assert brand["required"], path
        assert re.search(brand["schema"]["pattern"], "my-shop_2"), path
        assert not re.search(brand["schema"]["pattern"], "My shop"), path
        assert {"400", "422", "503"} <= operation["responses"].keys(), (path, method)
        for status, response in operation["responses"].items():
            assert response["description"], (path, status)
            if status >= "400":
                assert list(response["content"]) == ["application/problem+json"], (path, status)
        if method != "get":
            assert {"413", "415"} <= operation["responses"].keys(), path
        if method == "post":
            assert operation["requestBody"]["content"], path
        if "_id}" in path or "topic" in path:
            assert "404" in operation["responses"], path


def test_every_answer_has_a_shape(paths: dict[str, dict[str, Operation]]) -> None:
    """That each answer has it is looked at with every answer of these tests (tests/api/keeping_word.py)."""
    for path, method, operation in operations(paths):
        for status in operation["responses"].keys() & {"200", "201", "202"}:
            content = operation["responses"][status]["content"]
            assert content, (path, status)
            for kind, one in content.items():
                assert kind == "text/event-stream" or one["schema"], (path, method, status)
    told = {f"{method.upper()} {path}" for path, method, _ in operations(paths)}
    assert told >= ANSWERS.keys() - {"POST /api/cypher"}  # which this app is without


def test_what_goes_on_after_its_answer_says_202(paths: dict[str, dict[str, Operation]]) -> None:
    version = "/api/rules/{version}"
    assert {path for path, _, operation in operations(paths) if "202" in operation["responses"]} == {
        "/api/jobs/{name}/run",
        f"{version}/dry-run",
        f"{version}/promote",
        f"{version}/rollback",
    }


def test_what_is_no_json_says_so(paths: dict[str, dict[str, Operation]]) -> None:
    def kinds(path: str, method: str) -> list[str]:
        return [*paths[path][method]["responses"]["200"]["content"]]

    assert kinds("/metrics", "get") == ["text/plain"]
    assert kinds("/api/integrations/twilio/webhook", "post") == ["application/json", "text/xml"]


def test_what_conflicts_says_409(paths: dict[str, dict[str, Operation]]) -> None:
    found = {path for path, _, operation in operations(paths) if "409" in operation["responses"]}
    queue = "/api/merge-queue/{review_id}"
    declared, sender = "/api/identifiers/{type_name}/{value}", "/api/sources/{name}"
    keys = {"/api/keys", "/api/keys/{key_id}"}
    batch = "/api/automation-batches/{batch_id}"
    redrive = "/api/campaign-executions/{campaign_id}/redrive"
    automation = "/api/automations/{automation_id}"
    messages = {
        automation,
        "/api/jobs/{name}/run",
        redrive,
        "/api/reminders/{reminder_id}/redrive",
        f"{batch}/approve",
        f"{batch}/reject",
    }
    merge, profile = "/api/merges/{merge_id}", "/api/profiles/{profile_id}"
    undoing = {f"{merge}/undo", f"{merge}/redo", f"{profile}/split", "/api/judgements/{judgement_id}/retract"}
    models = {"/api/models/roll-back", "/api/models/{model_id}/promote", f"{profile}/score", f"{profile}/prediction"}
    deciding = {"/api/profiles", "/api/merges", f"{queue}/approve", f"{queue}/reject", declared}
    version, runs = "/api/rules/{version}", "/api/rules/runs/{run_id}"
    rules = {"/api/rules", version, f"{version}/dry-run", f"{version}/promote", f"{version}/rollback", f"{runs}/cancel"}
    past = {profile, f"{profile}/360", f"{profile}/graph"}
    assert found == {*past, *deciding, *undoing, *models, *messages, *rules, *keys, sender, "/api/erasures"}


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_every_source_shows_a_body_that_works(paths: dict[str, dict[str, Operation]], source: Source) -> None:
    example = EXAMPLES[source.name]
    body = {name: value for name, value in json.loads(example.body).items() if value is not None}  # FastAPI shows no nulls
    for path in (source.path, *(f"/api/integrations/{name}/webhook/{{brand}}" for name in source.names)):
        operation = paths[path]["post"]
        content = operation["requestBody"]["content"]
        assert tuple(content) == source.media
        for one in content.values():
            assert one["example"] == body
        for name, value in example.headers.items():
            if name != "content-type":
                assert parameters(operation)[name]["example"] == value


async def test_the_example_of_an_import_works(client: httpx.AsyncClient, brand_id: str) -> None:
    operation = (await client.get("/openapi.json")).json()["paths"]["/api/profiles"]["post"]
    example = operation["requestBody"]["content"]["application/json"]["example"]
    answer = await client.post("/api/profiles", json=example, headers={"x-brand-id": brand_id})
    assert answer.status_code == 201
    assert "201" in operation["responses"]


@pytest.mark.parametrize(
    ("method", "path", "status", "content", "kind"),
    [
        ("POST", "/api/events", 200, b'{"data": {"events": [{"event_id": "e"}]}}', "application/json"),
        ("POST", "/api/events", 204, b"", ""),
        ("GET", "/api/profiles", 200, b'{"data": [], "next": 5}', "application/json"),
        ("GET", "/api/profiles", 200, b"nobody", "text/plain"),
        ("GET", "/api/profiles", 409, b'{"type": "about:blank"}', "application/problem+json"),
    ],
)
def test_an_answer_that_is_not_as_described_is_noticed(
    app: FastAPI, method: str, path: str, status: int, content: bytes, kind: str
) -> None:
    asked = httpx.Request(method, f"http://constintel{path}")
    with pytest.raises(AssertionError):
        Word(app.openapi()).check(httpx.Response(status, headers={"content-type": kind}, content=content, request=asked))
