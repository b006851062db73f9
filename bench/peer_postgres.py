"""What one would build instead: FastAPI, asyncpg and PostgreSQL, one transaction per event.

It is honest: the server, event loop and parser are the service's; commits are synchronous; a redelivery stores nothing
twice; an event that names two people merges them. It does less: it matches on e-mail and phone only, validates little,
keeps no history of who was who, has no guard against over-merging, opens no review, and fills no outbox.
"""

import asyncio
import hashlib
import os
import random
import re
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg  # type: ignore[import-untyped]
import orjson
from fastapi import FastAPI, Request, Response

POOL = 16
ATTEMPTS = 400  # whoever loses a race lost it to a commit, and of these there are as many as orders at once
LONGEST_PAUSE_S = 0.25
EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")

SCHEMA = """
create table if not exists profiles(
  id uuid primary key, brand text not null, ltv numeric(14,2) not null default 0, orders int not null default 0,
  created_at timestamptz not null default now(), updated_at timestamptz not null default now());
create index if not exists profiles_brand on profiles(brand, updated_at);
create table if not exists identifiers(
  brand text not null, type text not null, value text not null, profile_id uuid not null,
  primary key (brand, type, value));
create index if not exists identifiers_profile on identifiers(profile_id);
create table if not exists events(
  id uuid primary key, brand text not null, type text not null, source_id text not null, profile_id uuid not null,
  amount numeric(14,2) not null, payload jsonb not null, created_at timestamptz not null default now());
create unique index if not exists events_source on events(brand, type, source_id);
create index if not exists events_profile on events(profile_id, created_at);
create table if not exists merges(
  id bigserial primary key, brand text not null, base uuid not null, merged uuid not null,
  at timestamptz not null default now());
"""

# Claims identifiers that are new, finds and locks those that are not: one round trip.
CLAIM = """
insert into identifiers(brand, type, value, profile_id)
select $1, u.type, u.value, $4 from unnest($2::text[], $3::text[]) as u(type, value)
on conflict (brand, type, value) do update set value = excluded.value
returning profile_id
"""
OLDEST_FIRST = "select id from profiles where id = any($1::uuid[]) order by created_at, id for update"
FOUND = "insert into profiles(id, brand, ltv, orders) values ($1, $2, $3::text::numeric, 1)"
HAND_OVER = "update identifiers set profile_id = $1 where profile_id = any($2::uuid[])"
MOVE_EVENTS = "update events set profile_id = $1 where profile_id = any($2::uuid[])"
ADD_UP = """
update profiles b set ltv = b.ltv + o.ltv, orders = b.orders + o.orders
from (select sum(ltv) as ltv, sum(orders) as orders from profiles where id = any($2::uuid[])) o where b.id = $1
"""
REMEMBER_MERGE = "insert into merges(brand, base, merged) select $1, $2, unnest($3::uuid[])"
FORGET = "delete from profiles where id = any($1::uuid[])"
COUNT_ORDER = "update profiles set ltv = ltv + $2::text::numeric, orders = orders + 1, updated_at = now() where id = $1"
STORE = """
insert into events(id, brand, type, source_id, profile_id, amount, payload)
values ($1, $2, $3, $4, $5, $6::text::numeric, $7::text::jsonb)
"""
STORED = "select id, profile_id from events where brand = $1 and type = $2 and source_id = $3"


class Lost(Exception):
    """The profile was merged away between two statements; the transaction starts again."""


@dataclass(frozen=True, slots=True)
class Order:
    """One delivery, parsed. `source_id` makes a redelivery recognisable."""

    brand: str
    type: str
    source_id: str
    identifiers: tuple[tuple[str, str], ...]
    amount: str
    raw: str


@dataclass(frozen=True, slots=True)
class Stored:
    event_id: uuid.UUID
    profile_id: uuid.UUID
    outcome: str


def parse(brand: str, topic: str, raw: bytes) -> Order | None:
    """The order, or None when it names nobody. Raises ValueError on bad JSON."""
    body = orjson.loads(raw)
    identifiers = identifiers_of(body)
    if not identifiers:
        return None
    source_id = str(body["id"]) if body.get("id") is not None else hashlib.sha256(raw).hexdigest()
    return Order(brand, topic, source_id, identifiers, str(body.get("total_price") or "0"), raw.decode())


