"""`identity.changes`: merges, reviews and where ids lead, each told once, where it happened in the order of commits."""

import asyncio
from itertools import pairwise
from typing import Any

import httpx
import pytest

from app.graph.driver import Graph
from app.publish.stream import PLACERS, place_created
from tests.api.brand import Brand

CHANGES = "/api/streams/identity.changes"


async def decided(brand: Brand) -> list[dict[str, Any]]:
    """What was told of merges and reviews."""
    return [entry for entry in await brand.data(CHANGES, limit=200) if not entry["type"].startswith("profile.")]


def types(entries: list[dict[str, Any]]) -> list[str]:
    return [entry["type"] for entry in entries]


async def opened(brand: Brand) -> dict[str, Any]:
    """A review of two people who have different loyalty cards."""
    first = await brand.see(email="a@x.org", loyalty_id="L-1")
    second = await brand.see(phone="+14155550101", loyalty_id="L-2")
    told = await brand.see(email="a@x.org", phone="+14155550101")
    assert told["outcome"] == "review"
    return {"review_id": told["review_id"], "profile_ids": sorted((first["profile_id"], second["profile_id"]))}


async def test_a_merge_is_told(brand: Brand) -> None:
    assert (await brand.get(CHANGES)).json() == {"data": [], "next": None}
    first, second = await brand.see(email="a@x.org"), await brand.see(phone="+14155550101")
    both = await brand.see(email="a@x.org", phone="+14155550101")
    *created, entry, absorbed = await brand.data(CHANGES)
    assert types(created) == ["profile.created"] * 2
    assert {one["profile_id"]: one["into"] for one in created} == {
        one["profile_id"]: one["profile_id"] for one in (first, second)
    }
    assert (absorbed["type"], absorbed["profile_id"], absorbed["into"]) == (
        "profile.merged", second["profile_id"], first["profile_id"],
    )  # fmt: skip
    assert (absorbed["merge_id"], absorbed["because"]) == (both["merge_id"], both["event_id"])
    assert entry.pop("occurred_at").endswith("Z")
    assert entry == {
        "position": 3,
        "type": "merge.completed",
        "merge_id": both["merge_id"],
        "profile_id": first["profile_id"],
        "merged_profile_ids": [second["profile_id"]],
        "review_id": None,
        "reason": "identifier_match",
        "because": both["event_id"],
        "decided_by": "rules",
    }


async def test_a_review_is_told_when_it_opens_and_when_it_is_decided(brand: Brand) -> None:
    review = await opened(brand)
    (entry,) = await decided(brand)
    assert entry["type"] == "review.opened"
    assert {name: entry[name] for name in review} == review
    assert (entry["status"], entry["version"], entry["merge_id"], entry["decided_by"]) == ("pending", 1, None, None)
    done = (await brand.post(f"/api/merge-queue/{review['review_id']}/approve", {}))["data"]
    opening, merge, end = await decided(brand)
    assert opening == entry
    assert (merge["type"], merge["merge_id"], merge["review_id"]) == ("merge.completed", done["merge_id"], review["review_id"])
    assert (end["type"], end["status"], end["merge_id"]) == ("review.decided", "merged", done["merge_id"])
    assert (end["version"], bool(end["decided_by"])) == (2, True)


async def test_a_rejection_is_told_and_more_of_the_same_is_not(brand: Brand) -> None:
    review = await opened(brand)
    for _ in range(2):  # says nothing new
        await brand.see(email="a@x.org", phone="+14155550101")
    await brand.post(f"/api/merge-queue/{review['review_id']}/reject", {})
    await brand.see(email="a@x.org", phone="+14155550101")
    entries = await decided(brand)
    assert types(entries) == ["review.opened", "review.decided"]
    assert (entries[1]["status"], entries[1]["review_id"]) == ("rejected", review["review_id"])


