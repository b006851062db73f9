"""The right to be forgotten, over HTTP and a real Neo4j: nothing that names the person is left, others stay as they are."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.graph.driver import Graph
from tests.api.brand import CART, PURCHASE, SARAH, TILL, WHATSAPP, Brand

NAMES = (
    SARAH,
    "sarah",
    "15550123",
    "1-555-0123",
    "LOY-789456",
    "sess-abc123",
    "ORD-12345",
    "TXN-98765",
    "When will my order ship",
)


async def erase(brand: Brand, type_: str, value: str, **more: Any) -> Any:
    return (await brand.post("/api/erasures", {"type": type_, "value": value, **more}))["data"]


async def everything(brand: Brand) -> str:
    """All that the graph holds of a brand, as text: nodes, and what stands at edges."""
    found = await brand.cypher(
        "MATCH (n) WHERE n.brand_id = $brand OPTIONAL MATCH (n)-[r]->() "
        "RETURN properties(n) AS node, collect(properties(r)) AS edges"
    )
    return json.dumps(found, default=str)


async def lived(brand: Brand, graph: Graph) -> str:
    """The first scenario with all that is made of it: scores, journeys, a message; the survivor's id."""
    profile_id = await brand.omnichannel()
    for name in ("predictions", "automations"):
        await brand.post(f"/api/jobs/{name}/run", {"as_of": "2024-01-20T12:00:00Z"})
    return profile_id


async def test_nothing_that_names_them_is_left(brand: Brand, graph: Graph) -> None:
    await lived(brand, graph)
    before = await everything(brand)
    assert all(name.casefold() in before.casefold() for name in NAMES)
    assert await brand.count("CampaignExecution") == 1
    done = await erase(brand, "email", SARAH, note="asked by letter")
    left = await everything(brand)
    assert [name for name in NAMES if name.casefold() in left.casefold()] == []
    labels = await brand.cypher("MATCH (n) WHERE n.brand_id = $brand UNWIND labels(n) AS label RETURN DISTINCT label")
    assert {row["label"] for row in labels} == {
        "Automation", "AutomationBatch", "BoughtTogether", "Brand", "Change", "ErasedEvent", "Erasure", "JobLease", "JobRun",
        "Outbox", "ProfileId", "Stream", "Tombstone",
    }  # fmt: skip
    assert (done["events"], done["merges"], done["messages"], done["others"]) == (5, 1, 1, [])
    (told,) = await brand.pages("/api/erasures")
    assert told["erasure_id"] == done["erasure_id"]
    assert told["note"] == "asked by letter"


async def test_a_dry_run_says_what_would_go_and_erases_nothing(brand: Brand, graph: Graph) -> None:
    profile_id = await lived(brand, graph)
    before = await everything(brand)
    would = await erase(brand, "phone", "+1-555-0123", dry_run=True)
    assert would["erasure_id"] is None
    assert would["profile_ids"] == [profile_id]
    assert await everything(brand) == before
    assert await brand.pages("/api/erasures") == []
    done = await erase(brand, "phone", "+1-555-0123")
    told = ("profile_ids", "events", "identifiers", "merges", "messages", "others")
    assert [done[name] for name in told] == [would[name] for name in told]


async def test_every_id_they_had_answers_that_it_was_erased(brand: Brand) -> None:
    await brand.omnichannel()
    ids = [row["id"] for row in await brand.cypher("MATCH (p:ProfileId {brand_id: $brand}) RETURN p.profile_id AS id")]
    assert len(ids) == 2
    await erase(brand, "email", SARAH)
    for profile_id in ids:
        for path in (
            "",
            "/360",
            "/graph",
            "/explain",
            f"/explain?with={ids[0]}",
            f"/explain?with={ids[1]}",
            "/prediction",
            "?as_of=2024-01-18T00:00:00Z",
            "/360?known_at=2100-01-01T00:00:00Z",
        ):
            answer = await brand.get(f"/api/profiles/{profile_id}{path}")
            assert (answer.status_code, answer.json()["title"]) == (410, "This person was erased"), path
        assert (await brand.call("POST", f"/api/profiles/{profile_id}/export")).status_code == 410
    assert (await brand.get("/api/profiles/nobody")).status_code == 404
    assert await brand.pages("/api/profiles") == []
    assert await brand.pages("/api/merges") == []