def identifiers_of(body: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """Sorted, so that two transactions lock in the same order."""
    customer = body.get("customer") or {}
    found = {}
    email = (body.get("email") or body.get("contact_email") or customer.get("email") or "").strip().lower()
    if EMAIL.fullmatch(email):
        found["email"] = email
    digits = re.sub(r"\D", "", str(body.get("phone") or customer.get("phone") or ""))
    if len(digits) >= 10:
        found["phone"] = digits
    return tuple(sorted(found.items()))


async def ingest(pool: asyncpg.Pool, order: Order) -> Stored:
    """Stores an order once, whatever happens beside it."""
    async with pool.acquire() as connection:
        for attempt in range(ATTEMPTS):
            try:
                async with connection.transaction():
                    return await store(connection, order)
            except asyncpg.UniqueViolationError:
                known = await connection.fetchrow(STORED, order.brand, order.type, order.source_id)
                if known is not None:
                    return Stored(known["id"], known["profile_id"], "duplicate")
            except (asyncpg.DeadlockDetectedError, asyncpg.SerializationError, Lost):
                pass
            await asyncio.sleep(random.uniform(0, min(LONGEST_PAUSE_S, 0.002 * 2**attempt)))
    raise RuntimeError(f"order {order.source_id} lost every one of {ATTEMPTS} races")


async def store(connection: Any, order: Order) -> Stored:
    new, event_id = uuid.uuid4(), uuid.uuid4()
    types = [type_name for type_name, _ in order.identifiers]
    values = [value for _, value in order.identifiers]
    claimed = await connection.fetch(CLAIM, order.brand, types, values, new)
    holders = {row["profile_id"] for row in claimed}
    existing = sorted(holders - {new})
    if existing:
        profile_id = await merge(connection, order.brand, existing) if len(existing) > 1 else existing[0]
        if new in holders:
            await connection.execute(HAND_OVER, profile_id, [new])
        if await connection.execute(COUNT_ORDER, profile_id, order.amount) != "UPDATE 1":
            raise Lost
    else:
        profile_id = new
        await connection.execute(FOUND, profile_id, order.brand, order.amount)
    await connection.execute(STORE, event_id, order.brand, order.type, order.source_id, profile_id, order.amount, order.raw)
    return Stored(event_id, profile_id, "merged" if len(existing) > 1 else "attached" if existing else "created")


async def merge(connection: Any, brand: str, profile_ids: list[uuid.UUID]) -> uuid.UUID:
    """The oldest profile takes everything of the others. Raises Lost when one of them has just gone."""
    base, *others = [row["id"] for row in await connection.fetch(OLDEST_FIRST, profile_ids)]
    if len(others) + 1 != len(profile_ids):
        raise Lost
    await connection.execute(HAND_OVER, base, others)
    await connection.execute(MOVE_EVENTS, base, others)
    await connection.execute(ADD_UP, base, others)
    await connection.execute(REMEMBER_MERGE, brand, base, others)
    await connection.execute(FORGET, others)
    return uuid.UUID(str(base))


def create_app(dsn: str | None = None) -> FastAPI:
    """The peer over the database that `dsn`, or PEER_DSN in the environment, names."""
    pools: list[asyncpg.Pool] = []

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with asyncpg.create_pool(
            dsn or os.environ["PEER_DSN"],
            min_size=POOL,
            max_size=POOL,
            server_settings={"synchronous_commit": "on"},
        ) as pool:
            await pool.execute(SCHEMA)
            pools.append(pool)
            yield

    app = FastAPI(lifespan=lifespan)

    @app.post("/api/integrations/shopify/webhook", response_model=None)
    async def webhook(request: Request) -> Response:
        brand = request.headers.get("x-brand-id")
        if not brand:
            return answer({"title": "x-brand-id is missing"}, 400)
        raw = await request.body()
        try:
            order = parse(brand, request.headers.get("x-shopify-topic", "orders/create"), raw)
        except ValueError as error:
            return answer({"title": f"invalid JSON: {error}"}, 400)
        if order is None:
            return answer({"title": "the order names nobody"}, 422)
        stored = await ingest(pools[0], order)
        event = {
            "event_id": str(stored.event_id),
            "type": order.type,
            "profile_id": str(stored.profile_id),
            "outcome": stored.outcome,
        }
        return answer({"data": {"events": [event]}})

    @app.get("/healthz", response_model=None)
    async def healthz() -> Response:
        return answer({"data": {"profiles": await pools[0].fetchval("select count(*) from profiles")}})

    return app


def answer(content: object, status: int = 200) -> Response:
    return Response(orjson.dumps(content), status, media_type="application/json")
