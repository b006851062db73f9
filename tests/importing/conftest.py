"""A running service, and the command as a person types it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from click.testing import CliRunner, Result

from app.cli import main
from app.graph.driver import Graph
from app.main import create_app
from app.settings import Settings
from tests.serving import serving

Importing = Callable[..., Awaitable[Result]]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def url(graph: Graph) -> AsyncIterator[str]:
    async with serving(create_app(graph, Settings(request_deadline_s=60, scheduler=False))) as address:
        yield address


@pytest.fixture
def importing(url: str, brand_id: str, tmp_path: Path) -> Importing:
    """`constintel import ...` into the test's brand."""

    async def run(*arguments: str | Path) -> Result:
        said = ["import", "--url", url, "--brand", brand_id, "--home", str(tmp_path / "home"), *map(str, arguments)]
        return await asyncio.to_thread(CliRunner().invoke, main, said)

    return run
