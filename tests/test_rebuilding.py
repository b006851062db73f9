"""`constintel rebuild` drives a running service over HTTP."""

import asyncio
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result
from neo4j import AsyncDriver

from app import rebuilding
from app.cli import main
from app.graph.driver import Graph
from app.graph.embedded import Neo4jAddress
from app.review import rehearse
from tests.api.conftest import driver  # noqa: F401 - a fixture
from tests.conftest import new_brand
from tests.importing.conftest import url  # noqa: F401 - a fixture
from tests.processes import service


async def run(*arguments: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, main, ["rebuild", *arguments])


async def populated(at: str) -> str:
    """A new brand of three people."""
    brand = new_brand()
    body = [{"type": "purchase", "identifiers": {"email": f"{n}@x.org"}, "properties": {"total": 5}} for n in range(3)]
    async with httpx.AsyncClient(base_url=at, headers={"x-brand-id": brand}, timeout=60) as http:
        assert (await http.post("/api/events", json=body)).status_code == 200
    return brand


async def test_it_says_what_it_found(url: str, driver: AsyncDriver, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setattr(rebuilding, "LOOK_S", 0.05)
    monkeypatch.setattr(rebuilding, "TELL_S", 0.0)
    brand = await populated(url)
    healthy = await run("--brand", brand, "--url", url)
    assert f"{brand}: 3 people looked at, all as the evidence says" in healthy.output
    assert healthy.exit_code == 0
    await driver.execute_query("MATCH (p:Profile {brand_id: $brand}) SET p.total_orders = 9", brand=brand)
    mended = await run("--brand", brand, "--url", url)
    assert "3 things mended (3 changed)" in mended.output, mended.output
    assert mended.exit_code == 0


async def test_a_brand_of_nobody_is_not_told_as_healthy(url: str) -> None:  # noqa: F811
    brand = new_brand()
    done = await run("--brand", brand, "--url", url)
    assert (done.exit_code, done.output.startswith(f"{brand}: nobody is there to look at")) == (0, True), done.output


async def test_who_was_left_as_they_are_is_told(url: str, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setattr(rehearse, "MAX_ENTRIES_OF_A_JOB", 0)
    done = await run("--brand", await populated(url), "--url", url)
    assert (done.exit_code, "3 people left as they are" in done.output) == (1, True), done.output


async def test_one_that_fails_is_told(url: str, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    brand = await populated(url)

    async def broken(*_: object) -> None:
        raise RuntimeError("no more")

    with monkeypatch.context() as patched:
        patched.setattr(rehearse, "rebuilt", broken)
        done = await run("--brand", brand, "--url", url)
    assert (done.exit_code, "the rebuild failed (RuntimeError: no more); run it again" in done.output) == (1, True), done.output
    assert "all as the evidence says" in (await run("--brand", brand, "--url", url)).output


async def test_all_are_all_brands(
    graph: Graph, neo4j_address: Neo4jAddress, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(rebuilding, "BRANDS_AT_ONCE", 20)
    monkeypatch.setattr(rebuilding, "_one", lambda _, brand: asked.append(brand) or {"skipped": 0})
    with service(neo4j_address, tmp_path / "log") as at:
        brands = {await populated(at) for _ in range(22)}
        done = await run("--brand", "all", "--url", at)
    assert (done.exit_code, brands <= set(asked), asked == sorted(set(asked))) == (0, True, True), done.output
