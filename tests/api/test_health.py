"""Probes: they need no brand, and say the truth when the graph is away."""

import socket

import httpx
import pytest

from app.graph.driver import Graph
from app.main import create_app
from app.settings import Settings


async def test_up_and_ready(client: httpx.AsyncClient) -> None:
    for path, status in (("/healthz", "ok"), ("/readyz", "ready")):
        response = await client.get(path)
        assert response.status_code == 200
        assert response.json() == {"status": status}
        assert (await client.head(path)).status_code == 200  # what some load balancers ask


async def test_up_but_not_ready_while_the_graph_is_away() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections and never answers
        away = Graph.connect(f"bolt://127.0.0.1:{silent.getsockname()[1]}", "neo4j", "none")
        transport = httpx.ASGITransport(create_app(away, Settings()))
        async with httpx.AsyncClient(transport=transport, base_url="http://constintel") as client:
            assert (await client.get("/healthz")).status_code == 200
            response = await client.get("/readyz")
            assert response.elapsed.total_seconds() < 2
        await away.close()
    assert response.status_code == 503
    assert response.headers["content-type"] == "application/problem+json"
    assert int(response.headers["retry-after"]) > 0


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/api/profiles", "GET, POST"),
        ("POST", "/api/automations/a", "GET, PUT, PATCH, DELETE"),
        ("POST", "/healthz", "GET, HEAD"),
        ("GET", "/api/events", "POST"),
    ],
)
async def test_another_method_is_told_all_that_there_are(client: httpx.AsyncClient, method: str, path: str, allowed: str) -> None:
    answer = await client.request(method, path, headers={"x-brand-id": "shop"})
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
