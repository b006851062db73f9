"""Strangers' bodies through the HTTP doors: what is refused leaves nothing behind and disturbs nobody."""

import asyncio
import logging
from collections.abc import AsyncIterator

import httpx
import pytest

from app.domain.bodies import MAX_BODY_BYTES, MOST_IDENTIFIERS
from app.domain.events import event_id, stable_id
from app.graph.driver import Graph
from app.graph.rows import key
from app.main import create_app
from app.settings import Settings
from tests.ingest.conftest import Shop

EVENTS, TRACK, POS = "/api/events", "/api/integrations/track", "/api/integrations/pos"
SHOPIFY, TWILIO, PROFILES = "/api/integrations/shopify/webhook", "/api/integrations/twilio/webhook", "/api/profiles"
MERGES = "/api/merges"
DOORS = (EVENTS, TRACK, POS, SHOPIFY, TWILIO, PROFILES)

DEEP = 100_000
NO_JSON = {
    "nothing": b"",
    "cut off": b'{"type": "x", "identifiers": {',
    "two values": b'{"type": "x"} {"type": "y"}',
    "not UTF-8": b'{"type": "\xff\xfe"}',
    "a lone surrogate": rb'{"type": "x", "identifiers": {"email": "\ud800@mail.org"}}',
    "a lone surrogate as a name": rb'{"type": "x", "\udfff": 1}',
    "no number": b'{"type": "x", "total": NaN}',
    "beyond a double": b'{"type": "x", "total": 1e999}',
    "deep arrays": b"[" * DEEP + b"]" * DEEP,
    "deep objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "deep and open": b'{"properties":' * DEEP,
}
NO_OBJECT = {"null": b"null", "a string": b'"x"', "a number": b"7", "a boolean": b"true"}


def canonical(**more: object) -> dict[str, object]:
    return {"type": "purchase", "identifiers": {"email": "ann@mail.org"}, **more}


def spending(total: object, **more: object) -> dict[str, object]:
    return canonical(properties={"total": total, "currency": "USD", **more})


BAD_EVENTS: dict[str, tuple[object, str]] = {
    "no type": ({"identifiers": {"email": "ann@mail.org"}}, "type"),
    "type is a number": (canonical(type=5), "type"),
    "type is a novel": (canonical(type="x" * 101), "type"),
    "source is a list": (canonical(source=["web"]), "source"),
    "identifiers is a list": ({"type": "x", "identifiers": ["ann@mail.org"]}, "identifiers"),
    "identifiers is a text": ({"type": "x", "identifiers": "ann@mail.org"}, "identifiers"),
    "an identifier is an object": ({"type": "x", "identifiers": {"email": {"value": "ann@mail.org"}}}, "email"),
    "an identifier is a boolean": ({"type": "x", "identifiers": {"email": True}}, "email"),
    "an unknown identifier type": ({"type": "x", "identifiers": {"shoe_size": "44"}}, "shoe_size"),
    "no e-mail address": ({"type": "x", "identifiers": {"email": "not an address"}}, "email"),
    "no phone number": ({"type": "x", "identifiers": {"phone": "call me"}}, "phone"),
    "an identifier of 513 bytes": ({"type": "x", "identifiers": {"cookie": "c" * 513}}, "512"),
    "an identifier of 171 characters of 3 bytes": ({"type": "x", "identifiers": {"cookie": "\u20ac" * 171}}, "512"),
    "an identifier with a NUL": ({"type": "x", "identifiers": {"cookie": "a\0b"}}, "cookie"),
    "101 identifiers": ({"type": "x", "identifiers": {"cookie": [f"c{n}" for n in range(101)]}}, "100"),
    "properties is a list": (canonical(properties=[1]), "properties"),
    "attributes are nested": (canonical(attributes={"name": {"first": "Ann"}}), "attributes"),
    "no time": (canonical(occurred_at="yesterday"), "occurred_at"),
    "the year 1": (canonical(occurred_at="0001-01-01T00:00:00Z"), "occurred_at"),
    "the last second of the calendar": (canonical(occurred_at="9999-12-31T23:59:59-23:59"), "occurred_at"),
    "the year 10000": (canonical(occurred_at="10000-01-01T00:00:00Z"), "occurred_at"),
    "the 30th of February": (canonical(occurred_at="2024-02-30T00:00:00Z"), "occurred_at"),
    "next year": (canonical(occurred_at="2999-01-01T00:00:00Z"), "occurred_at"),
    "a time of 2^63": (canonical(occurred_at=2**63), "occurred_at"),
    "a negative time": (canonical(occurred_at=-1), "occurred_at"),
    "a time that is a list": (canonical(occurred_at=[2024]), "occurred_at"),
    "an amount of 2^63": (spending(2**63), "total"),
    "an amount of 2^64 - 1": (spending(2**64 - 1), "total"),
    "minor units of 2^63": (spending("92233720368547758.08"), "total"),
    "an amount of 1e300": (spending(1e300), "total"),
    "an amount of 64 digits": (spending("9" * 64), "total"),
    "an amount below -2^63": (spending("-99999999999999999999"), "total"),
    "an amount in words": (spending("ten"), "total"),
    "an amount that is an object": (spending({"amount": 5}), "total"),
    "no currency": (spending(5, currency="BUCKS"), "currency"),
    "items is an object": (spending(5, items={"a": 1}), "items"),
    "an item is a text": (spending(5, items=["shoes"]), "items"),
    "a quantity of 1e18": (spending(5, items=[{"product_id": "p", "quantity": 10**18}]), "quantity"),
    "1,001 items": (spending(5, items=[{"product_id": f"p{n}"} for n in range(1_001)]), "1,000"),
    "a product id of 513 characters": (canonical(type="cart_add", properties={"product_id": "p" * 513}), "product_id"),
    "a product name of a megabyte": (spending(5, items=[{"product_name": "p" * 10**6}]), "items[0].product_name"),
    "a category of 513 characters": (spending(5, items=[{"product_id": "p", "category": "c" * 513}]), "category"),
    "an order id of 513 characters": (spending(5, order_id="o" * 513), "order_id"),
    "a store name of a megabyte": (
        canonical(type="store_visit", properties={"check_in_at": "2024-01-01T00:00:00Z", "store_name": "s" * 10**6}),
        "store_name",
    ),
    "101 attributes": (canonical(attributes={f"a{n}": n for n in range(101)}), "100"),
    "nested past what can be written again": (b'{"type":"x","properties":{"a":' + b"[" * 900 + b"]" * 900 + b"}}", "nest"),
}