async def test_a_delivery_that_comes_again_brings_nobody_back(brand: Brand) -> None:
    first = await brand.omnichannel()
    await erase(brand, "email", SARAH)
    (again,) = await brand.shopify(PURCHASE)
    assert (again["outcome"], again["profile_id"]) == ("duplicate", None)
    (wrote,) = (await brand.post("/api/integrations/twilio/webhook", WHATSAPP))["data"]["events"]
    visit, sale = (await brand.post("/api/integrations/pos", TILL))["data"]["events"]
    (cart,) = (await brand.post("/api/integrations/track", CART))["data"]["events"]
    assert {one["outcome"] for one in (wrote, visit, sale, cart)} == {"duplicate"}
    assert await brand.count("Profile") == await brand.count("Event") == 0
    left = await everything(brand)
    assert [name for name in NAMES if name.casefold() in left.casefold()] == []
    (new,) = await brand.shopify({**PURCHASE, "id": 777, "order_number": "ORD-777"})
    assert new["outcome"] == "created"
    assert new["profile_id"] != first
    profile = await brand.data(f"/api/profiles/{new['profile_id']}")
    assert (profile["total_orders"], profile["lifetime_value"]) == (1, 89.99)


async def test_anothers_delivery_that_comes_again_brings_nothing_of_theirs_back(brand: Brand) -> None:
    """It is a duplicate, and what it carried of who was erased is taken in with nothing else of it."""
    await brand.see(email="stays@mail.org", loyalty_id="L-1")
    await brand.see(email="gone@mail.org", loyalty_id="L-2")
    both = {
        "source": "till",
        "type": "visit",
        "identifiers": {"email": "gone@mail.org", "loyalty_id": "L-1"},
        "idempotency_key": "k",
    }
    (first,) = (await brand.post("/api/events", both))["data"]["events"]
    assert first["outcome"] == "review"
    await erase(brand, "loyalty_id", "L-2")
    left = await everything(brand)
    assert "gone@mail.org" not in left
    (again,) = (await brand.post("/api/events", both))["data"]["events"]
    assert (again["outcome"], again["event_id"]) == ("duplicate", first["event_id"])
    assert await everything(brand) == left


async def test_an_imported_profile_does_not_come_back_under_its_id(brand: Brand) -> None:
    known = {"profile_id": "prof-1", "identifiers": {"email": "ann@x.example"}, "lifetime_value": 10, "currency": "USD"}
    await brand.bring(**known)
    await erase(brand, "email", "ann@x.example")
    refused = await brand.refused("/api/profiles", known)
    assert refused.status_code == 409
    assert "was erased" in refused.json()["detail"]
    assert "ann@x.example" not in await everything(brand)


async def test_an_import_that_names_no_id_does_not_come_back_either(brand: Brand) -> None:
    """Its id is made of what it says, so the same again is the same profile."""
    known = {"identifiers": {"email": "ann@x.example"}, "lifetime_value": 10, "currency": "USD"}
    await brand.bring(**known)
    await erase(brand, "email", "ann@x.example")
    refused = await brand.refused("/api/profiles", known)
    assert (refused.status_code, "was erased" in refused.json()["detail"]) == (409, True)
    await brand.bring(**{**known, "lifetime_value": 11})
    assert await brand.count("Profile") == 1


