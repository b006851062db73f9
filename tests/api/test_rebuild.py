"""Everybody made anew from the evidence: in a healthy brand nothing is other than it stood, and what is damaged is mended."""

import asyncio
from typing import Any

import pytest

from app.review import rehearse, run_pages
from tests.api.brand import PURCHASE, Brand

KIOSK = 25  # people, more than a device may link
ANN, BOB = "ann@rebuild.example", "bob@rebuild.example"


async def lived(brand: Brand) -> None:
    """A brand in which about everything happened: merges by evidence and by hand, an undo, a review, orders with a life, a shared
    identifier, an import, an erasure."""
    await brand.omnichannel()
    await brand.shopify({**PURCHASE, "id": 7, "email": ANN, "customer": {"id": 70}})
    await brand.shopify({"id": 7, "total_price": "50.00", "currency": "USD", "email": ANN}, "orders/updated")
    paid = [{"kind": "refund", "status": "success", "amount": "10.00", "currency": "USD"}]
    await brand.shopify({"id": 71, "order_id": 7, "transactions": paid, "refund_line_items": []}, "refunds/create")
    bought = {"properties": {"total": 20, "items": [{"product_name": "Hat"}]}}
    await brand.see(did="purchase", email=BOB, loyalty_id="L-1", **bought)
    await brand.see(did="cart_add", email=BOB, properties={"product_name": "Hat"})
    await brand.see(email=BOB, cookie="c-1")
    await brand.see(email="bob.too@rebuild.example", loyalty_id="L-1")
    await brand.see(email="card@rebuild.example", loyalty_id="L-2")
    await brand.see(email="card@rebuild.example", loyalty_id="L-3")  # a person has one: a review
    one, other = [(await brand.see(email=f"{name}@rebuild.example"))["profile_id"] for name in ("one", "other")]
    made = await brand.post("/api/merges", {"profile_ids": [one, other]})
    await brand.post(f"/api/merges/{made['data']['merge_id']}/undo", {})
    await brand.bring(identifiers={"email": "old@rebuild.example"}, lifetime_value=5, total_orders=1, profile_id="old")
    for name in ("gone", "stays"):
        await brand.see(email=f"{name}@rebuild.example", loyalty_id="L-4", device="kiosk")
    await brand.post("/api/erasures", {"type": "email", "value": "gone@rebuild.example"})
    for number in range(KIOSK):
        await brand.see(email=f"k{number}@rebuild.example", device="kiosk")


async def rebuild(brand: Brand) -> dict[str, Any]:
    done: dict[str, Any] = (await brand.post("/api/jobs/rebuild/run", {}))["data"]
    return done


async def seen(brand: Brand) -> list[Any]:
    """All that people are shown of everybody."""
    everybody = sorted(await brand.pages("/api/profiles"), key=lambda one: str(one["profile_id"]))
    return [everybody, [await brand.data(f"/api/profiles/{one['profile_id']}/360") for one in everybody]]


async def test_in_a_healthy_brand_nothing_is_other_than_it_stood(brand: Brand) -> None:
    await lived(brand)
    before = await seen(brand)
    done = await rebuild(brand)
    assert (done["mended"], done["skipped"], done["looked_at"]) == (0, 0, len(before[0])), done
    assert await seen(brand) == before
    (run,) = await brand.data("/api/rules/runs")
    assert (run["kind"], run["version"], run["partition_after"]) == ("rebuild", "0", run["partition_before"])


async def test_who_was_told_apart_and_is_seen_together_again_is_no_damage(brand: Brand) -> None:
    for card in ("L-1", "L-2"):
        met = await brand.see(email="card@rebuild.example", loyalty_id=card)
    await brand.post(f"/api/merge-queue/{met['review_id']}/reject", {})
    for _ in range(2):
        await brand.see(email="card@rebuild.example", loyalty_id="L-2")
    before = await seen(brand)
    assert (await rebuild(brand))["mended"] == 0
    assert await seen(brand) == before


async def test_a_review_that_is_decided_in_part_is_made_of_the_links_that_still_ask(brand: Brand) -> None:
    """Three are asked about, and a fourth with one of them. The last two are one, says somebody, and their link asks no more."""
    named = {"user_id": "u", "email": ANN, "phone": "+15550123", "whatsapp_user_id": "w"}
    people = [(await brand.see(**{kind: value}, loyalty_id=kind))["profile_id"] for kind, value in named.items()]
    first = await brand.see(**{kind: named[kind] for kind in ("user_id", "email", "phone")})
    second = await brand.see(**{kind: named[kind] for kind in ("phone", "whatsapp_user_id")})
    path = f"/api/merge-queue/{first['review_id']}"
    assert {link["event_id"] for link in (await brand.data(path))["links"]} == {first["event_id"], second["event_id"]}
    await brand.post(f"{path}/approve", {"profile_ids": people[2:]})
    left = await brand.data(path)
    assert (left["status"], left["profile_ids"]) == ("pending", sorted(people[:2]))
    assert {link["event_id"] for link in left["links"]} == {first["event_id"]}
    assert (await rebuild(brand))["mended"] == 0
    assert (await brand.data(path))["version"] == left["version"], "who has it open may still decide"