def refused(answer: httpx.Response, *statuses: int) -> dict[str, object]:
    """A refusal as RFC 9457 has it."""
    assert answer.status_code in statuses, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, object] = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["title"]
    assert len(str(problem["detail"])) > 10
    return problem


async def beside(shop: Shop, bad: tuple[str, object], **headers: str) -> httpx.Response:
    """A bad delivery and two good ones at the same time: the good ones come through as if it had not been there."""
    good = [canonical(idempotency_key=f"good-{n}", identifiers={"email": f"good{n}@mail.org"}) for n in range(2)]
    beside_it = asyncio.gather(*map(shop.event, good))
    answer = await shop.send(bad[0], bad[1], **headers)
    first, last = await beside_it
    assert [first["outcome"], last["outcome"]] == ["created", "created"]
    assert await shop.count("Event") == 2
    assert await shop.people() == {frozenset({("email", f"good{n}@mail.org")}) for n in range(2)}
    return answer


@pytest.mark.parametrize("door", DOORS)
async def test_what_is_no_json_is_refused_by_every_door(shop: Shop, door: str) -> None:
    for name, body in NO_JSON.items():
        problem = refused(await shop.send(door, body), 400)
        assert "JSON" in str(problem["detail"]) or "UTF-8" in str(problem["detail"]), name
    for name, body in NO_OBJECT.items():
        assert "must be" in str(refused(await shop.send(door, body), 400)["detail"]), name
    assert await shop.count() == 0


@pytest.mark.parametrize("door", DOORS)
async def test_a_body_of_ten_megabytes_is_refused_by_every_door(shop: Shop, door: str) -> None:
    body = b'{"type": "x", "event": "x", "email": "ann@mail.org", "note": "' + b"a" * 10_000_000 + b'"}'
    most = "2 MB" if door == TWILIO else "5 MB"
    assert f"larger than {most}" in str(refused(await shop.send(door, body), 413)["detail"])

    async def pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(body), 500_000):
            yield body[at : at + 500_000]

    undeclared = await shop.client.post(door, content=pieces(), headers={"x-brand-id": shop.brand_id})
    refused(undeclared, 413)
    assert await shop.count() == 0


