"""Shared identifiers over HTTP: a hub links nobody, an admin sees it and may say otherwise."""

import asyncio

import httpx

from tests.api.brand import Brand


async def put(client: httpx.AsyncClient, brand: Brand, path: str, body: object) -> httpx.Response:
    return await client.put(f"/api/identifiers/{path}", json=body, headers={"x-brand-id": brand.brand_id})


async def people(brand: Brand) -> list[dict]:  # type: ignore[type-arg]
    return await brand.pages("/api/profiles", limit=1000)


async def test_a_kiosks_cookie_chains_nobody(brand: Brand) -> None:
    first = await brand.see(cookie="kiosk", email="p0@x.org", did="purchase", properties={"total": 5})
    for number in range(1, 25):
        await brand.see(cookie="kiosk", email=f"p{number}@x.org")
    found = await people(brand)
    assert len(found) == 25
    assert sorted(one["identifiers"]["email"] for one in found) == sorted(f"p{n}@x.org" for n in range(25))
    assert all(set(one["identifiers"]) == {"email"} for one in found)
    (hub,) = await brand.data("/api/identifiers", status="shared")
    assert (hub["type"], hub["value"], hub["status"], hub["declared"]) == ("cookie", "kiosk", "shared", None)
    assert hub["seen_with"]["email"] > 5
    alone = await brand.see(cookie="kiosk")
    assert (alone["outcome"], alone["profile_id"]) == ("unidentified", None)
    buyer = await brand.data(f"/api/profiles/{first['profile_id']}/360")
    assert (buyer["profile"]["lifetime_value"], buyer["profile"]["total_orders"]) == (5.0, 1)


async def test_an_id_that_was_answered_with_leads_to_where_its_event_is_now(brand: Brand) -> None:
    """Before the hub was known, its people were one profile; each event is its own person's afterwards."""
    told = [await brand.see(cookie="kiosk", email=f"p{number}@x.org") for number in range(6)]
    assert len({one["profile_id"] for one in told}) == 2
    assert [one["outcome"] for one in told] == ["created", *["attached"] * 4, "created"]
    for one in told:
        found = await brand.data(f"/api/profiles/{one['profile_id']}")
        assert found["profile_id"] == one["profile_id"]
    assert len(await people(brand)) == 6


async def test_declared_personal_it_links_again_and_taken_back_it_does_not(brand: Brand, client: httpx.AsyncClient) -> None:
    for number in range(7):
        await brand.see(cookie="family", email=f"p{number}@x.org")
    assert len(await people(brand)) == 7
    answer = await put(client, brand, "cookie/family", {"declared": "personal", "note": "one household"})
    assert answer.status_code == 200, answer.text
    assert (answer.json()["data"]["status"], answer.json()["data"]["declared"]) == ("linkable", "personal")
    assert len(await people(brand)) == 3, "five addresses are one person's limit; the other two do not join"
    assert await brand.data("/api/identifiers", status="shared") == []
    assert (await put(client, brand, "cookie/family", {"declared": None})).json()["data"]["status"] == "shared"
    assert len(await people(brand)) == 7


async def test_a_brand_blocks_values_of_its_own(brand: Brand, client: httpx.AsyncClient) -> None:
    """Before anybody used it, and after."""
    assert (await put(client, brand, "email/shop@brand.org", {"declared": "blocked"})).status_code == 200
    told = await brand.see(email="shop@brand.org")
    assert (told["outcome"], told["profile_id"]) == ("unidentified", None)
    for number in range(2):
        await brand.see(phone="+44 20 7123 4567", email=f"p{number}@x.org")
    assert len(await people(brand)) == 1
    assert (await put(client, brand, "phone/+442071234567", {"declared": "blocked"})).status_code == 200
    assert len(await people(brand)) == 2
    assert {one["value"] for one in await brand.data("/api/identifiers", status="blocked")} == {"shop@brand.org", "442071234567"}


async def test_a_merge_that_only_the_hub_made_is_undone_and_says_why(brand: Brand) -> None:
    ids = [(await brand.see(email=f"p{number}@x.org"))["profile_id"] for number in range(2)]
    for number in range(2):
        told = await brand.see(phone="+442071234567", email=f"p{number}@x.org")
    assert told["outcome"] == "merged"
    for number in range(2, 12):
        await brand.see(phone="+442071234567", email=f"p{number}@x.org")
    found = await people(brand)
    assert len(found) == 12
    assert set(ids) <= {one["profile_id"] for one in found}
    (merge,) = await brand.data("/api/merges")
    assert merge["undone_at"] is not None
    assert merge["undone_because"] == "phone is shared"
    assert not await brand.data("/api/merge-queue", status="pending")


