"""What every ingest door makes of the call itself: its brand, its encoding, its first bytes, and its other names."""

import gzip
import json
from collections.abc import Sequence
from typing import Any, cast

import httpx
import pytest
from fastapi import FastAPI
from starlette.requests import Request
from starlette.types import Message

from app.domain.bodies import without_mark
from app.domain.plan import Answer, Outcome
from app.ingest.batcher import Batcher
from app.ingest.doors import import_router, read_delivery
from app.ingest.transaction import Evidence
from app.sources import EXAMPLES, SOURCES
from app.sources.base import Defaults, Source
from tests.ingest.conftest import Shop
from tests.ingest.test_bad_input import DOORS, EVENTS, MERGES, PROFILES, SHOPIFY, canonical, refused

BOM = b"\xef\xbb\xbf"

every_source = pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)


async def test_tracking_answers_under_the_name_of_its_route_too(shop: Shop) -> None:
    body = json.dumps({"event": "cart_add", "email": "ann@mail.org"}).encode()
    for name, outcome in (("track", "created"), ("tracking", "duplicate")):
        answer = await shop.client.post(f"/api/integrations/{name}/webhook/{shop.brand_id}", content=body)
        assert answer.status_code == 200, name
        assert answer.json()["data"]["events"][0]["outcome"] == outcome


async def test_a_path_and_a_header_that_name_two_brands_are_refused(shop: Shop) -> None:
    path = f"/api/integrations/pos/webhook/{shop.brand_id}"
    for other in ("another-shop", "Another Shop"):
        problem = refused(await shop.send(path, {"total": 5}, x_brand_id=other), 400)
        assert shop.brand_id in str(problem["detail"])
    assert await shop.count() == 0
    for same in (shop.brand_id, "", " "):
        assert (await shop.send(path, {"total": 5, "note": same}, x_brand_id=same)).status_code == 200


@pytest.mark.parametrize("door", [*DOORS, MERGES])
async def test_a_compressed_body_is_refused_with_415(shop: Shop, door: str) -> None:
    body = gzip.compress(json.dumps(canonical()).encode())
    for encoding in ("gzip", "GZIP", "br", "identity, gzip"):
        assert "content-encoding" in str(refused(await shop.send(door, body, content_encoding=encoding), 415)["detail"])
    assert await shop.count() == 0


async def test_identity_is_no_compression(shop: Shop) -> None:
    assert (await shop.event(canonical(), content_encoding="identity"))["outcome"] == "created"


@every_source
async def test_a_byte_order_mark_is_no_part_of_the_body(shop: Shop, source: Source) -> None:
    example = EXAMPLES[source.name]
    headers = {name.replace("-", "_"): value for name, value in example.headers.items()}
    assert (await shop.send(source.path, BOM + example.body, **headers)).status_code == 200
    (again, *_) = await shop.events(source.path, example.body, **headers)
    assert again["outcome"] == "duplicate"


@pytest.mark.parametrize("mark", [BOM, b"", BOM + BOM])
async def test_a_delivery_keeps_what_its_sender_may_have_signed(mark: bytes) -> None:
    async def receive() -> Message:
        return {"type": "http.request", "body": mark + b'{"total": 5}', "more_body": False}

    query = b"b=%7e&a=&a=+1"
    scope = {"type": "http", "method": "POST", "path": "/", "query_string": query, "headers": [(b"x-brand-id", b"demo")]}
    delivery = await read_delivery(Request(scope, receive))
    assert delivery.sent == mark + b'{"total": 5}'
    assert delivery.body == without_mark(delivery.sent)
    assert (delivery.raw_query, delivery.query) == (query.decode(), {"b": "~", "a": " 1"})


async def test_imports_and_merges_with_a_byte_order_mark(shop: Shop) -> None:
    card = {"profile_id": "p1", "identifiers": {"email": "ann@mail.org"}}
    assert (await shop.send(PROFILES, BOM + json.dumps(card).encode())).status_code == 201
    refused(await shop.send(MERGES, BOM + b'{"profile_ids": ["p1", "nobody"]}'), 404)


async def test_an_import_written_otherwise_is_a_repeat_and_of_nobody_is_refused(shop: Shop) -> None:
    card = {"profile_id": "p1", "identifiers": {"email": "ann@mail.org"}, "lifetime_value": 200, "total_orders": 2}
    assert (await shop.send(PROFILES, card)).status_code == 201
    for value in (200.0, "200.00"):
        answer = await shop.send(PROFILES, {**card, "lifetime_value": value, "total_orders": 2.0})
        assert (answer.status_code, answer.json()["data"]["outcome"]) == (200, "duplicate")
    refused(await shop.send(PROFILES, {**card, "lifetime_value": 201}), 409)
    refused(await shop.send(PROFILES, {"identifiers": {"email": "guest@guest.com"}}), 422)
    assert await shop.count("Profile") == 1


async def test_a_topic_that_nobody_reads_is_ignored_whatever_its_body(shop: Shop) -> None:
    (answer,) = await shop.events(SHOPIFY, b"{", x_shopify_topic="app/uninstalled")
    assert answer["outcome"] == "ignored"


@pytest.mark.parametrize("brand", [None, "Not One"])
async def test_the_brand_is_looked_at_first(shop: Shop, brand: str | None) -> None:
    headers = {} if brand is None else {"x-brand-id": brand}
    for path, body in ((MERGES, {}), (MERGES, []), ("/api/merge-queue/x/approve", {"version": "one"}), (EVENTS, {})):
        assert "x-brand-id" in str(refused(await shop.client.post(path, json=body, headers=headers), 400)["detail"])
    for path in (f"{PROFILES}?limit=0", f"{PROFILES}?limit=x", f"{PROFILES}/x/360?limit=5000", "/api/merges?limit=x"):
        assert "x-brand-id" in str(refused(await shop.client.get(path, headers=headers), 400)["detail"])


async def test_what_a_caller_waited_at_the_door_is_taken_off_an_imports_time_as_well() -> None:
    spent: list[float] = []

    class Waiting:
        async def submit(self, brand_id: str, evidence: Sequence[Evidence], spent_s: float = 0.0) -> list[Answer]:
            spent.append(spent_s)
            return [Answer("prof-1", "profile_import", Outcome.CREATED, "prof-1")]

    app = FastAPI()
    app.include_router(import_router(cast("Batcher", Waiting()), Defaults()))

    async def kept_waiting(scope: Any, receive: Any, send: Any) -> None:
        await app({**scope, "state": {"waited_s": 3.0}}, receive, send)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(kept_waiting), base_url="http://here") as client:
        answer = await client.post("/api/profiles", json={"identifiers": {"email": "a@b.co"}}, headers={"x-brand-id": "shop"})
    assert answer.status_code == 201
    assert 3 <= spent[0] < 4
