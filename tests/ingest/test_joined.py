"""What a sender joins, over HTTP and in the graph."""

from typing import Any

from tests.ingest.conftest import Shop

TRACK, MERGED = "/api/integrations/track", "customers/merge"
WEBHOOK = "/api/integrations/shopify/webhook"


def alias(user: str, before: str) -> dict[str, Any]:
    return {"type": "alias", "userId": user, "previousId": before}


async def identify(shop: Shop, user: str, **beside: str) -> dict[str, Any]:
    return await shop.event({"type": "identify", "userId": user, **beside}, TRACK)


async def test_two_accounts_are_one_by_an_alias(shop: Shop) -> None:
    first = await identify(shop, "u-1", email="ann@example.com")
    second = await identify(shop, "u-2", email="anna@example.com")
    joined = await shop.event(alias("u-2", "u-1"), TRACK)
    assert (joined["outcome"], joined["profile_id"]) == ("merged", first["profile_id"])
    merge = await shop.get(f"/api/merges/{joined['merge_id']}")
    assert (merge["reason"], merge["decided_by"], merge["because"]) == ("sender_merge", "tracking", joined["event_id"])
    assert (await shop.get(f"/api/profiles/{second['profile_id']}"))["profile_id"] == first["profile_id"]
    assert (await shop.event(alias("u-3", "u-2"), TRACK))["profile_id"] == first["profile_id"], "a chain"
    told = (await shop.get(f"/api/profiles/{first['profile_id']}/explain?with={second['profile_id']}"))["says"]
    assert f"event {joined['event_id']}" in told
    undone = await shop.send(f"/api/merges/{joined['merge_id']}/undo", {})
    assert undone.status_code == 200, undone.text
    again = await shop.event({**alias("u-2", "u-1"), "messageId": "m-2"}, TRACK)
    assert again["merge_id"] is None, "a person's no stands"
    assert len(await shop.get("/api/profiles")) == 2
    await shop.check_laws()
    redone = await shop.send(f"/api/merges/{joined['merge_id']}/redo", {})
    assert redone.status_code == 200, redone.text
    (person,) = await shop.get("/api/profiles")
    assert person["profile_id"] == first["profile_id"], "what the graph keeps of an alias says that it joins"
    assert (await shop.get(f"/api/merges/{joined['merge_id']}"))["reason"] == "sender_merge"
    await shop.check_laws()


async def test_a_browser_that_is_named_joins_nobody(shop: Shop) -> None:
    await shop.event({"type": "page", "anonymousId": "a-1"}, TRACK)
    await identify(shop, "u-1")
    await shop.event(alias("u-1", "a-1"), TRACK)
    await shop.event(alias("u-1", "a-2"), TRACK)
    (person,) = await shop.get("/api/profiles")
    held = sorted((one["type"], one["value"]) for one in person["all_identifiers"])
    assert held == [("anonymous_id", "a-1"), ("anonymous_id", "a-2"), ("user_id", "u-1")]
    assert await shop.count("Identifier") == 3, "nothing stays of how an id was not meant"
    repeated = await shop.event(alias("u-1", "a-2"), TRACK)
    assert (repeated["outcome"], await shop.count("Identifier")) == ("duplicate", 3)
    await shop.check_laws()


async def test_customers_that_shopify_merged_are_one(shop: Shop) -> None:
    for number in (1, 2):
        body = {"id": number, "email": f"p{number}@example.com", "updated_at": "2026-09-01T10:00:00Z"}
        await shop.event(body, WEBHOOK, x_shopify_topic="customers/update")
    told = {f"admin_graphql_api_customer_{what}_id": f"gid://shopify/Customer/{n}" for n, what in ((1, "kept"), (2, "deleted"))}
    joined = await shop.event({**told, "status": "completed"}, WEBHOOK, x_shopify_topic=MERGED)
    assert (joined["type"], joined["outcome"]) == ("customers_merged", "merged")
    (person,) = await shop.get("/api/profiles")
    assert {one["value"] for one in person["all_identifiers"]} == {"1", "2", "p1@example.com", "p2@example.com"}
    await shop.check_laws()