async def test_nonsense_is_refused(brand: Brand, client: httpx.AsyncClient) -> None:
    assert (await put(client, brand, "cookie/c", {"declared": "mine"})).status_code == 422
    assert (await put(client, brand, "hat/c", {"declared": "shared"})).status_code == 400
    assert (await put(client, brand, "email/nonsense", {"declared": "shared"})).status_code == 400
    assert (await put(client, brand, "email/noreply@x.org", {"declared": "personal"})).status_code == 422
    assert (await brand.get("/api/identifiers", status="odd")).status_code == 400
    assert (await brand.get("/api/identifiers/cookie/never")).status_code == 404
    assert (await client.get("/api/identifiers")).status_code == 400


async def test_many_at_one_kiosk_at_once(brand: Brand) -> None:
    """Concurrent deliveries share batches, and the crossing happens inside one."""
    told = await asyncio.gather(*(brand.see(cookie="kiosk", email=f"p{number}@x.org") for number in range(60)))
    assert len(await people(brand)) == 60
    assert all(one["outcome"] in {"created", "attached"} for one in told)
    (rows,) = await brand.cypher(
        "MATCH (e:Event {brand_id: $brand})-[:ATTACHED_TO]->(p:Profile)-[:HAS_IDENTIFIER]->(i)<-[:CARRIES]-(e) "
        "RETURN count(DISTINCT e) AS events, count(DISTINCT p) AS people"
    )
    assert rows == {"events": 60, "people": 60}


CARDS = 50
SHOP = "+442071234567"


async def test_one_shop_phone_on_fifty_loyalty_cards(brand: Brand, client: httpx.AsyncClient) -> None:
    """The fifty are apart again with nothing lost, and one notice says why. Declared personal, one review holds all fifty."""
    for number in range(CARDS):
        properties = {"total": "2.00", "currency": "USD", "order_id": f"o-{number}"}
        await brand.see(did="purchase", properties=properties, loyalty_id=f"L-{number}", phone=SHOP)
    apart = await brand.pages("/api/profiles", limit=20)
    assert sorted(one["identifiers"]["loyalty_id"] for one in apart) == sorted(f"L-{n}" for n in range(CARDS))
    assert [one["identifiers"].keys() for one in apart] == [{"loyalty_id"}] * CARDS
    assert {(one["lifetime_value"], one["total_orders"]) for one in apart} == {(2.0, 1)}
    (notice,) = await brand.data("/api/identifiers", status="shared")
    assert (notice["type"], notice["value"], notice["seen_with"]["loyalty_id"]) == ("phone", SHOP[1:], 20)
    assert await brand.data("/api/merge-queue", status="pending") == []
    response = await put(client, brand, f"phone/{SHOP[1:]}", {"declared": "personal"})
    assert response.status_code == 200, response.text
    (review,) = await brand.data("/api/merge-queue", status="pending")
    assert len(review["profile_ids"]) == CARDS
    assert await brand.data("/api/identifiers", status="shared") == []
    everyone = await brand.pages("/api/profiles", limit=20)
    assert sum(one["lifetime_value"] for one in everyone) == 2.0 * CARDS
    structure = (await brand.data(f"/api/merge-queue/{review['review_id']}"))["structure"]
    assert structure["proposal"]["cut"] == [{"kind": "identifier", "name": f"phone:{SHOP[1:]}"}]


async def test_digits_as_they_are_kept_are_that_number(brand: Brand, client: httpx.AsyncClient) -> None:
    """A German number's digits are a national one's in the United States too; only the German one was ever seen."""
    await brand.see(phone="+49 30 123456")
    assert (await brand.data("/api/identifiers/phone/4930123456"))["value"] == "4930123456"
    answer = await put(client, brand, "phone/4930123456", {"declared": "blocked"})
    assert (answer.status_code, answer.json()["data"]["value"]) == (200, "4930123456")
    assert [one["value"] for one in await brand.data("/api/identifiers", status="blocked")] == ["4930123456"]
    await brand.see(phone="+1 493 012 3456")
    assert (await brand.data("/api/identifiers/phone/4930123456"))["value"] == "4930123456"
    assert (await brand.data("/api/identifiers/phone/(493) 012-3456"))["value"] == "14930123456"
    assert (await brand.data("/api/identifiers/phone/+14930123456"))["value"] == "14930123456"