async def test_a_review_that_grows_is_updated_and_one_that_evidence_ends_is_superseded(brand: Brand) -> None:
    review = await opened(brand)
    third = await brand.see(user_id="u1", loyalty_id="L-3")
    await brand.see(email="a@x.org", user_id="u1")
    again = await brand.see(phone="+14155550101", user_id="u1")  # another link between those who wait already
    assert again["review_id"] == review["review_id"]
    entries = await decided(brand)
    assert types(entries) == ["review.opened", "review.updated"]
    assert entries[1]["profile_ids"] == sorted((*review["profile_ids"], third["profile_id"]))
    assert (entries[1]["review_id"], entries[1]["version"]) == (review["review_id"], 2)
    await brand.post("/api/merges", {"profile_ids": entries[1]["profile_ids"]})
    *_, merged, ended = await decided(brand)
    assert (merged["type"], ended["type"], ended["status"]) == ("merge.completed", "review.superseded", "superseded")


async def test_what_a_hub_joined_is_undone_and_told(brand: Brand, client: httpx.AsyncClient) -> None:
    """An identifier that is declared shared joins nobody any more: its merge is taken back."""
    first, second = await brand.see(email="a@x.org", phone="+14155550101"), await brand.see(loyalty_id="L-1")
    joined = await brand.see(phone="+14155550101", loyalty_id="L-1")
    headers = {"x-brand-id": brand.brand_id}
    declared = await client.put("/api/identifiers/phone/14155550101", json={"declared": "shared"}, headers=headers)
    assert declared.status_code == 200, declared.text
    completed, undone = await decided(brand)
    assert (completed["type"], undone["type"]) == ("merge.completed", "merge.undone")
    assert undone["merge_id"] == completed["merge_id"] == joined["merge_id"]
    assert (undone["profile_id"], undone["merged_profile_ids"]) == (first["profile_id"], [second["profile_id"]])
    again, apart = (await brand.data(CHANGES))[-2:]
    assert (again["type"], again["profile_id"], again["into"]) == ("profile.unmerged", second["profile_id"], second["profile_id"])
    assert (apart["type"], apart["profile_id"], apart["profile_ids"]) == (
        "profile.split", first["profile_id"], [second["profile_id"]],
    )  # fmt: skip


async def test_pages_cursors_and_brands(brand: Brand, stranger: Brand) -> None:
    for n in range(5):
        await brand.see(email=f"{n}@x.org")
        await brand.see(user_id=f"u{n}")
        await brand.see(email=f"{n}@x.org", user_id=f"u{n}")
    page = (await brand.get(CHANGES, limit=2)).json()
    assert [entry["position"] for entry in page["data"]] == [1, 2]
    assert page["next"] == "2"
    rest = await brand.data(CHANGES, after=2)
    assert [entry["position"] for entry in rest] == list(range(3, 21))  # 10 ids, 5 merges, 5 ids that were absorbed
    assert await stranger.data(CHANGES) == []


EVERYTHING = 36 + 24 + 24  # ids, merges, ids that were absorbed


async def test_writers_at_once_leave_no_gaps_and_keep_the_order(brand: Brand) -> None:
    """Law: positions have no gaps, no entry is told twice, and a reader at any time sees a beginning of the whole."""
    over = asyncio.Event()

    async def person(number: int) -> None:
        carried = {"email": f"{number}@x.org", "user_id": f"u{number}", "phone": f"+1415555{1000 + number}"}
        for one in carried.items():
            await brand.see(**dict([one]))
        for (_, left), (_, right) in pairwise(enumerate(carried.items())):
            await brand.see(**dict([left, right]))

    async def follow() -> list[int]:
        seen: list[int] = []
        while True:
            last_turn = over.is_set()
            seen += [entry["position"] for entry in await brand.data(CHANGES, after=seen[-1] if seen else 0, limit=9)]
            if last_turn and len(seen) >= EVERYTHING:
                return seen

    readers = [asyncio.create_task(follow()) for _ in range(2)]
    await asyncio.gather(*map(person, range(12)))
    over.set()
    async with asyncio.timeout(30):
        assert await asyncio.gather(*readers) == [list(range(1, EVERYTHING + 1))] * 2
    entries = await decided(brand)
    assert len({entry["merge_id"] for entry in entries}) == 24
    surviving: dict[str, int] = {}
    for entry in entries:  # a profile that was absorbed absorbs nobody later
        assert entry["profile_id"] not in surviving
        surviving |= dict.fromkeys(entry["merged_profile_ids"], entry["position"])


