"""What admins wait for in the console, in a real Chromium, on a brand of many people. `make bench ARGS="--console"`."""

import asyncio
import re
import shutil
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

import aiohttp
import playwright.async_api
from playwright.async_api import Locator, Page, async_playwright

from app.console.pages import PLACES
from app.graph.driver import Graph
from app.graph.embedded import EmbeddedNeo4j
from app.settings import Settings
from bench.bodies import Customers, Orders
from bench.crowd import EVERYTHING, KIOSK, hub, known_by_everything
from bench.fill import fill, store
from bench.processes import BenchError, say
from bench.reads import ids_of, whole
from bench.report import aligned, quantile
from bench.stage import service

T = TypeVar("T")

BRAND, RUN = "console", 99
ROUNDS = 7  # of each page and graph, after one that is not counted: what is compiled once is no admin's everyday
WHOLES = 300  # people whose 360 is asked for
AT_HUB = 2_000  # people: three dots each, two steps away
PATIENCE_MS = 120_000
TRIES = 10
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
HUB = f"graph?identifier={quote(str(KIOSK))}"
PAINTED = """() => new Promise((done) => new PerformanceObserver((list) => {
  for (const one of list.getEntriesByName("first-contentful-paint")) done(one.startTime);
}).observe({ type: "paint", buffered: true }))"""
DRAWN = re.compile(r"All (\d+) shown")
NEXT_FRAME = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


@dataclass(frozen=True, slots=True)
class Waited:
    """Milliseconds of each time, and how many at the most were wanted; 0 where nobody said."""

    what: str
    times: tuple[float, ...]
    wanted: int = 0


def console(people: int) -> list[Waited]:
    """Starts a service of its own, fills a brand, looks at it. Raises BenchError."""
    program = shutil.which("chromium")
    if program is None:
        raise BenchError("the console is measured in Chromium, which is missing; on Debian: apt-get install chromium")
    with tempfile.TemporaryDirectory(prefix="constintel-bench-") as folder:
        home = Path(folder) / "home"
        with service(home.parent, home, None) as server:
            try:
                return asyncio.run(_measured(server.url, home, program, people))
            except playwright.async_api.Error as error:
                raise BenchError(f"a page did not come to what was waited for: {error.message}") from error


def report(waited: Sequence[Waited]) -> str:
    """The table. 95 of a hundred times it took no longer than p95; of few times that is the most."""
    lines = [("ms until", "times", "median", "p95", "most", "wanted"), *(_line(one) for one in waited)]
    return aligned(lines)


def _line(one: Waited) -> tuple[str, ...]:
    ordered = sorted(one.times)
    figures = (f"{value:,.0f}" for value in (statistics.median(ordered), quantile(ordered, 0.95), ordered[-1]))
    return one.what, str(len(ordered)), *figures, f"{one.wanted:,}" if one.wanted else ""


async def _measured(url: str, home: Path, program: str, people: int) -> list[Waited]:
    at_hub = min(AT_HUB, people)
    await _filled(home, people, at_hub)
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=program, args=QUIET)
        try:
            page = await browser.new_page(base_url=f"{url}/console/{BRAND}/", viewport={"width": 1280, "height": 800})
            page.set_default_timeout(PATIENCE_MS)
            async with aiohttp.ClientSession(url, headers={"x-brand-id": BRAND}) as session:
                ids = await _patiently(lambda: ids_of(session, Customers(RUN, people), 2 * WHOLES))
                await _patiently(lambda: whole(session, ids[: len(ids) // 2]))
                times = await whole(session, ids[len(ids) // 2 :])
            wholes = _told(Waited("the 360 is answered", tuple(times), wanted=150))
            return [wholes, *[one async for one in _looked(page, ids[-ROUNDS - 1 :])]]
        finally:
            await browser.close()


async def _patiently(work: Callable[[], Awaitable[T]]) -> T:
    """A statement's first run is planned; a busy machine takes longer for that than a caller waits, who then asks again."""
    for _ in range(TRIES - 1):
        try:
            return await work()
        except BenchError as error:
            say(f"  asking again: {error}")
    return await work()


async def _filled(home: Path, people: int, at_hub: int) -> None:
    say(f"filling a brand of {people:,} people ...")
    await fill(home, BRAND, Orders(RUN, repeat=0.0), people, home.parent / "acked.txt")
    say(f"filling a hub of {at_hub:,} people ...")
    address = EmbeddedNeo4j(home, Settings().engine_dir).address
    graph = Graph.connect(address.uri, address.username, address.password)
    try:
        await store(graph, BRAND, known_by_everything(BRAND))
        await store(graph, BRAND, hub(BRAND, at_hub))
    finally:
        await graph.close()


async def _looked(page: Page, ids: Sequence[str]) -> AsyncIterator[Waited]:
    people = [f"profiles/{quote(one)}" for one in ids]
    for place in PLACES:
        times = await _rounds(page, _painted, [place.path] * len(people))
        yield _told(Waited(f"{place.title}: first paint", times, wanted=500))
    yield _told(Waited("a person's page: first paint", await _rounds(page, _painted, people), wanted=500))
    yield _told(Waited("a person's page: all of it is there", await _rounds(page, _complete, people)))
    values = [one.value for one in EVERYTHING]
    found = await _rounds(page, _found, [values[0], *values])
    yield _told(Waited(f"a person is found by any of {len(values)} types", found, wanted=1_000))
    for show, wanted in ((500, 3_000), (5_000, 0)):
        times = await _rounds(page, _graph, [f"{HUB}&show={show}"] * len(people))
        drawn = DRAWN.fullmatch(await page.locator("#told").inner_text())
        assert drawn is not None
        yield _told(Waited(f"{int(drawn[1]):,} dots of a hub are drawn", times, wanted))


async def _rounds(page: Page, wait: Callable[[Page, str], Awaitable[float]], asked: Sequence[str]) -> tuple[float, ...]:
    """Of all but the first."""
    await _patiently(lambda: wait(page, asked[0]))
    return tuple([await wait(page, one) for one in asked[1:]])


async def _painted(page: Page, path: str) -> float:
    await page.goto(path)
    return float(await page.evaluate(PAINTED))


async def _complete(page: Page, path: str) -> float:
    """Until no part of it is still to come."""
    began = time.perf_counter()
    await page.goto(path)
    await page.locator("[aria-busy=true]").first.wait_for(state="detached")
    return (time.perf_counter() - began) * 1000


async def _found(page: Page, value: str) -> float:
    """From what is typed to the person who has it, marked."""
    await page.goto("search")
    began = time.perf_counter()
    await page.get_by_role("searchbox").fill(value)
    await _comes(page, page.locator("ol.people mark", has_text=value))
    return (time.perf_counter() - began) * 1000


async def _graph(page: Page, path: str) -> float:
    began = time.perf_counter()
    await page.goto(path)
    await _comes(page, page.locator("#told", has_text=DRAWN))
    await page.evaluate(NEXT_FRAME)
    return (time.perf_counter() - began) * 1000


async def _comes(page: Page, wanted: Locator) -> None:
    """Raises BenchError when the page says instead that something did not come."""
    failed = page.get_by_role("alert")
    await wanted.or_(failed).first.wait_for()
    if await failed.count():
        raise BenchError(f"{page.url} said: {await failed.first.inner_text()}")


def _told(one: Waited) -> Waited:
    say(f"  {one.what}: {statistics.median(one.times):,.0f} ms")
    return one
