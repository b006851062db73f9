"""A browser here carries pages of the web to our port. What such a page sends or reads is refused; who is no page is not."""

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from app.graph.driver import Graph
from app.main import create_app
from app.own_names import is_ours
from app.settings import Settings

READ, CHANGE = "/openapi.json", "/api/events"
SHOP = "https://shop.example"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def asked() -> AsyncIterator[httpx.AsyncClient]:
    graph = Graph.connect("bolt://127.0.0.1:9", "neo4j", "none")
    app = create_app(graph, Settings(scheduler=False, allowed_hosts="shop.example", public_url="https://id.shop.example:8443/x"))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:3000") as opened:
        yield opened
    await graph.close()


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:3000", "localhost", "LOCALHOST.:3000", "[::1]:3000", "192.168.1.7", "app:3000", "testserver",
        "shop.example", "Shop.Example:443", "id.shop.example", "constintel.localhost:3000", "host.docker.internal", "box.local",
    ],
)  # fmt: skip
async def test_names_that_nobody_on_the_web_can_have_are_ours_and_those_of_the_settings(
    asked: httpx.AsyncClient, host: str
) -> None:
    assert (await asked.get(READ, headers={"host": host})).status_code == 200


@pytest.mark.parametrize("host", ["evil.example:3000", "127.0.0.1.nip.io", "localhost.evil.com", "xshop.example", "[", "a b.c"])
async def test_a_name_that_was_made_to_lead_here_is_told_nothing(asked: httpx.AsyncClient, host: str) -> None:
    """DNS rebinding: to the browser, page and service are of one origin."""
    for path in (READ, "/console", "/api/profiles"):
        answer = await asked.get(path, headers={"host": host, "x-brand-id": "shop"})
        assert (answer.status_code, answer.headers["content-type"]) == (403, "application/problem+json")
        assert "CONSTINTEL_ALLOWED_HOSTS" in answer.json()["detail"]
    said = {"host": host, "origin": f"http://{host}", "sec-fetch-site": "same-origin"}
    for path in (CHANGE, "/console/shop/cypher"):
        assert (await asked.post(path, headers=said)).status_code == 403


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://203.0.113.9", "http://127.0.0.1.nip.io", "file://"])
async def test_a_page_of_another_site_stores_nothing(asked: httpx.AsyncClient, origin: str) -> None:
    """A browser sends a form, or text, to any address without asking."""
    answer = await asked.post("/api/integrations/canonical/webhook/shop", headers={"origin": origin}, content=b"")
    assert (answer.status_code, "CONSTINTEL_ALLOWED_HOSTS" in answer.json()["detail"]) == (403, True)


@pytest.mark.parametrize("origin", ["http://127.0.0.1:3000", "http://localhost:8080", "http://[::1]", SHOP, None])
async def test_pages_of_ours_and_who_is_no_page_may(asked: httpx.AsyncClient, origin: str | None) -> None:
    answer = await asked.post(CHANGE, headers={"origin": origin} if origin else {}, content=b"")
    assert (answer.status_code, answer.json()["title"]) == (400, "The x-brand-id header is missing or malformed")


async def test_a_tunnel_brings_deliveries_under_any_name(asked: httpx.AsyncClient) -> None:
    assert (await asked.post(CHANGE, headers={"host": "abc.tunnel.example"}, content=b"")).status_code == 400


@pytest.mark.parametrize("path", ["/healthz", "/metrics"])
async def test_what_names_nobody_is_told_to_everybody(asked: httpx.AsyncClient, path: str) -> None:
    assert (await asked.get(path, headers={"host": "probe.example"})).status_code == 200


def test_a_star_is_every_name() -> None:
    assert is_ours("evil.example", frozenset({"*"}))
    assert not is_ours("", frozenset())


async def test_a_host_that_is_none_is_nobodys_also_where_no_setting_names_one() -> None:
    graph = Graph.connect("bolt://127.0.0.1:9", "neo4j", "none")
    transport = httpx.ASGITransport(create_app(graph, Settings(scheduler=False)))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as opened:
        assert [(await opened.get(READ, headers={"host": host})).status_code for host in ("[", "", "evil.example")] == [403] * 3
    await graph.close()
