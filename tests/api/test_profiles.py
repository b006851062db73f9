"""Reading people through the real app, on the real graph."""

import httpx
import pytest

from app.graph import driver
from app.sources.reading import MOST_LEVELS
from tests.api.brand import CART, PURCHASE, SARAH, TILL, WHATSAPP, Brand


def ids(profiles: list[dict[str, object]]) -> list[object]:
    return [profile["profile_id"] for profile in profiles]


async def test_the_first_scenario_ends_as_specified(brand: Brand) -> None:
    sarah = await brand.omnichannel()
    (profile,) = await brand.data("/api/profiles")
    assert profile["profile_id"] == sarah
    assert profile["identifiers"] == {
        "email": SARAH,
        "phone": "15550123",
        "whatsapp": "+15550123",
        "loyalty_id": "LOY-789456",
        "session": "sess-abc123",
    }
    assert (profile["lifetime_value"], profile["currency"], profile["total_orders"]) == (215.49, "USD", 2)
    assert profile["lifetime_values"] == {"USD": 215.49}
    assert profile["profile_strength"] == 85
    assert len(profile["merged_profile_ids"]) == 1
    assert await brand.count("Profile") == 1
    assert await brand.count("Event") == 5


async def test_a_profile_has_all_its_parts(brand: Brand) -> None:
    await brand.shopify(PURCHASE)
    (profile,) = await brand.data("/api/profiles")
    assert set(profile) == {
        "profile_id", "identifiers", "all_identifiers", "profile_strength", "lifetime_value", "currency",
        "lifetime_values", "total_orders", "merged_profile_ids", "created_at", "first_seen", "last_seen", "attributes",
    }  # fmt: skip
    assert profile["all_identifiers"] == [
        {
            "type": "email",
            "value": SARAH,
            "first_seen": "2024-01-15T10:00:00Z",
            "last_seen": "2024-01-15T10:00:00Z",
            "source": "shopify",
        }
    ]
    assert profile["first_seen"] == profile["last_seen"] == "2024-01-15T10:00:00Z"
    assert profile["created_at"].endswith("Z")


async def test_the_primary_value_is_the_one_seen_last(brand: Brand) -> None:
    for email, day in (("old@x.org", "01"), ("new@x.org", "03"), ("later-known@x.org", "02"), ("also-new@x.org", "03")):
        event = {"type": "login", "identifiers": {"email": email, "phone": "+442071234567"}}
        await brand.post("/api/events", {**event, "occurred_at": f"2024-02-{day}T00:00:00Z"})
    (profile,) = await brand.data("/api/profiles")
    assert profile["identifiers"]["email"] == "also-new@x.org"  # a tie: the smallest value
    assert len(profile["all_identifiers"]) == 5


async def test_blocked_values_are_nobodys_identifiers(brand: Brand) -> None:
    await brand.see(email="noreply@shop.com", user_id="u-1")
    (profile,) = await brand.data("/api/profiles")
    assert profile["identifiers"] == {"user_id": "u-1"}
    assert await brand.data("/api/profiles", email="noreply@shop.com") == []


async def test_amounts_of_other_currencies_stand_beside(brand: Brand) -> None:
    for total, currency in ((10, "USD"), (5.5, "EUR"), (700, "JPY")):
        await brand.see(did="purchase", properties={"total": total, "currency": currency}, email="a@x.org")
    (profile,) = await brand.data("/api/profiles")
    assert profile["lifetime_value"] == 10
    assert profile["lifetime_values"] == {"USD": 10, "EUR": 5.5, "JPY": 700}


@pytest.mark.parametrize(
    "written", ["+1-555-0123", "15550123", "+15550123", " 15550123", "1 555 0123", "+1 (555) 0123", "001 555 0123"]
)
async def test_a_phone_is_found_however_it_is_written(brand: Brand, written: str) -> None:
    await brand.post("/api/integrations/twilio/webhook", WHATSAPP)
    assert len(await brand.data("/api/profiles", phone=written)) == 1
    assert len(await brand.data("/api/profiles", identifier=f"phone:{written}")) == 1
    assert len(await brand.data("/api/profiles", identifier=f"whatsapp:{written}")) == 1


async def test_an_unescaped_plus_still_finds_the_number(brand: Brand) -> None:
    await brand.post("/api/integrations/twilio/webhook", WHATSAPP)
    for path in ("/api/profiles?phone=+15550123", "/api/profiles?phone=+1-555-0123", "/api/profiles?q=+15550"):
        assert len(await brand.data(path)) == 1, path