async def test_decisions_refuse_bad_bodies_too(shop: Shop) -> None:
    for name, body in {**NO_JSON, **NO_OBJECT}.items():
        refused(await shop.send(MERGES, body), 400, 422)
        if name != "nothing":  # an approval without a body means all profiles
            refused(await shop.send("/api/merge-queue/x/approve", body), 400, 404, 422)
    wrong_ones: list[object] = [{}, *({"profile_ids": ids} for ids in ([], ["a"], "ab", [1, 2]))]
    for wrong in wrong_ones:
        refused(await shop.send(MERGES, wrong), 422)
    refused(await shop.send(MERGES, {"profile_ids": ["nobody", "no-one"]}), 404)
    refused(await shop.send("/api/merge-queue/x/approve", b'{"version": %d}' % 2**70), 404, 422)
    assert await shop.count() == 0


@pytest.mark.parametrize("name", BAD_EVENTS)
async def test_a_bad_event_is_refused_with_what_to_mend(shop: Shop, name: str) -> None:
    body, word = BAD_EVENTS[name]
    problem = refused(await beside(shop, (EVENTS, body)), 422)
    assert word in str(problem["detail"])


@pytest.mark.parametrize(
    ("door", "body", "word"),
    [
        (TRACK, {"email": "ann@mail.org"}, "event"),
        (TRACK, {"event": "x", "email": ["ann@mail.org"]}, "email"),
        (TRACK, {"event": "x", "timestamp": "soon"}, "timestamp"),
        (POS, {"store_id": "S1", "phone": "+15550123"}, "check_in_at"),
        (POS, {"total": "much", "phone": "+15550123"}, "total"),
        (POS, {"total": 10**17, "phone": "+15550123"}, "total"),
        (POS, {"check_in_at": "noon", "phone": "+15550123"}, "check_in_at"),
        (POS, {"total": 5, "loyalty_id": "L" * 513}, "512"),
        (SHOPIFY, {"hello": "world"}, "x-shopify-topic"),
        (SHOPIFY, {"id": 1, "total_price": "many"}, "total_price"),
        (SHOPIFY, {"id": 1, "total_price": "5", "line_items": {"a": 1}}, "line_items"),
        (SHOPIFY, {"id": 1, "total_price": "5", "customer": "Ann"}, "customer"),
        (SHOPIFY, {"id": 1, "total_price": "5", "created_at": "1066-10-14T09:00:00Z"}, "1970"),
        (TWILIO, {"From": ["whatsapp:+15550123"], "Body": "hi"}, "From"),
        (PROFILES, {"identifiers": {}}, "identifiers"),
        (PROFILES, {"identifiers": {"email": "ann@mail.org"}, "total_orders": -1}, "total_orders"),
        (PROFILES, {"identifiers": {"email": "ann@mail.org"}, "total_orders": 2**63}, "total_orders"),
        (PROFILES, {"identifiers": {"email": "ann@mail.org"}, "lifetime_value": 2**63}, "lifetime_value"),
        (PROFILES, {"identifiers": {"email": "ann@mail.org"}, "profile_id": "a/b"}, "profile_id"),
        (PROFILES, {"identifiers": {"email": "ann@mail.org"}, "created_at": "0000"}, "created_at"),
        (PROFILES, {"identifiers": {"email": "guest@guest.com"}}, "placeholders"),
        (PROFILES, {"identifiers": {"email": "ann@mail.org"}, "attributes": {"n" * 65: "v"}}, "1 to 64"),
    ],
)
async def test_every_door_says_what_to_mend(shop: Shop, door: str, body: object, word: str) -> None:
    problem = refused(await beside(shop, (door, body)), 400, 422)
    assert word in str(problem["detail"])


async def test_a_brand_must_be_named_well(shop: Shop) -> None:
    for brand in ("", " ", "Shop", "a" * 64, "-shop", "a|b", "sh\u00f6p", "../x"):
        named = {b"x-brand-id": brand.encode()}
        problem = refused(await shop.client.post(EVENTS, json=canonical(), headers=named), 400)
        assert "x-brand-id" in str(problem["detail"]), brand
        refused(await shop.client.get(PROFILES, headers=named), 400)
    spaced = {b"x-brand-id": f" {shop.brand_id}\t".encode()}
    assert (await shop.client.get(PROFILES, headers=spaced)).json()["data"] == [], "white space around a value is no part of it"
    refused(await shop.client.post(EVENTS, json=canonical()), 400)
    refused(await shop.client.post("/api/integrations/shopify/webhook/Not%20One", json={"id": 1, "total": 5}), 400)
    assert await shop.count() == 0