async def test_the_streams_tell_consumers_and_show_nothing_of_them(brand: Brand) -> None:
    await brand.omnichannel()
    await brand.see(email="other@x.example")
    await brand.post("/api/jobs/outbox/run", {})
    await erase(brand, "email", SARAH)
    for topic in ("events.raw", "events.normalized"):
        page = await brand.data(f"/api/streams/{topic}")
        assert len(page) == 1
        assert SARAH not in json.dumps(page)
    changes = await brand.data("/api/streams/identity.changes")
    erased = [one for one in changes if one["type"] == "profile.erased"]
    assert len(erased) == 2
    assert {one["into"] for one in erased} == {None}
    created = [one["profile_id"] for one in changes if one["type"] == "profile.created"]
    assert {one["profile_id"] for one in erased} <= set(created)


async def test_nobody_known_is_nothing_done_as_often_as_it_is_asked(brand: Brand) -> None:
    await brand.omnichannel()
    assert (await erase(brand, "email", SARAH))["erasure_id"]
    for _ in range(2):
        again = await erase(brand, "email", SARAH)
        assert (again["erasure_id"], again["profile_ids"], again["events"]) == (None, [], 0)
    assert len(await brand.pages("/api/erasures")) == 1


async def test_what_stands_for_nobody_erases_nobody(brand: Brand) -> None:
    for number in range(8):
        await brand.see(email=f"p{number}@x.example", cookie="kiosk")
    refused = await brand.refused("/api/erasures", {"type": "cookie", "value": "kiosk"})
    assert (refused.status_code, "shared" in refused.json()["detail"]) == (409, True)
    assert await brand.count("Profile") == 8


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"type": "email"}, 422),
        ({"type": "email", "value": ""}, 400),
        ({"type": "shoe_size", "value": "9"}, 400),
        ({"type": "email", "value": "a@x.example", "hurry": True}, 422),
        ({"type": "email", "value": "a" * 600}, 422),
    ],
)
async def test_what_is_no_identifier_is_refused(brand: Brand, body: dict[str, Any], status: int) -> None:
    assert (await brand.refused("/api/erasures", body)).status_code == status


async def test_a_hub_stays_shared_and_forgets_who_shared_it(brand: Brand) -> None:
    for number in range(8):
        await brand.see(email=f"p{number}@x.example", cookie="kiosk")
    done = await erase(brand, "email", "p3@x.example")
    assert done["others"] == []
    assert "p3@x.example" not in await everything(brand)
    seen = await brand.data("/api/identifiers/cookie/kiosk")
    assert (seen["status"], seen["seen_with"]) == ("shared", {"email": 8})
    told = await brand.see(email="late@x.example", cookie="kiosk")
    assert told["outcome"] == "created"
    assert await brand.count("Profile") == 8


async def test_who_was_met_through_two_browsers_forgets_them_too(brand: Brand) -> None:
    """A cookie remembers whom its neighbours were carried with: two hops away the address stands in its node."""
    await brand.see(email="ann@x.example", cookie="c1")
    await brand.see(cookie="c1", session="s1")
    await brand.see(session="s2", cookie="c1")
    await brand.see(email="bob@x.example", session="s9")
    before = await everything(brand)
    assert before.count("ann@x.example") > 4
    await erase(brand, "email", "ann@x.example")
    assert "ann@x.example" not in await everything(brand)
    assert (await brand.data("/api/profiles", email="bob@x.example"))[0]["total_orders"] == 0


ONE_ADDRESS_OF_TWO = ({"email": "two@x.example", "loyalty_id": "A1"}, {"email": "two@x.example", "loyalty_id": "B2"})


async def test_a_review_of_nobody_else_goes_without_a_word(brand: Brand) -> None:
    """Two cards in one event are two people, and a review; both are known by nothing else."""
    told = (await brand.post("/api/events", {
        "type": "page_view", "identifiers": {"loyalty_id": ["A1", "B2"], "phone": "+447700900111"},
    }))["data"]["events"]  # fmt: skip
    (review,) = await brand.pages("/api/merge-queue", status="pending")
    done = await erase(brand, "phone", "+447700900111")
    assert (len(done["profile_ids"]), done["others"]) == (2, [])
    assert told[0]["profile_id"] in done["profile_ids"]
    assert (await brand.get(f"/api/merge-queue/{review['review_id']}")).status_code == 404
    assert await brand.count("OpenLink") == 0