async def test_an_unescaped_plus_still_finds_the_address(brand: Brand) -> None:
    await brand.see(email="ann+shop@example.org")
    for asked in ("email=ann+shop@example.org", "identifier=email:ann+shop@example.org", "email=%20ann%2Bshop@example.org%20"):
        assert len(await brand.data(f"/api/profiles?{asked}")) == 1, asked


async def test_a_national_number_is_read_in_the_services_country(brand: Brand) -> None:
    await brand.see(phone="+1 212 555 0188")
    assert len(await brand.data("/api/profiles", phone="(212) 555-0188")) == 1


async def test_filters_are_normalised_and_must_all_match(brand: Brand) -> None:
    told = await brand.see(email="Ann@Example.org", loyalty_id="L-1")
    await brand.see(email="bob@example.org", loyalty_id="L-2")
    ann = [told["profile_id"]]
    assert ids(await brand.data("/api/profiles", email=" ANN@example.ORG ")) == ann
    assert ids(await brand.data("/api/profiles", identifier="loyalty_id:L-1")) == ann
    assert ids(await brand.data("/api/profiles", identifier=["loyalty_id:L-1", "email:ann@example.org"])) == ann
    assert ids(await brand.data("/api/profiles", q="L-1", email="ann@example.org")) == ann
    assert ids(await brand.data("/api/profiles", q=ann[0], email="ann@example.org")) == ann
    assert await brand.data("/api/profiles", email="ann@example.org", identifier="loyalty_id:L-2") == []
    assert ids(await brand.data("/api/profiles", loyalty_id="L-1", email="ANN@example.org")) == ann
    assert await brand.data("/api/profiles", loyalty_id="L-2", email="ann@example.org") == []
    assert await brand.data("/api/profiles", q=ann[0], email="bob@example.org") == []


@pytest.mark.parametrize(
    ("name", "value"),
    [("email", "no address"), ("email", ""), ("phone", "abc"), ("phone", "12"), ("phone", ""), ("email", "x" * 600),
     ("identifier", "email:"), ("identifier", "session:nobody"), ("q", "nobody"), ("segment", "champion")],
)  # fmt: skip
async def test_what_nobody_has_finds_nobody(brand: Brand, name: str, value: str) -> None:
    await brand.see(email="ann@example.org")
    assert await brand.data("/api/profiles", **{name: value}) == []


@pytest.mark.parametrize(
    ("params", "status"),
    [({"identifier": "shoe_size:43"}, 400), ({"identifier": "email"}, 400), ({"cursor": "garbage"}, 400),
     ({"loyalty": "L-1"}, 400), ({"cursor": "WyJtZXJnZXMiLDEsIiJd"}, 400), ({"limit": 0}, 422), ({"limit": 1001}, 422),
     ({"limit": "x"}, 422)],
)  # fmt: skip
async def test_a_bad_request_is_told_why(brand: Brand, params: dict[str, str], status: int) -> None:
    response = await brand.get("/api/profiles", **params)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["detail"]


async def test_the_brand_must_be_named(client: httpx.AsyncClient) -> None:
    for path in ("/api/profiles", "/api/profiles/x", "/api/profiles/x/360", "/api/merges", "/api/merge-queue"):
        assert (await client.get(path)).status_code == 400, path


async def test_pages_show_everyone_once(brand: Brand) -> None:
    made = {(await brand.see(email=f"p{i}@x.org", user_id=f"u{i}"))["profile_id"] for i in range(7)}
    for params in ({}, {"q": "p"}, {"q": "u"}):
        found = ids(await brand.pages("/api/profiles", limit=3, **params))
        assert len(found) == 7, params
        assert set(found) == made, params
    assert ids(await brand.pages("/api/profiles", limit=3)) == sorted(made)
    full = await brand.get("/api/profiles", limit=7)
    assert full.json()["next"] is None


async def test_a_search_lists_everyone_once_at_their_smallest_value(brand: Brand) -> None:
    both = await brand.see(email="b@x.org", user_id="b", phone="+442071234567")
    await brand.post("/api/events", {"type": "x", "identifiers": {"user_id": "b", "email": "a@x.org", "session": "a"}})
    other = await brand.see(email="ab@x.org")
    wanted = [both["profile_id"], other["profile_id"]]
    for query in ("a", "A"):
        assert ids(await brand.pages("/api/profiles", q=query, limit=1)) == wanted
    assert ids(await brand.data("/api/profiles", q="a@x")) == wanted[:1]
    assert ids(await brand.data("/api/profiles", q="+44 (20) 7123")) == wanted[:1]


async def test_a_search_for_an_id_shows_its_profile_first_and_once(brand: Brand) -> None:
    await brand.bring(profile_id="p", identifiers={"email": "p@x.org"})
    await brand.bring(profile_id="a", identifiers={"email": "pa@x.org"})
    assert ids(await brand.pages("/api/profiles", q="p", limit=1)) == ["p", "a"]