@pytest.mark.parametrize("after", [0, 1])
async def test_a_cursor_before_the_oldest_change_is_told(brand: Brand, after: int) -> None:
    await opened(brand)
    await brand.see(email="b@x.org")
    await brand.see(user_id="u")
    await brand.see(email="b@x.org", user_id="u")
    await brand.cypher("MATCH (c:Change {brand_id: $brand, position: 1}) SET c.stored_at = datetime() - duration({days: 8})")
    assert (await brand.post("/api/jobs/maintenance/run", {}))["data"]["expired"] == 1
    assert (await brand.get(CHANGES, after=after)).status_code == (410 if after == 0 else 200)
    assert (await brand.data(CHANGES))[0]["position"] == 2
    assert types(await decided(brand)) == ["review.opened", "merge.completed"]


async def test_ids_are_told_whoever_asks_first_and_once(brand: Brand) -> None:
    """Created ids wait until somebody reads; two who read at once, and one who reads again, see each of them once."""
    made = [(await brand.see(email=f"{n}@x.org"))["profile_id"] for n in range(5)]
    made.append(await brand.bring(identifiers={"email": "imported@x.org"}))
    pages = await asyncio.gather(*(brand.data(CHANGES) for _ in range(2)))
    assert pages[0] == pages[1] == await brand.data(CHANGES)
    assert sorted(entry["profile_id"] for entry in pages[0]) == sorted(made)
    assert types(pages[0]) == ["profile.created"] * 6
    assert {tuple(sorted(entry)) for entry in pages[0]} == {("into", "occurred_at", "position", "profile_id", "type")}


async def test_what_another_reader_has_just_told_is_on_this_page_as_well(brand: Brand, monkeypatch: pytest.MonkeyPatch) -> None:
    """It commits after we saw that ids wait and before we would tell of them."""

    async def another_first(graph: Graph, brand_id: str) -> int:
        await place_created(graph, brand_id)
        return await place_created(graph, brand_id)

    made = (await brand.see(email="a@x.org"))["profile_id"]
    monkeypatch.setitem(PLACERS, "publish/changes_page", another_first)  # type: ignore[arg-type]
    assert [entry["profile_id"] for entry in await brand.data(CHANGES)] == [made]


async def test_an_id_that_leads_to_nobody_is_told_as_reassigned_to_null(brand: Brand, client: httpx.AsyncClient) -> None:
    made = (await brand.see(cookie="kiosk"))["profile_id"]
    headers = {"x-brand-id": brand.brand_id}
    await client.put("/api/identifiers/cookie/kiosk", json={"declared": "shared"}, headers=headers)
    created, gone = await brand.data(CHANGES)
    assert (created["type"], created["profile_id"]) == ("profile.created", made)
    assert (gone["type"], gone["profile_id"], gone["into"]) == ("profile.reassigned", made, None)


async def test_an_id_that_led_to_nobody_leads_where_its_event_is_once_an_order_has_its_buyer(
    brand: Brand, client: httpx.AsyncClient
) -> None:
    """A till's card stands for nobody, says somebody. Then the till learns who paid: what the card's person bought is theirs."""
    paid = await brand.see(did="purchase", loyalty_id="till", properties={"order_id": "o-1", "total": 10})
    headers = {"x-brand-id": brand.brand_id}
    said = await client.put("/api/identifiers/loyalty_id/till", json={"declared": "shared"}, headers=headers)
    assert said.status_code == 200
    assert (await brand.get(f"/api/profiles/{paid['profile_id']}")).status_code == 404
    known = await brand.see(did="order_updated", email="ann@x.org", properties={"order_id": "o-1", "total": 10})
    ann = await brand.data(f"/api/profiles/{paid['profile_id']}")
    assert (ann["profile_id"], ann["total_orders"]) == (known["profile_id"], 1)
    told = [one for one in await brand.data(CHANGES) if one["type"] == "profile.reassigned"]
    assert [(one["profile_id"], one["into"]) for one in told] == [
        (paid["profile_id"], None),
        (paid["profile_id"], known["profile_id"]),
    ]
    assert (await brand.post("/api/jobs/rebuild/run", {}))["data"]["mended"] == 0