PERSON = "MATCH (p:Profile {brand_id: $brand}) "
BOBS = "MATCH (b:Profile {brand_id: $brand})-->(i:Identifier {value: $bob}) "
EVENTS = "MATCH (e:Event {brand_id: $brand})-[at:ATTACHED_TO]->() "
HELD = "MATCH (:Profile {brand_id: $brand})-[held:HAS_IDENTIFIER]->(i) "
DAMAGE = {
    "a figure": PERSON + "WHERE p.lifetime_value_minor > 0 SET p.total_orders = 99, p.spend = ['USD|1']",
    "what is only shown": PERSON + "SET p.profile_strength = 1, p.lifetime_value_minor = 7",
    "what is searched": PERSON + "SET p.search = 'nonsense'",
    "an age": PERSON + "SET p.created_at = datetime('2001-01-01T00:00:00Z')",
    "who is a person": PERSON + "REMOVE p:Profile SET p:MergedProfile",
    "people themselves": PERSON + "WHERE NOT EXISTS { (p)--(:MergeHistory) } AND p.profile_id <> 'old' DETACH DELETE p",
    "what is held": HELD + "WHERE i.type = 'email' DELETE held",
    "which merge brought what": HELD + "SET held.merge_id = 'nonsense'",
    "what others hold": BOBS
    + "MATCH (a:Profile)-->(:Identifier {brand_id: $brand, value: $ann}) CREATE (a)-[:HAS_IDENTIFIER]->(i)",
    "whose an event is": EVENTS + BOBS + "DELETE at CREATE (e)-[:ATTACHED_TO]->(b)",
    "that an event is anybody's": EVENTS + "DELETE at",
    "how an order counts": EVENTS + "WHERE e.type = 'purchase' SET e.revised_minor = 1, e.revised_currency = 'USD'",
    "where an id leads": "MATCH (:ProfileId {brand_id: $brand})-[led:MERGED_INTO]->() DELETE led",
    "an intent": "MATCH (n:ProductIntent {brand_id: $brand}) SET n.score = 1, n.status = 'converted'",
    "what is shared": "MATCH (i:Identifier {brand_id: $brand, type: 'device'}) SET i.standing = 'linkable'",
}


async def test_what_somebody_damaged_is_mended(brand: Brand) -> None:
    """One after the other in one brand, which is each time as it was before."""
    await lived(brand)
    before = await seen(brand)
    for what, damage in DAMAGE.items():
        await brand.cypher(damage, ann=ANN, bob=BOB)
        done = await rebuild(brand)
        assert done["mended"] > 0, (what, done)
        assert await seen(brand) == before, what
        assert (await rebuild(brand))["mended"] == 0, what


async def test_a_rebuild_that_was_stopped_goes_on(brand: Brand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rehearse, "PAGE", 3)
    await lived(brand)
    pages, next_page = 0, run_pages.next_page

    async def stops(*asked: Any) -> Any:
        nonlocal pages
        pages += 1
        if pages == 6:
            raise asyncio.CancelledError
        return await next_page(*asked)

    monkeypatch.setattr(rehearse, "next_page", stops)
    assert (await brand.refused("/api/jobs/rebuild/run", {})).status_code == 503
    (run,) = await brand.data("/api/rules/runs")
    assert (run["status"], 0 < run["looked_at"] < run["total"]) == ("running", True)
    done = await rebuild(brand)
    assert (done["run_id"], done["looked_at"], done["mended"]) == (run["run_id"], run["total"], 0)


async def test_what_comes_meanwhile_is_no_damage(brand: Brand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rehearse, "PAGE", 2)
    await lived(brand)

    async def traffic() -> None:
        for number in range(60):
            await brand.see(
                did="purchase", properties={"total": 1}, email=f"k{number % 12}@rebuild.example", loyalty_id=f"T-{number % 20}"
            )

    done, _ = await asyncio.gather(rebuild(brand), traffic())
    assert done["mended"] == 0
    assert (await rebuild(brand))["mended"] == 0


async def test_it_goes_by_the_rules_in_force(brand: Brand) -> None:
    await brand.see(email="a@x.org", loyalty_id="L")
    await brand.see(email="b@x.org", loyalty_id="L")
    version = (await brand.post("/api/rules", {"limits": {"email": 1}}))["data"]["version"]
    await brand.post(f"/api/rules/{version}/promote", {})
    assert len(await brand.data("/api/profiles")) == 2
    done = await rebuild(brand)
    assert (done["version"], done["mended"]) == (version, 0)


async def test_a_brand_that_there_is_none_of_is_not_made(brand: Brand) -> None:
    assert (await rebuild(brand))["looked_at"] == 0
    assert await brand.count("Brand") == 0