async def test_who_was_seen_with_what_two_hold_forgets_it_with_the_second(brand: Brand) -> None:
    """A third one's event named it too: that says it of the second still, once the first is erased."""
    for held in ONE_ADDRESS_OF_TWO:
        await brand.bring(identifiers=held)
    await brand.see(loyalty_id="C3", user_id="carl")
    await brand.see(loyalty_id="C3", email="two@x.example")
    await erase(brand, "loyalty_id", "A1")
    assert "two@x.example" in await everything(brand)
    await erase(brand, "loyalty_id", "B2")
    assert "two@x.example" not in await everything(brand)


async def test_what_an_erased_event_carried_of_others_is_forgotten_with_them(brand: Brand) -> None:
    """The event that says so is gone by then."""
    for held in ONE_ADDRESS_OF_TWO:
        await brand.bring(identifiers=held)
    for number in range(8):
        await brand.see(email=f"p{number}@x.example", cookie="kiosk")
    await brand.see(loyalty_id="A1", email="two@x.example", cookie="kiosk")
    assert (await erase(brand, "loyalty_id", "A1"))["events"] == 1
    assert "two@x.example" in await everything(brand)
    await erase(brand, "loyalty_id", "B2")
    assert "two@x.example" not in await everything(brand)


async def test_who_was_met_through_an_erased_browser_is_forgotten_there_too(brand: Brand) -> None:
    """Bob was seen in Ann's browser, and it in a session of Carl's, who knows of Bob by that alone."""
    await brand.see(user_id="ann", email="ann@x.example", cookie="c1")
    await brand.see(user_id="bob", email="bob@x.example")
    await brand.see(user_id="carl", email="carl@x.example", session="s2")
    await brand.see(email="bob@x.example", cookie="c1")
    await brand.see(cookie="c1", session="s2")
    await erase(brand, "user_id", "ann")
    assert {row["user_id"] for row in [one["identifiers"] for one in await brand.data("/api/profiles")]} == {"bob", "carl"}
    await erase(brand, "user_id", "bob")
    assert "bob@x.example" not in await everything(brand)


async def test_what_stands_for_an_erased_browser_learns_nothing_of_others(brand: Brand) -> None:
    """It is no identifier, and would remember them for good."""
    await brand.see(user_id="ann", email="ann@x.example", cookie="c1")
    await brand.see(user_id="bob", session="s1")
    await brand.see(cookie="c1", session="s1")
    await erase(brand, "user_id", "ann")
    await brand.see(session="s1", email="new@x.example")
    named = await brand.cypher("MATCH (i:Identifier {brand_id: $brand}) RETURN i.type AS type")
    assert sorted(row["type"] for row in named) == ["email", "session", "user_id"]


async def test_an_id_that_leads_elsewhere_keeps_nothing_of_what_it_held(brand: Brand) -> None:
    """What it held may be somebody else's by now: here a kiosk, which everybody was once, is nobody any more."""
    for number in range(8):
        await brand.see(cookie="kiosk")
        await brand.see(email=f"p{number}@x.example", cookie="kiosk")
    kept = "MATCH (p:ProfileId {brand_id: $brand}) WHERE NOT p:Profile AND (p.strong <> [] OR p.search <> '') RETURN p"
    assert await brand.count("Tombstone") + await brand.count("MergedProfile") > 0
    assert await brand.cypher(kept) == []


