"""What the service says of itself: whoever reads only /openapi.json can call every route."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from app.sources import EXAMPLES, SOURCES
from app.sources.base import Source

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
        assert {"400", "422", "503"} <= operation["responses"].keys(), (path, method)
        for status, response in operation["responses"].items():
            assert response["description"], (path, status)
            if status >= "400":
                assert list(response["content"]) == ["application/problem+json"], (path, status)
        if method == "post":
            assert "415" in operation["responses"], path
            assert operation["requestBody"]["content"], path
        if "_id}" in path or "topic" in path:
            assert "404" in operation["responses"], path


def test_what_conflicts_says_409(paths: dict[str, dict[str, Operation]]) -> None:
    found = {path for path, _, operation in operations(paths) if "409" in operation["responses"]}
    queue = "/api/merge-queue/{review_id}"
    declared = "/api/identifiers/{type_name}/{value}"
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
    assert found == {*past, *deciding, *undoing, *models, *messages, *rules}


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
