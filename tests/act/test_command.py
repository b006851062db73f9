"""`constintel jobs run` drives a running service over HTTP."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from click.testing import CliRunner, Result

from app.cli import main
from app.graph.driver import Graph
from app.main import create_app
from app.settings import Settings
from tests.act.conftest import NOON, Acting, hours
from tests.serving import serving


@pytest_asyncio.fixture
async def url(graph: Graph) -> AsyncIterator[str]:
    async with serving(create_app(graph, Settings(request_deadline_s=60, scheduler=False))) as address:
        yield address


async def run(*arguments: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, main, ["jobs", "run", *arguments])


async def test_a_job_is_run(url: str, brand: Acting) -> None:
    await brand.does("ann@example.com", NOON, "cart_add", {}, phone="+1-555-0123")
    at = (NOON + hours(2)).isoformat()
    done = await run("cart-abandonment", "--brand", brand.brand_id, "--as-of", at, "--url", url)
    assert done.exit_code == 0, done.output
    told = dict(line.split() for line in done.output.splitlines())
    assert (told["job"], told["triggered"], told["sent"]) == ("cart-abandonment", "1", "1")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [(["dishes"], "404 no job 'dishes'"), (["outbox", "--as-of", "yesterday"], "422"), (["outbox", "--brand", "A B"], "400")],
)
async def test_what_is_wrong_is_told(url: str, arguments: list[str], says: str) -> None:
    done = await run(*arguments, "--url", url)
    assert done.exit_code == 1
    assert says in done.output


async def test_the_jobs_there_are_with_their_last_run(client: httpx.AsyncClient, brand: Acting) -> None:
    assert (await client.get("/api/jobs")).status_code == 400
    listed = await brand.data("/api/jobs")
    assert all(job["says"] and job["last_run"] is None for job in listed)
    assert {"cart-abandonment", "features", "predictions", "automations", "maintenance"} < {job["name"] for job in listed}
    for name in ("outbox", "features", "outbox"):
        await brand.job(NOON, name)
    last = {job["name"]: job["last_run"]["status"] for job in await brand.data("/api/jobs") if job["last_run"]}
    assert last == {"outbox": "done", "features": "done"}


async def test_nobody_answers() -> None:
    done = await run("outbox", "--url", "http://127.0.0.1:9")
    assert done.exit_code == 1
    assert "make serve" in done.output