async def test_an_absorbed_id_answers_with_the_survivor(brand: Brand) -> None:
    sarah = await brand.omnichannel()
    (profile,) = await brand.data("/api/profiles")
    (gone,) = profile["merged_profile_ids"]
    assert await brand.data(f"/api/profiles/{sarah}") == profile
    assert await brand.data(f"/api/profiles/{gone}") == {**profile, "merged_from": gone}
    assert (await brand.data(f"/api/profiles/{gone}/360"))["profile"] == {**profile, "merged_from": gone}
    assert ids(await brand.data("/api/profiles", q=gone)) == [sarah]


async def test_an_id_resolves_through_a_chain_of_merges(brand: Brand) -> None:
    told = [await brand.see(email=f"m{i}@x.org") for i in range(3)]
    await brand.see(email="m0@x.org", phone="+442071234567")
    await brand.see(email="m1@x.org", loyalty_id="L-1", phone="+442071234567")
    await brand.see(email="m2@x.org", user_id="u-1", phone="+442071234567")
    found = {(await brand.data(f"/api/profiles/{one['profile_id']}"))["profile_id"] for one in told}
    assert len(found) == 1


async def test_an_unknown_profile_is_not_found(brand: Brand, stranger: Brand) -> None:
    told = await brand.see(email="ann@example.org")
    for path in (f"/api/profiles/{told['profile_id']}", f"/api/profiles/{told['profile_id']}/360"):
        assert (await brand.get(path)).status_code == 200
        response = await stranger.get(path)
        assert response.status_code == 404
        assert told["profile_id"] in response.json()["detail"]


async def test_an_unknown_brand_has_nobody(brand: Brand, stranger: Brand) -> None:
    await brand.omnichannel()
    for path in ("/api/profiles", f"/api/profiles?email={SARAH}", "/api/profiles?q=s", "/api/merges", "/api/merge-queue"):
        response = await stranger.get(path)
        assert response.status_code == 200
        assert response.json() == {"data": [], "next": None}
    assert await stranger.count("Brand") == 0


async def test_the_360_of_the_first_scenario(brand: Brand) -> None:
    seen = await brand.data(f"/api/profiles/{await brand.omnichannel()}/360")
    assert seen["events_total"] == 5
    types = [event["type"] for event in seen["events"]]
    assert sorted(types) == ["cart_add", "purchase", "purchase", "store_visit", "whatsapp_message"]
    times = [event["occurred_at"] for event in seen["events"]]
    assert times == sorted(times, reverse=True)
    assert [(order["order_id"], order["total"], order["currency"]) for order in seen["orders"]] == [
        ("TXN-98765", 125.5, "USD"),
        ("12345", 89.99, "USD"),
    ]
    assert seen["orders"][0]["items"] == [{**TILL["items"][0], "price": 125.5}]  # type: ignore[index]
    (visit,) = seen["store_visits"]
    assert (visit["store_id"], visit["duration_minutes"], visit["detection_method"]) == ("STORE-001", 45, "qr_scan")
    assert (visit["check_in_at"], visit["check_out_at"]) == ("2024-01-17T11:00:00Z", "2024-01-17T11:45:00Z")
    intents = [(one["product_id"], one["product_name"], one["score"], one["status"]) for one in seen["product_intents"]]
    assert intents == [
        ("PROD-003", "Premium Sneakers", 85, "active"),
        ("PROD-002", "Premium Sneakers", 100, "converted"),
    ]
    (merge,) = seen["merge_history"]
    assert merge["reason"] == "identifier_match"
    assert len(merge["before"]) == 2
    assert seen["automation_executions"] == seen["campaign_executions"] == []
    assert seen["features"] is seen["predictions"] is seen["journey"] is None


async def test_events_show_what_was_sent_and_who_moved_them(brand: Brand) -> None:
    seen = await brand.data(f"/api/profiles/{await brand.omnichannel()}/360")
    by_type = {event["type"]: event for event in seen["events"]}
    assert by_type["cart_add"]["properties"]["page_url"] == CART["page_url"]
    assert by_type["cart_add"]["identifiers"] == [
        {"type": "email", "value": SARAH},
        {"type": "session", "value": "sess-abc123"},
    ]
    assert by_type["cart_add"]["moved_by"] is None
    assert by_type["whatsapp_message"]["moved_by"] == seen["merge_history"][0]["merge_id"]
    assert (by_type["purchase"]["value"], by_type["purchase"]["currency"]) == (89.99, "USD")


