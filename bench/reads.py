"""What readers wait while others write: look-up by e-mail, search, the 360, the graph around a person.

Closed loop, one connection each.
"""

import asyncio
import random
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import aiohttp

from bench.bodies import Customers, address_of
from bench.processes import BenchError
from bench.report import Figures

LOOKUP, SEARCH, WHOLE, GRAPH = "look-up by e-mail", "search for half an address", "360", "graph"
# By the path of /openapi.json, so that a service without one of them is measured without it.
PATHS = {
    LOOKUP: "/api/profiles",
    SEARCH: "/api/profiles",
    WHOLE: "/api/profiles/{profile_id}/360",
    GRAPH: "/api/profiles/{profile_id}/graph",
}
SAMPLE = 200


async def read(url: str, brand: str, among: Customers, warm: float, seconds: float) -> dict[str, Figures]:
    """Asks for people picked at random, for `warm` seconds unmeasured and then for `seconds`. Raises BenchError when refused."""
    pick = random.Random(among.count)
    async with aiohttp.ClientSession(url, headers={"x-brand-id": brand}, timeout=aiohttp.ClientTimeout(30)) as session:
        known = [name for name in PATHS if PATHS[name] in (await _json(session, "/openapi.json"))["paths"]]
        ids = await ids_of(session, among, SAMPLE)

        def lookups() -> Iterator[str]:
            while True:
                yield f"/api/profiles?email={address_of(among.run, pick.randrange(among.count))}"

        def searches() -> Iterator[str]:
            while True:
                yield f"/api/profiles?q={address_of(among.run, pick.randrange(among.count)).partition('@')[0][:-1]}"

        def people(path: str) -> Iterator[str]:
            while True:
                yield path.replace("{profile_id}", pick.choice(ids))

        listed = {LOOKUP: lookups, SEARCH: searches}
        asked = {name: listed[name]() if name in listed else people(PATHS[name]) for name in known}
        await asyncio.gather(*(_for_a_while(session, paths.__next__, warm) for paths in asked.values()))
        timed = await asyncio.gather(*(_for_a_while(session, paths.__next__, seconds) for paths in asked.values()))
    return {name: Figures.of(len(found) / seconds, found, 0.0) for name, found in zip(asked, timed, strict=True)}


async def ids_of(session: aiohttp.ClientSession, among: Customers, count: int) -> list[str]:
    """Profile ids of as many, picked at random."""
    pick = random.Random(among.count)
    return [await _id(session, pick.randrange(among.count), among.run) for _ in range(min(count, among.count))]


async def whole(session: aiohttp.ClientSession, ids: Sequence[str]) -> list[float]:
    """Milliseconds of the 360 of each, one after the other."""
    return [await _timed(session, PATHS[WHOLE].replace("{profile_id}", one)) for one in ids]


async def _for_a_while(session: aiohttp.ClientSession, path: Callable[[], str], seconds: float) -> list[float]:
    """Milliseconds of each question."""
    end, took = time.perf_counter() + seconds, []
    while time.perf_counter() < end:
        took.append(await _timed(session, path()))
    return took


async def _timed(session: aiohttp.ClientSession, path: str) -> float:
    began = time.perf_counter()
    await _json(session, path)
    return (time.perf_counter() - began) * 1000


async def _id(session: aiohttp.ClientSession, customer: int, run: int) -> str:
    found = (await _json(session, f"/api/profiles?email={address_of(run, customer)}"))["data"]
    if len(found) != 1:
        raise BenchError(f"{len(found)} profiles have the address of customer {customer}, which should be one")
    return str(found[0]["profile_id"])


async def _json(session: aiohttp.ClientSession, path: str) -> Any:
    async with session.get(path) as answer:
        if answer.status != 200:
            raise BenchError(f"GET {path} was answered {answer.status}: {(await answer.text())[:300]}")
        return await answer.json()
