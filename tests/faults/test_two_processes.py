"""Two service processes over one Neo4j: no state is shared but the graph, and the graph's locks keep them right."""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from itertools import cycle, pairwise
from typing import Any

import httpx
import networkx as nx
import pytest
from neo4j import AsyncDriver

from app.domain.events import Event, Money
from app.domain.identifiers import Identifier
from app.domain.rules import Rules
from app.domain.state import State
from app.resolve.resolve import replay
from tests.conftest import new_brand
from tests.ingest.looking import Person, ask, check_laws, count, people

EVENTS = "/api/events"
LOG = """
MATCH (e:Event {brand_id: $brand})
RETURN e {.event_id, .delivery_id, .source, .type, .clock, .value_minor, .currency} AS event,
       e.occurred_at AS occurred_at, e.received_at AS received_at,
       COLLECT { MATCH (e)-[:CARRIES]->(i) RETURN [i.type, i.value] } AS carried
ORDER BY e.clock, e.event_id
"""
REVIEWS = """
MATCH (r:MergeReview {brand_id: $brand, status: 'pending'})-[:CANDIDATE]->(p:Profile)
RETURN r.review_id AS id, collect(p.profile_id) AS members
"""
HELD = "MATCH (p:Profile {brand_id: $brand})-[:HAS_IDENTIFIER]->(i) RETURN p.profile_id AS id, i.type AS type, i.value AS value"


async def post(client: httpx.AsyncClient, brand: str, body: object) -> list[dict[str, Any]]:
    answer = await client.post(EVENTS, json=body, headers={"x-brand-id": brand})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["data"]["events"])


def purchase(number: int, carried: dict[str, str]) -> dict[str, object]:
    return {
        "type": "purchase",
        "occurred_at": f"2024-03-01T10:{number % 60:02}:00Z",
        "identifiers": carried,
        "properties": {"total": 1 + number % 7, "order_id": f"o{number}"},
        "idempotency_key": f"k{number}",
    }


@pytest.mark.parametrize("carried", [{"email": "ann@mail.org", "phone": "+14155550101"}, {}])
async def test_one_delivery_fifty_times_at_once(
    clients: list[httpx.AsyncClient], database: AsyncDriver, carried: dict[str, str]
) -> None:
    for _ in range(3):
        brand = new_brand()
        body = purchase(1, carried)
        answers = await asyncio.gather(*(post(client, brand, body) for client, _ in zip(cycle(clients), range(50), strict=False)))
        first = "created" if carried else "unidentified"
        assert Counter(answer["outcome"] for (answer,) in answers) == {first: 1, "duplicate": 49}
        assert len({answer["event_id"] for (answer,) in answers}) == 1
        assert await count(database, brand, "Event") == 1
        await check_laws(database, brand)


async def test_one_key_with_fifty_contents_at_once(clients: list[httpx.AsyncClient], database: AsyncDriver) -> None:
    """They share no identifier, so no lock keeps them apart: only the event's own key does."""
    brand = new_brand()
    bodies = [{**purchase(1, {"email": f"r{n}@mail.org"})} for n in range(50)]
    answers = await asyncio.gather(*(post(client, brand, body) for client, body in zip(cycle(clients), bodies, strict=False)))
    assert Counter(answer["outcome"] for (answer,) in answers) == {"created": 1, "duplicate": 49}
    assert [await count(database, brand, label) for label in ("Event", "Profile", "Identifier")] == [1, 1, 1]
    await check_laws(database, brand)


def crowd(seed: int, persons: int, size: int) -> list[dict[str, object]]:
    """Events that each carry one or two of a person's three identifiers, so that profiles are made apart and merge later."""
    chance = random.Random(seed)
    own = [{"email": f"p{n}@mail.org", "phone": f"+1415555{1000 + n}", "loyalty_id": f"L{n}"} for n in range(persons)]
    events = []
    for number in range(size):
        everything = chance.choice(own)
        names = chance.sample(sorted(everything), chance.choice((1, 1, 2)))
        events.append(purchase(number, {name: everything[name] for name in names}))
    return events