async def test_anothers_event_keeps_all_but_what_it_said_of_them(brand: Brand) -> None:
    """Two loyalty cards are two people: an event that names the one by the other's number is the other's, and a review waits."""
    await brand.see(loyalty_id="A1", phone="+447700900111")
    await brand.see(loyalty_id="B2", email="bob@x.example", phone="+447700900222", user_id="bob")
    told = await brand.see(
        loyalty_id="B2", phone="+447700900111", properties={"note": "call +44 7700 900111 first", "total": 5, "currency": "USD"}
    )
    assert told["outcome"] == "review"
    bob = (await brand.data("/api/profiles", email="bob@x.example"))[0]
    assert told["profile_id"] == bob["profile_id"]
    done = await erase(brand, "loyalty_id", "A1")
    assert bob["profile_id"] not in done["profile_ids"]
    left = await everything(brand)
    assert [one for one in ("7700900111", "7700 900111", "A1|", '"A1"') if one in left] == []
    after = await brand.data(f"/api/profiles/{bob['profile_id']}/360")
    assert after["events_total"] == 2
    assert after["profile"] == {**bob, "last_seen": after["profile"]["last_seen"]}
    (event,) = [one for one in after["events"] if one["event_id"] == told["event_id"]]
    assert event["properties"]["note"] == "[erased]"
    assert event["properties"]["total"] == 5
    assert {one["kind"] for one in done["others"]} == {"review_closed"}
    assert await brand.pages("/api/merge-queue", status="pending") == []
    assert (await brand.get(f"/api/merge-queue/{told['review_id']}")).status_code == 200


async def test_anothers_event_keeps_no_spelling_of_theirs_and_no_trait_that_says_it(brand: Brand) -> None:
    await brand.see(loyalty_id="A1", user_id="7", phone="+447700900111")
    bob = {"loyalty_id": "B2", "email": "bob@x.example", "phone": "+447700900222"}
    await brand.see(**bob, device="d1")
    body = {
        "type": "purchase",
        "identifiers": {"loyalty_id": "B2", "phone": "+447700900111", "user_id": "7"},
        "attributes": {"city": "Leeds", "second_phone": "07700 900111"},
        "properties": {"order_id": "o77", "total": 177.5, "currency": "USD", "by": {"+44 7700 900111": "07700 900111"}},
    }
    (told,) = (await brand.post("/api/events", body))["data"]["events"]
    before = await brand.data(f"/api/profiles/{told['profile_id']}")
    assert before["attributes"] == {"city": "Leeds", "second_phone": "07700 900111"}
    await erase(brand, "loyalty_id", "A1")
    assert "7700 900111" not in await everything(brand)
    after = await brand.data(f"/api/profiles/{told['profile_id']}/360")
    assert after["profile"]["attributes"] == {"city": "Leeds"}
    (event,) = [one for one in after["events"] if one["event_id"] == told["event_id"]]
    assert event["properties"] == {"order_id": "o77", "total": 177.5, "currency": "USD", "by": {"[erased]": "[erased]"}}


@pytest.mark.parametrize("then", [None, "order_cancelled"])
async def test_an_order_of_which_the_erased_told_counts_as_it_came(brand: Brand, then: str | None) -> None:
    """In all that is shown of it: also where nobody has spent anything else by that, since it is called off."""
    bought = await brand.see(did="purchase", properties={"order_id": "o1", "total": 14}, user_id="u1")
    await brand.see(did="order_updated", properties={"order_id": "o1", "total": 12}, loyalty_id="B2")
    if then is not None:
        await brand.see(did=then, properties={"order_id": "o1"}, phone="+447700900222")
    assert await totals(brand, bought["profile_id"]) == [12]
    await erase(brand, "loyalty_id", "B2")
    assert await totals(brand, bought["profile_id"]) == [14]
    assert (await brand.post("/api/jobs/rebuild/run", {}))["data"]["mended"] == 0


async def test_an_order_that_the_erased_called_off_stands_again(brand: Brand) -> None:
    bought = await brand.see(did="purchase", properties={"order_id": "o1", "total": 14}, user_id="u1")
    await brand.see(did="order_cancelled", properties={"order_id": "o1"}, loyalty_id="B2")
    await erase(brand, "loyalty_id", "B2")
    found = await brand.data(f"/api/profiles/{bought['profile_id']}/360")
    assert (found["profile"]["lifetime_value"], found["profile"]["total_orders"]) == (14, 1)
    assert [(order["status"], order["cancelled_at"]) for order in found["orders"]] == [("placed", None)]
    assert (await brand.post("/api/jobs/rebuild/run", {}))["data"]["mended"] == 0


