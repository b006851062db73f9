"""The service on a real socket and a real Chromium in front of it: one of each for the whole room."""

import os
import shutil
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from neo4j import AsyncDriver
from playwright.async_api import Browser, async_playwright, expect

from app.graph.cypher_door import CypherDoor, Limits
from app.graph.driver import Graph
from app.graph.embedded import Neo4jAddress
from app.main import create_app
from app.settings import Settings
from tests.api.brand import Brand
from tests.api.conftest import brand, driver, stranger  # noqa: F401 - fixtures
from tests.conftest import new_brand
from tests.console.looking import THEMES, Look, Shop, filled
from tests.serving import serving

CHROMIUM = "chromium"
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
# As Chromium does where a site may store nothing.
NO_STORAGE = """Object.defineProperty(window, "localStorage", {
  get() { throw new DOMException("Access is denied for this document.", "SecurityError"); }
})"""


expect.set_options(timeout=30_000)  # a busy machine is no failure


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def site(graph: Graph, neo4j_address: Neo4jAddress) -> AsyncIterator[str]:
    # Patient, because a busy machine is no failure; and nothing happens here but what a test does.
    login = (neo4j_address.uri, neo4j_address.username, neo4j_address.password)
    door = CypherDoor(*login, limits=Limits(seconds=30, wait_s=30))
    async with serving(create_app(graph, Settings(request_deadline_s=60, scheduler=False, rules_grace_s=0), door)) as address:
        yield address
    await door.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def client(site: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=site, timeout=60) as opened:
        yield opened


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shop(client: httpx.AsyncClient, driver: AsyncDriver) -> Shop:  # noqa: F811
    """A brand with somebody of whom everything is known. Tests only look at it."""
    return await filled(Brand(new_brand(), client, driver))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    program = shutil.which(CHROMIUM)
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("chromium is missing; `make test` installs Debian's package of that name")
        pytest.skip("the browser tests need Chromium; on Debian: apt-get install chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=QUIET)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def looks(chromium: Browser, site: str) -> AsyncIterator[dict[str, Look]]:
    """A page, one of a browser without JavaScript and one that may store nothing, for all tests: a new one each takes longer
    than most tests."""
    opened = {
        "usual": await chromium.new_context(base_url=site, color_scheme=THEMES[0]),
        "plain": await chromium.new_context(base_url=site, java_script_enabled=False),
        "forgetful": await chromium.new_context(base_url=site, color_scheme=THEMES[0]),
    }
    await opened["forgetful"].add_init_script(NO_STORAGE)
    yield {name: Look(await context.new_page(), site) for name, context in opened.items()}
    for context in opened.values():
        await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def look(looks: dict[str, Look], request: pytest.FixtureRequest) -> AsyncIterator[Look]:
    """A usual page, or as the test's parameter says; at the end it must not have complained or asked anybody else."""
    async with looks[getattr(request, "param", "usual")] as one:
        yield one