async def test_sixteen_clients_link_overlapping_profiles(clients: list[httpx.AsyncClient], database: AsyncDriver) -> None:
    for seed in range(3):
        brand, alone = new_brand(), new_brand()
        events = crowd(seed, persons=8, size=240)

        async def one_client(number: int, brand: str = brand, events: Sequence[object] = events) -> list[dict[str, Any]]:
            said = []
            for place, body in enumerate(events[number::16]):
                said += await post(clients[(number + place) % 2], brand, body)
            return said

        answers = [answer for said in await asyncio.gather(*map(one_client, range(16))) for answer in said]
        assert len({answer["event_id"] for answer in answers}) == 240
        assert not any(answer["review_id"] for answer in answers)
        await check_laws(database, brand)
        assert await count(database, brand, "Event") == 240
        await post(clients[0], alone, events)
        assert await people(database, brand) == await people(database, alone) == components(events)


def components(events: Sequence[Any]) -> set[Person]:
    """The people, by the evidence alone."""
    graph: nx.Graph[Identifier] = nx.Graph()
    for body in events:
        carried = [Identifier(name, value.removeprefix("+")) for name, value in body["identifiers"].items()]
        graph.add_nodes_from(carried)
        graph.add_edges_from(pairwise(carried))
    return {frozenset(component) for component in nx.connected_components(graph)}


def tangle(seed: int, size: int) -> list[dict[str, object]]:
    """Events of few identifiers in any mixture: exclusive ones clash, caps are crossed, reviews open."""
    chance = random.Random(seed)
    values = {
        "email": [f"m{n}@mail.org" for n in range(5)],
        "phone": [f"+1415555{2000 + n}" for n in range(4)],
        "loyalty_id": [f"L{n}" for n in range(3)],
        "user_id": [f"U{n}" for n in range(3)],
    }
    events = []
    for number in range(size):
        names = chance.sample(sorted(values), chance.choice((1, 1, 2, 3)))
        events.append(purchase(number, {name: chance.choice(values[name]) for name in names}))
    return events


def chunks(events: list[dict[str, object]], chance: random.Random) -> list[list[dict[str, object]]]:
    parts = []
    while events:
        size = chance.randint(1, 6)
        parts.append(events[:size])
        events = events[size:]
    return parts


async def closed_over_reviews(database: AsyncDriver, brand: str) -> set[Person]:
    graph: nx.Graph[Any] = nx.Graph()
    for row in await ask(database, HELD, brand=brand):
        graph.add_edge(row["id"], (row["type"], row["value"]))
    for row in await ask(database, REVIEWS, brand=brand):
        graph.add_edges_from(pairwise(row["members"]))
    return {frozenset(node for node in part if isinstance(node, tuple)) for part in nx.connected_components(graph)}


async def open_reviews(database: AsyncDriver, brand: str) -> set[frozenset[Person]]:
    """Each open review as the people it asks about."""
    held: dict[str, set[tuple[str, str]]] = {}
    for row in await ask(database, HELD, brand=brand):
        held.setdefault(row["id"], set()).add((row["type"], row["value"]))
    reviews = await ask(database, REVIEWS, brand=brand)
    return {frozenset(frozenset(held[member]) for member in row["members"]) for row in reviews}