async def totals(brand: Brand, profile_id: str) -> list[float]:
    return [order["total"] for order in (await brand.data(f"/api/profiles/{profile_id}/360"))["orders"]]


async def test_a_merge_that_was_undone_and_its_judgement_go_with_one_of_two(brand: Brand) -> None:
    one = await brand.see(email="ann@x.example")
    other = await brand.see(phone="+447700900222")
    asked = {"profile_ids": [one["profile_id"], other["profile_id"]]}
    merged = (await brand.post("/api/merges", asked))["data"]
    await brand.post(f"/api/merges/{merged['merge_id']}/undo", {})
    await erase(brand, "email", "ann@x.example")
    assert "ann@x.example" not in await everything(brand)
    assert await brand.count("Judgement") == 0
    assert await brand.count("MergeHistory") == 0
    profile = await brand.data(f"/api/profiles/{other['profile_id']}")
    assert profile["merged_profile_ids"] == []
    assert (await brand.data(f"/api/profiles/{other['profile_id']}/explain"))["profile_id"] == other["profile_id"]


async def test_two_imports_with_one_address_are_both_erased_by_it(brand: Brand) -> None:
    first = await brand.bring(identifiers={"email": "ann@x.example", "loyalty_id": "A1"})
    second = await brand.bring(identifiers={"email": "ann@x.example", "loyalty_id": "B2"})
    done = await erase(brand, "email", "ann@x.example")
    assert set(done["profile_ids"]) == {first, second}
    assert await brand.count("Identifier") == 0


async def test_of_two_imports_with_one_address_one_is_erased_by_its_own_card(brand: Brand) -> None:
    first = await brand.bring(identifiers={"email": "ann@x.example", "loyalty_id": "A1"})
    second = await brand.bring(identifiers={"email": "ann@x.example", "loyalty_id": "B2"})
    done = await erase(brand, "loyalty_id", "A1")
    assert done["profile_ids"] == [first]
    (left,) = await brand.data("/api/profiles", email="ann@x.example")
    assert left["profile_id"] == second


async def test_events_that_come_meanwhile_are_before_or_after_it(brand: Brand) -> None:
    """No client hears an error, and nobody ends up half erased."""
    await brand.see(email="ann@x.example", phone="+447700900111")

    async def write(number: int) -> str:
        answer = await brand.call(
            "POST",
            "/api/events",
            json={"type": "page_view", "identifiers": {"email": "ann@x.example"}, "idempotency_key": str(number)},
        )
        assert answer.status_code == 200, answer.text
        return str(answer.json()["data"]["events"][0]["profile_id"])

    async def forget() -> None:
        for _ in range(5):
            answer = await brand.call("POST", "/api/erasures", json={"type": "email", "value": "ann@x.example"})
            assert answer.status_code == 200, answer.text

    await asyncio.gather(*(write(number) for number in range(40)), forget(), forget())
    events = await brand.cypher("MATCH (e:Event {brand_id: $brand}) RETURN COUNT { (e)-[:ATTACHED_TO]->(:Profile) } AS homes")
    assert {row["homes"] for row in events} <= {1}
    assert len(events) + await brand.count("ErasedEvent") == 41
    await erase(brand, "email", "ann@x.example")
    assert "ann@x.example" not in await everything(brand)


async def test_a_message_that_waits_is_not_sent_any_more(brand: Brand) -> None:
    await brand.post("/api/integrations/track", {**CART, "timestamp": datetime.now(UTC).isoformat()})
    await erase(brand, "email", SARAH)
    ran = await brand.post("/api/jobs/automations/run", {})
    assert ran["data"]["job"] == "automations"
    assert await brand.count("CampaignExecution") == 0