async def test_a_360_is_bounded_and_says_how_much_there_is(brand: Brand) -> None:
    for total in range(5):
        told = await brand.see(did="purchase", properties={"total": total, "order_id": str(total)}, email="a@x.org")
    seen = await brand.data(f"/api/profiles/{told['profile_id']}/360", limit=2)
    assert [order["order_id"] for order in seen["orders"]] == ["4", "3"]
    assert len(seen["events"]) == 2
    assert seen["events_total"] == 5


async def test_a_360_of_an_import_has_no_events(brand: Brand) -> None:
    made = await brand.bring(
        identifiers={"email": "a@x.org"}, lifetime_value=200, total_orders=3, attributes={"first_name": "Ann"}
    )
    seen = await brand.data(f"/api/profiles/{made}/360")
    assert seen["profile"]["lifetime_value"] == 200
    assert seen["profile"]["attributes"] == {"first_name": "Ann"}
    assert seen["events"] == seen["orders"] == seen["merge_history"] == []


async def test_openapi_lists_the_reads_with_a_summary(client: httpx.AsyncClient) -> None:
    paths = (await client.get("/openapi.json")).json()["paths"]
    for path in ("/api/profiles", "/api/profiles/{profile_id}", "/api/profiles/{profile_id}/360", "/api/merges",
                 "/api/merges/{merge_id}", "/api/merge-queue", "/api/merge-queue/{review_id}", "/api/streams/{topic}",
                 "/healthz", "/readyz"):  # fmt: skip
        assert paths[path]["get"]["summary"]


async def heavy_customer(brand: Brand, orders: int, lines: int) -> str:
    """A person with as many orders of as many lines. One is sent; the others are its copies, since sending takes a minute."""
    items = [{"product_id": f"P-{line}", "product_name": f"Product {line}", "price": "1"} for line in range(lines)]
    await brand.see(email="a@x.org")
    told = await brand.see(did="purchase", properties={"total": lines, "order_id": "O", "items": items}, email="a@x.org")
    await brand.cypher(
        """MATCH (p:Profile)<-[:ATTACHED_TO]-(e:Event {brand_id: $brand, type: 'purchase'})-[:CARRIES]->(i:Identifier)
           UNWIND range(2, $orders) AS number
           CREATE (p)<-[:ATTACHED_TO]-(c:Event)-[:CARRIES]->(i)
           SET c = e {.*, event_id: e.event_id + number, key: e.key + number}
           WITH e, c, number
           MATCH (e)-[:SHOWED]->(n:ProductIntent)
           CREATE (c)-[:SHOWED]->(m:ProductIntent)
           SET m = n {.*, intent_id: n.intent_id + number, key: n.key + number}""",
        orders=orders,
    )
    return str(told["profile_id"])


async def test_a_heavy_customer_is_shown_whole(brand: Brand) -> None:
    """Law: what a list costs depends on that list. (Gathered in one row, 200 such orders passed the memory limit.)"""
    profile_id = await heavy_customer(brand, orders=300, lines=20)
    seen = await brand.data(f"/api/profiles/{profile_id}/360", limit=1000)
    assert len(seen["orders"]) == 300
    assert len(seen["product_intents"]) == 1_000
    assert {len(order["items"]) for order in seen["orders"]} == {20}
    assert seen["events_total"] == 301
    assert len((await brand.data(f"/api/profiles/{profile_id}/360"))["orders"]) == 200


async def test_whatever_is_stored_is_shown_however_deeply_it_is_nested(brand: Brand) -> None:
    """Answers put some levels around it: one such event would be in everybody's way at its stream."""
    deep: object = 1
    for _ in range(MOST_LEVELS - 1):
        deep = [deep]
    told = await brand.see(email=SARAH, properties={"deep": deep})
    of_one = f"/api/profiles/{told['profile_id']}"
    shown = await brand.data(f"{of_one}/360")
    assert shown["events"][0]["properties"] == {"deep": deep}
    assert (await brand.post(f"{of_one}/export", {}))["data"]["events"][0]["properties"] == {"deep": deep}
    assert (await brand.data("/api/streams/events.normalized"))[0]["properties"] == {"deep": deep}
    body = {"type": "page_view", "identifiers": {"email": SARAH}, "properties": {"deep": [deep]}}
    assert "nest it less deeply" in (await brand.refused("/api/events", body)).text


async def test_a_read_past_the_memory_limit_is_told_to_ask_for_less(brand: Brand, monkeypatch: pytest.MonkeyPatch) -> None:
    megabyte = "reduce(text = 'x', _ IN range(1, 20) | text + text)"
    monkeypatch.setattr(driver, "query", lambda _: f"UNWIND range(1, 999) AS n RETURN collect({megabyte} + n) AS profile")
    response = await brand.get("/api/profiles")
    assert response.status_code == 422
    assert "limit" in response.json()["detail"]