async def test_who_is_unknown_is_not_found(shop: Shop) -> None:
    for path in ("nobody", "nobody/360", "%00", "%ED%A0%80", "a|b", "x" * 2_000):
        answer = await shop.client.get(f"{PROFILES}/{path}", headers={"x-brand-id": shop.brand_id})
        assert "profile" in str(refused(answer, 404)["detail"])
    refused(await shop.client.get("/api/no/such/route"), 404)
    refused(await shop.client.delete(EVENTS), 405)


async def test_a_list_with_bad_elements_is_refused_whole(shop: Shop) -> None:
    good = [canonical(identifiers={"email": f"list{n}@mail.org"}) for n in range(5)]
    bad = [good[0], {"type": 5}, good[1], good[2], "text", canonical(occurred_at="never"), good[3], None]
    problem = refused(await beside(shop, (EVENTS, bad)), 422)
    assert problem["indexes"] == [1, 4, 5, 7]
    assert [error["index"] for error in problem["errors"]] == [1, 4, 5, 7]  # type: ignore[attr-defined]
    assert [answer["outcome"] for answer in await shop.events(EVENTS, good)] == ["created"] * 5


async def test_a_list_is_neither_empty_nor_longer_than_a_thousand(shop: Shop) -> None:
    refused(await shop.send(EVENTS, []), 422)
    too_many = [canonical(identifiers={"email": f"m{n}@mail.org"}) for n in range(1_001)]
    assert "1,000" in str(refused(await beside(shop, (EVENTS, too_many)), 422)["detail"])