async def test_a_message_that_went_to_them_as_somebody_else_goes_too(brand: Brand) -> None:
    """They were one person with Bob for a while, whose id it went to; for their cart, to their number."""
    bob = await brand.see(loyalty_id="B2")
    wrote = await brand.see(phone="+12125550123")
    merged = (await brand.post("/api/merges", {"profile_ids": [bob["profile_id"], wrote["profile_id"]]}))["data"]
    cart = {name: value for name, value in CART.items() if name not in {"email", "session_id"}}
    await brand.post("/api/integrations/track", {**cart, "loyalty_id": "B2"})
    await brand.post("/api/jobs/automations/run", {"as_of": "2024-01-20T12:00:00Z"})
    (sent,) = await brand.pages("/api/campaign-executions")
    assert (sent["profile_id"], sent["to"]) == (bob["profile_id"], "+12125550123")
    await brand.post(f"/api/merges/{merged['merge_id']}/undo", {})
    assert (await erase(brand, "phone", "+12125550123", dry_run=True))["messages"] == 1
    done = await erase(brand, "phone", "+12125550123")
    assert (done["messages"], done["profile_ids"]) == (1, [wrote["profile_id"]])
    assert "12125550123" not in await everything(brand)
    assert (await brand.get(f"/api/profiles/{bob['profile_id']}/360")).json()["data"]["automation_executions"] == []


async def test_somebody_is_erased_by_any_id_they_ever_had(brand: Brand) -> None:
    survivor = await brand.omnichannel()
    (absorbed,) = (await brand.data(f"/api/profiles/{survivor}"))["merged_profile_ids"]
    would = await erase(brand, "profile_id", absorbed, dry_run=True)
    assert would["profile_ids"] == [survivor]
    assert (await erase(brand, "profile_id", absorbed))["events"] == 5
    for unknown in (absorbed, survivor, "nobody"):
        assert (await erase(brand, "profile_id", unknown))["erasure_id"] is None
    assert await brand.count("Event") == 0


async def test_another_brand_keeps_its_own_of_the_same_name(brand: Brand, stranger: Brand) -> None:
    await brand.omnichannel()
    theirs = await stranger.omnichannel()
    before = await stranger.data(f"/api/profiles/{theirs}/360")
    await erase(brand, "email", SARAH)
    assert await stranger.data(f"/api/profiles/{theirs}/360") == before
    assert await stranger.pages("/api/erasures") == []


SHOPIFY = Path(__file__).resolve().parents[1] / "payloads" / "shopify"


async def shopify(brand: Brand, number: str) -> Any:
    """One of the real-shaped bodies, as Shopify sends it."""
    (body,) = [path for path in SHOPIFY.glob(f"{number}_*.json") if not path.name.endswith(".headers.json")]
    headers = json.loads(body.with_name(f"{body.stem}.headers.json").read_text())
    answer = await brand.call("POST", "/api/integrations/shopify/webhook", headers=headers, content=body.read_bytes())
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]["events"]


async def test_shopifys_word_that_a_customer_is_to_be_forgotten_is_kept(brand: Brand) -> None:
    (bought,) = await shopify(brand, "01")
    assert "zoe.angstrom" in await everything(brand)
    (told,) = await shopify(brand, "35")
    assert (told["type"], told["outcome"]) == ("customers/redact", "ignored")
    left = await everything(brand)
    assert [one for one in ("zoe", "angstrom", "6512340010011", "7700900123", "5500123400011") if one in left.casefold()] == []
    assert (await brand.get(f"/api/profiles/{bought['profile_id']}")).status_code == 410
    (done,) = await brand.pages("/api/erasures")
    assert (done["erased_by"], done["note"]) == ("shopify", "customers/redact")
    (again,) = await shopify(brand, "01")
    assert again["outcome"] == "duplicate"
    await shopify(brand, "35")
    assert await everything(brand) == left


async def test_shopifys_word_spares_who_shares_the_phone(brand: Brand) -> None:
    other = await brand.see(email="flatmate@x.example", phone="+447700900123")
    await shopify(brand, "35")
    assert (await brand.get(f"/api/profiles/{other['profile_id']}")).status_code == 200