@pytest.mark.parametrize("seed", range(4))
async def test_the_laws_through_http(clients: list[httpx.AsyncClient], database: AsyncDriver, seed: int) -> None:
    chance = random.Random(seed)
    events = tangle(seed, 40)
    brand = new_brand()
    parts = chunks(events, chance)
    said = await asyncio.gather(*(post(chance.choice(clients), brand, part) for part in parts))
    answers = [answer for part in said for answer in part]
    assert len({answer["event_id"] for answer in answers}) == 40
    await check_laws(database, brand)
    # L3: closed over open reviews, the people are what the evidence connects, whatever came first.
    assert await closed_over_reviews(database, brand) == components(events)
    # L7: the live state is what a rebuild from the log gives, ids included.
    log = [(row["event"]["clock"], stored(brand, row)) for row in await ask(database, LOG, brand=brand)]
    rebuilt = State(brand_id=brand).after(replay(brand, log, Rules()))
    held = {(row["id"], Identifier(row["type"], row["value"])) for row in await ask(database, HELD, brand=brand)}
    assert held == {(holder, identifier) for identifier in rebuilt.identifiers for holder in rebuilt.holders(identifier)}
    reviews = {row["id"]: frozenset(row["members"]) for row in await ask(database, REVIEWS, brand=brand)}
    assert reviews == {review.review_id: review.profile_ids for review in rebuilt.pending()}
    # L8: every id ever told to a sender is answered for by one profile.
    headers = {"x-brand-id": brand}
    issued = sorted({answer["profile_id"] for answer in answers})
    found = [(await clients[0].get(f"/api/profiles/{one}", headers=headers)).json()["data"]["profile_id"] for one in issued]
    assert set(found) == {holder for holder, _ in held}
    # L1: sent again in other parts, it is all known, and nothing changes.
    nodes, before = await count(database, brand), await people(database, brand)
    again = await asyncio.gather(*(post(chance.choice(clients), brand, part) for part in chunks(events, chance)))
    assert {answer["outcome"] for part in again for answer in part} == {"duplicate"}
    assert (await count(database, brand), await people(database, brand)) == (nodes, before)


@pytest.mark.parametrize("seed", range(2))
async def test_an_order_is_told_of_by_two_at_once(clients: list[httpx.AsyncClient], database: AsyncDriver, seed: int) -> None:
    """What names nobody shares no identifier with its order, so no lock but the order's own lets each know of the other."""
    brand, chance = new_brand(), random.Random(seed)

    def told(number: int, type_: str, total: int, carried: dict[str, str]) -> dict[str, object]:
        one = purchase(number, carried)
        return {
            **one,
            "type": type_,
            "idempotency_key": f"{type_}{number}",
            "properties": {"total": total, "order_id": f"o{number}"},
        }

    bodies = [
        body
        for number in range(60)
        for body in (
            told(number, "purchase", 100, {"email": f"p{number % 6}@mail.org"}),
            told(number, "order_updated", 90, {}),
            told(number, "refund", 30, {}),
            *([told(number, "order_cancelled", 0, {})] if number % 3 == 0 else []),
        )
    ]
    chance.shuffle(bodies)
    await asyncio.gather(*(post(client, brand, body) for client, body in zip(cycle(clients), bodies, strict=False)))
    spent = await ask(database, "MATCH (p:Profile {brand_id: $brand}) RETURN p.lifetime_value_minor AS spent", brand=brand)
    assert sorted(row["spent"] for row in spent) == [0, 0, *[10 * 6_000] * 4]
    await check_laws(database, brand)


@pytest.mark.parametrize("seed", range(2))
async def test_the_size_of_batches_changes_nothing(clients: list[httpx.AsyncClient], database: AsyncDriver, seed: int) -> None:
    events = tangle(100 + seed, 40)
    chance = random.Random(seed)
    single, parted, whole = new_brand(), new_brand(), new_brand()
    for body in events:
        await post(chance.choice(clients), single, body)
    for part in chunks(events, chance):
        await post(chance.choice(clients), parted, part)
    await post(clients[0], whole, events)
    assert await people(database, single) == await people(database, parted) == await people(database, whole)
    reviews = [await open_reviews(database, brand) for brand in (single, parted, whole)]
    assert reviews[0] == reviews[1] == reviews[2]
    for brand in (single, parted, whole):
        await check_laws(database, brand)


def stored(brand: str, row: dict[str, Any]) -> Event:
    event = row["event"]
    occurred_at, received_at = (row[name].to_native() for name in ("occurred_at", "received_at"))
    assert isinstance(occurred_at, datetime)
    return Event(
        brand_id=brand,
        event_id=event["event_id"],
        delivery_id=event["delivery_id"],
        source=event["source"],
        type=event["type"],
        occurred_at=occurred_at,
        received_at=received_at,
        identifiers=tuple(Identifier(*pair) for pair in row["carried"]),
        total=Money(event["value_minor"], event["currency"]),
    )