async def test_a_call_of_more_identifiers_than_a_transaction_holds_is_refused(shop: Shop) -> None:
    """A thousand events of a hundred identifiers would need more memory than Neo4j gives a transaction, however often sent."""
    crowd = [
        {"type": "x", "identifiers": {"device": [f"d{n}-{m}" for m in range(100)]}} for n in range(MOST_IDENTIFIERS // 100 + 1)
    ]
    assert "10,000" in str(refused(await beside(shop, (EVENTS, crowd)), 413)["detail"])


async def test_the_longest_list_of_new_buyers_is_taken(graph: Graph, shop: Shop) -> None:
    """With the deadline as it is shipped: a thousand purchases of a thousand people, who hold three identifiers each."""
    bodies = [
        {
            "type": "purchase",
            "identifiers": {"email": f"b{n}@mail.org", "phone": f"+1415555{n:04}", "loyalty_id": f"L{n}"},
            "properties": {"total": 5, "order_id": str(n), "items": [{"product_id": f"P{n % 50}", "quantity": 1}]},
        }
        for n in range(1_000)
    ]
    transport = httpx.ASGITransport(create_app(graph, Settings()), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://service", timeout=60) as client:
        answers = await Shop(shop.brand_id, client, shop.database).events(EVENTS, bodies)
    assert [answer["outcome"] for answer in answers] == ["created"] * 1_000


async def test_large_bodies_do_not_share_a_transaction_they_do_not_fit_in(shop: Shop) -> None:
    """Twenty of a megabyte at once: in one transaction they would break Neo4j's memory limit for ever, with all beside them."""
    note = "a" * 1_000_000
    large = [
        shop.event(canonical(type="note", identifiers={"email": f"l{n}@mail.org"}, properties={"note": note})) for n in range(20)
    ]
    answers = await asyncio.gather(*large, shop.event(canonical(identifiers={"email": "small@mail.org"})))
    assert {answer["outcome"] for answer in answers} == {"created"}
    assert await shop.count("Event") == 21


async def test_the_largest_body_there_may_be_is_taken(shop: Shop) -> None:
    body = b'{"type": "note", "identifiers": {"email": "ann@mail.org"}, "properties": {"note": "%s"}}'
    body = body % (b"a" * (MAX_BODY_BYTES - len(body) + 2))
    assert len(body) == MAX_BODY_BYTES
    assert (await shop.event(body))["outcome"] == "created"


NOBODY: dict[str, tuple[str, object]] = {
    "no identifiers": (EVENTS, {"type": "page_view"}),
    "nulls": (EVENTS, {"type": "page_view", "identifiers": {"email": None, "phone": "", "cookie": "  "}}),
    "placeholder words": (
        EVENTS,
        {"type": "page_view", "identifiers": {"user_id": "null", "cookie": "undefined", "device": "0"}},
    ),
    "a guest": (EVENTS, {"type": "purchase", "identifiers": {"email": "guest@guest.com"}, "properties": {"total": 5}}),
    "nobody's e-mail and number": (EVENTS, {"type": "x", "identifiers": {"email": "noreply@shop.com", "phone": "+19999999999"}}),
    "zeros for a device": (EVENTS, {"type": "x", "identifiers": {"device": "00000000-0000-0000-0000-000000000000"}}),
    "tracking": (TRACK, {"event": "page_view", "email": "test@test.com"}),
    "a till's anonymous sale": (POS, {"store_id": "S1", "total": 9.5}),
    "an order of nobody": (SHOPIFY, {"id": 7, "email": None, "total_price": "5.00", "line_items": []}),
}


@pytest.mark.parametrize("name", NOBODY)
async def test_an_event_of_nobody_is_kept_and_joins_nobody(shop: Shop, name: str) -> None:
    door, body = NOBODY[name]
    assert isinstance(body, dict)
    first = await shop.event({**body, "note": 1}, door)
    second = await shop.event({**body, "note": 2}, door)
    assert [first["outcome"], second["outcome"]] == ["unidentified", "unidentified"]
    assert first["profile_id"] is second["profile_id"] is None
    assert first["event_id"] != second["event_id"]
    assert await shop.event({**body, "note": 1}, door) == {**first, "outcome": "duplicate"}
    assert (await shop.count("Event"), await shop.count("Profile")) == (2, 0)
    assert await shop.ask("MATCH (e:Event {brand_id: $brand})-[:ATTACHED_TO]->(p) RETURN p") == []


async def test_two_who_share_only_a_placeholder_stay_two(shop: Shop) -> None:
    blocked = {"email": "guest@guest.com", "user_id": "null", "device": "unknown"}
    ann = await shop.event({"type": "x", "identifiers": {**blocked, "phone": "+14155550101"}})
    bob = await shop.event({"type": "x", "identifiers": {**blocked, "phone": "+14155550102"}})
    assert [ann["outcome"], bob["outcome"]] == ["created", "created"]
    assert await shop.people() == {frozenset({("phone", f"1415555010{n}")}) for n in (1, 2)}
    await shop.check_laws()


async def test_many_events_of_nobody_at_once(shop: Shop) -> None:
    """No identifier is there to lock: only the event's own key keeps repeats out."""
    answers = await asyncio.gather(*(shop.event({"type": "x", "idempotency_key": str(n % 5)}) for n in range(40)))
    assert sorted(a["outcome"] for a in answers) == ["duplicate"] * 35 + ["unidentified"] * 5
    assert await shop.count("Event") == 5


async def test_a_poison_event_fails_alone(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    """One event of sixteen cannot be written: the id that its new profile must get is taken by what is no profile."""
    taken = stable_id(shop.brand_id, "profile", event_id(shop.brand_id, "canonical", "key:e5"))
    await shop.ask("CREATE (:ProfileId {brand_id: $brand, key: $key})", key=key(shop.brand_id, taken))
    bodies = [canonical(idempotency_key=f"e{n}", identifiers={"email": f"p{n}@mail.org"}) for n in range(16)]
    with caplog.at_level(logging.CRITICAL, "app.ingest.batcher"):
        answers = await asyncio.gather(*(shop.send(EVENTS, body) for body in bodies))
    assert [answer.status_code for answer in answers] == [200] * 5 + [500] + [200] * 10
    assert "nothing of it was stored" in str(refused(answers[5], 500)["detail"])
    assert await shop.count("Event") == 15
    assert await shop.count("Profile") == 15
    assert (await shop.event(bodies[4]))["outcome"] == "duplicate"
    await shop.ask("MATCH (n:ProfileId {key: $key}) DELETE n", key=key(shop.brand_id, taken))
    assert (await shop.event(bodies[5]))["outcome"] == "created"


async def test_an_unknown_topic_is_ignored_with_200(shop: Shop) -> None:
    """Shopify drops the subscription of an endpoint that answers 4xx."""
    for topic in ("app/uninstalled", "themes/publish", "x" * 300):
        answer = await shop.event({"id": 1}, SHOPIFY, x_shopify_topic=topic)
        assert (answer["outcome"], answer["event_id"]) == ("ignored", None)
    assert await shop.count() == 0


@pytest.mark.parametrize(
    ("door", "body", "headers"),
    [
        (EVENTS, canonical(), {}),
        (EVENTS, [canonical(), canonical(identifiers={"phone": "+14155550101"})], {}),
        (EVENTS, canonical(), {"idempotency_key": "once"}),
        (TRACK, {"event": "cart_add", "email": "ann@mail.org", "product_id": "P1"}, {}),
        (POS, {"total": 5, "check_in_at": "2024-01-17T11:00:00Z", "phone": "+14155550101"}, {}),
        (SHOPIFY, {"id": 1, "email": "ann@mail.org", "total": "5"}, {"x_shopify_webhook_id": "w1"}),
        (TWILIO, {"MessageSid": "SM1", "From": "whatsapp:+14155550101", "Body": "hi"}, {}),
    ],
)
async def test_the_same_body_twice_is_a_duplicate_with_the_first_ids(
    shop: Shop, door: str, body: object, headers: dict[str, str]
) -> None:
    first = await shop.events(door, body, **headers)
    nodes = await shop.count()
    again = await asyncio.gather(*(shop.events(door, body, **headers) for _ in range(5)))
    assert again == [[{**answer, "outcome": "duplicate"} for answer in first]] * 5
    assert {answer["outcome"] for answer in first} <= {"created", "attached"}
    assert await shop.count() == nodes
    await shop.check_laws()


async def test_one_key_with_other_content_stays_the_first_delivery(shop: Shop) -> None:
    """Sent at the same moment, by different people: one is stored, the others are told its ids."""
    bodies = [canonical(idempotency_key="k", identifiers={"email": f"r{n}@mail.org"}) for n in range(12)]
    answers = await asyncio.gather(*(shop.event(body) for body in bodies))
    assert sorted(answer["outcome"] for answer in answers) == ["created"] + ["duplicate"] * 11
    assert len({answer["profile_id"] for answer in answers}) == 1
    assert (await shop.count("Event"), await shop.count("Profile")) == (1, 1)


ORDER = b"""{
    "id": 12345,
    "email": "sarah.johnson@email.com",
    "total_spent": "89.99",
    "items": [{"product_name": "Summer Collection T-Shirt", "price": "89.99"}]
  }"""
MESSAGE = b"""{
    "From": "whatsapp:+15550123",
    "Body": "When will my order ship?",
    "MessageStatus": "received"
  }"""
VISIT = b"""{
    "store_id": "STORE-001",
    "loyalty_id": "LOY-789456",
    "phone": "+1-555-0123",
    "total": 125.50,
    "check_in_at": "2024-01-17T11:00:00Z"
  }"""


async def test_the_specifications_curl_steps(shop: Shop) -> None:
    order = await shop.event(ORDER, SHOPIFY, x_shopify_topic="orders/create")
    message = await shop.event(MESSAGE, TWILIO)
    visit, sale = await shop.events(POS, VISIT)
    assert [order["outcome"], message["outcome"], visit["outcome"], sale["outcome"]] == [
        "created",
        "created",
        "attached",
        "attached",
    ]
    assert [visit["type"], sale["type"]] == ["store_visit", "purchase"]
    assert visit["profile_id"] == sale["profile_id"] == message["profile_id"] != order["profile_id"]
    listed = await shop.get(PROFILES)
    assert {one["profile_id"]: one["identifiers"] for one in listed} == {
        order["profile_id"]: {"email": "sarah.johnson@email.com"},
        message["profile_id"]: {"phone": "15550123", "whatsapp": "+15550123", "loyalty_id": "LOY-789456"},
    }
    merged = await shop.send(MERGES, {"profile_ids": [order["profile_id"], message["profile_id"]]})
    assert merged.json()["data"]["outcome"] == "merged"
    (one,) = [p for p in await shop.get(PROFILES) if p["identifiers"]["email"] == "sarah.johnson@email.com"]
    assert one["identifiers"] == {
        "email": "sarah.johnson@email.com",
        "phone": "15550123",
        "whatsapp": "+15550123",
        "loyalty_id": "LOY-789456",
    }
    assert (one["lifetime_value"], one["total_orders"], one["profile_strength"]) == (215.49, 2, 85)
    for asked in (order["profile_id"], message["profile_id"]):
        whole = await shop.get(f"{PROFILES}/{asked}/360")
        assert whole["profile"]["profile_id"] == one["profile_id"]
        assert len(whole["events"]) == 4
    assert await shop.count("Profile") == 1
    await shop.check_laws()