async def test_shopifys_word_finds_who_is_known_by_the_phone_alone(brand: Brand) -> None:
    wrote = await brand.see(phone="+447700900123")
    await shopify(brand, "35")
    assert (await brand.get(f"/api/profiles/{wrote['profile_id']}")).status_code == 410


async def test_shopifys_word_that_a_customer_wants_their_data_waits_in_a_list(brand: Brand) -> None:
    (bought,) = await shopify(brand, "01")
    for _ in range(2):
        await shopify(brand, "34")
    (asked,) = await brand.pages("/api/data-requests")
    assert (asked["source"], asked["profile_ids"]) == ("shopify", [bought["profile_id"]])
    assert (asked["wanted"], asked["shop_domain"]) == ("export", "north-loom.myshopify.com")
    whole = (await brand.post(f"/api/profiles/{asked['profile_ids'][0]}/export", {}))["data"]
    assert whole["orders"][0]["order_id"] == "5500123400011"


async def test_a_shop_that_let_the_app_go_waits_for_an_admin_and_wipes_nobody(brand: Brand) -> None:
    """The brand knows its people from elsewhere too, so nothing goes by itself."""
    (bought,) = await shopify(brand, "01")
    before = await brand.data(f"/api/profiles/{bought['profile_id']}/360")
    body, headers = {"shop_id": 954889, "shop_domain": "north-loom.myshopify.com"}, {"x-shopify-topic": "shop/redact"}
    for _ in range(2):
        sent = {**headers, "x-shopify-webhook-id": "gone-1"}
        answer = await brand.call("POST", "/api/integrations/shopify/webhook", headers=sent, json=body)
        (told,) = answer.json()["data"]["events"]
        assert (told["type"], told["outcome"]) == ("shop/redact", "ignored")
    (asked,) = await brand.pages("/api/data-requests")
    assert (asked["source"], asked["wanted"], asked["shop_domain"]) == ("shopify", "shop_erasure", body["shop_domain"])
    assert asked["profile_ids"] == []
    assert await brand.data(f"/api/profiles/{bought['profile_id']}/360") == before


async def test_a_request_that_was_noted_before_it_said_what_is_wanted_wants_data(brand: Brand) -> None:
    await shopify(brand, "34")
    await brand.cypher("MATCH (n:DataRequest {brand_id: $brand}) REMOVE n.wanted, n.shop_domain RETURN n")
    (asked,) = await brand.pages("/api/data-requests")
    assert (asked["wanted"], asked["shop_domain"]) == ("export", None)


async def test_an_export_holds_all_that_is_known(brand: Brand, graph: Graph) -> None:
    profile_id = await lived(brand, graph)
    whole = (await brand.post(f"/api/profiles/{profile_id}/export", {}))["data"]
    seen = await brand.data(f"/api/profiles/{profile_id}/360")
    assert {name: whole[name] for name in seen if name != "events"} == {name: seen[name] for name in seen if name != "events"}
    assert [{name: one[name] for name in one if name != "raw"} for one in whole["events"]] == seen["events"]
    bought = next(one for one in whole["events"] if one["source"] == "shopify")
    assert json.loads(bought["raw"]) == PURCHASE
    assert whole["judgements"][0]["kind"] == "same"
    assert whole["predictions"]["churn_score"] is not None
    assert whole["campaign_executions"][0]["to"]


async def test_an_export_of_an_import_says_what_was_brought(brand: Brand) -> None:
    profile_id = await brand.bring(identifiers={"email": "ann@x.example"}, lifetime_value=12.5, currency="EUR", total_orders=2)
    whole = (await brand.post(f"/api/profiles/{profile_id}/export", {}))["data"]
    (brought,) = whole["imports"]
    assert (brought["lifetime_value"], brought["currency"], brought["total_orders"]) == (12.5, "EUR", 2)
    assert brought["identifiers"] == [{"type": "email", "value": "ann@x.example"}]


async def test_nobody_is_exported_for_an_unknown_id(brand: Brand, client: httpx.AsyncClient) -> None:
    assert (await brand.call("POST", "/api/profiles/nobody/export")).status_code == 404
