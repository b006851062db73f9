"""The peer that the benchmark compares with is an honest one: it merges, it forgets nothing, it takes nothing twice."""

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from typing import Any

import asyncpg  # type: ignore[import-untyped]
import httpx
import pytest
import pytest_asyncio

from bench.peer_postgres import create_app
from bench.postgres import Postgres, find_binaries, postgres
from bench.verify import Acked, complaints, stored_in_postgres
from tests.conftest import new_brand

pytestmark = pytest.mark.skipif(find_binaries() is None, reason="PostgreSQL is not installed (`make bench` installs it)")


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with postgres() as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def client(server: Postgres) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(server.dsn)
    transport = httpx.ASGITransport(app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://peer") as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def database(server: Postgres) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(server.dsn)
    yield connection
    await connection.close()


@pytest.fixture
def brand() -> str:
    return new_brand()


async def order(client: httpx.AsyncClient, brand: str, number: int | None, total: str = "10.00", **who: str) -> dict[str, Any]:
    body = {**({} if number is None else {"id": number}), "total_price": total, **who}
    answer = await client.post("/api/integrations/shopify/webhook", json=body, headers={"x-brand-id": brand})
    assert answer.status_code == 200, answer.text
    (event,) = answer.json()["data"]["events"]
    return dict(event)


async def test_an_order_with_both_identifiers_makes_two_profiles_one(
    client: httpx.AsyncClient, database: Any, brand: str
) -> None:
    older = await order(client, brand, 1, "10.10", email="Ann@Example.com")
    younger = await order(client, brand, 2, "20.20", phone="+44 7700 900456")
    both = await order(client, brand, 3, "30.30", email="ann@example.com ", phone="447700900456")

    assert [event["outcome"] for event in (older, younger, both)] == ["created", "created", "merged"]
    assert both["profile_id"] == older["profile_id"] != younger["profile_id"]
    profiles = await database.fetch("select id::text, ltv::text, orders from profiles where brand = $1", brand)
    assert [tuple(row) for row in profiles] == [(older["profile_id"], "60.60", 3)]
    held = await database.fetch("select type, value, profile_id::text from identifiers where brand = $1", brand)
    assert {tuple(row) for row in held} == {
        ("email", "ann@example.com", older["profile_id"]),
        ("phone", "447700900456", older["profile_id"]),
    }
    events = await database.fetch("select id::text, profile_id::text from events where brand = $1", brand)
    assert {tuple(row) for row in events} == {(e["event_id"], older["profile_id"]) for e in (older, younger, both)}
    merges = await database.fetch("select base::text, merged::text from merges where brand = $1", brand)
    assert [tuple(row) for row in merges] == [(older["profile_id"], younger["profile_id"])]


async def test_a_known_customer_brings_a_new_identifier_along(client: httpx.AsyncClient, database: Any, brand: str) -> None:
    first = await order(client, brand, 1, email="ann@example.com")
    second = await order(client, brand, 2, email="ann@example.com", phone="447700900456")
    third = await order(client, brand, 3, phone="447700900456")
    assert {event["profile_id"] for event in (first, second, third)} == {first["profile_id"]}
    assert [event["outcome"] for event in (first, second, third)] == ["created", "attached", "attached"]


@pytest.mark.parametrize("number", [7, None])
async def test_a_redelivery_stores_nothing_twice(
    client: httpx.AsyncClient, database: Any, brand: str, number: int | None
) -> None:
    await order(client, brand, 1, email="ann@example.com")
    await order(client, brand, 2, phone="447700900456")
    first = await order(client, brand, number, "5.00", email="ann@example.com", phone="447700900456")
    again = await order(client, brand, number, "5.00", email="ann@example.com", phone="447700900456")
    assert again == {**first, "outcome": "duplicate"}
    row = await database.fetchrow("select count(*), sum(ltv)::text, sum(orders) from profiles where brand = $1", brand)
    assert tuple(row) == (1, "25.00", 3)
    assert await database.fetchval("select count(*) from events where brand = $1", brand) == 3
    assert await database.fetchval("select count(*) from merges where brand = $1", brand) == 1


async def test_racing_merges_lose_nothing(client: httpx.AsyncClient, server: Postgres, brand: str) -> None:
    """Few people, many orders at once, most of them joining two of them: every order counts once, on one profile."""
    chance = random.Random(4)
    people = range(12)

    async def one(number: int) -> tuple[str, int]:
        who = {"email": f"u{chance.choice(people)}@example.com", "phone": f"44770090{chance.choice(people):04d}"}
        if number % 3 == 0:
            del who[chance.choice(["email", "phone"])]
        minor = 100 + number
        event = await order(client, brand, number, f"{minor // 100}.{minor % 100:02d}", **who)
        return event["event_id"], minor

    acked = Acked(tuple(await asyncio.gather(*(one(number) for number in range(60)))))
    assert complaints(acked, *await stored_in_postgres(server.dsn, brand)) == []
