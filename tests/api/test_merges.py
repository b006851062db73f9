"""Reading merge history."""

import json

import httpx

from app.domain.bodies import MAX_BODY_BYTES
from tests.api.brand import Brand

PHONE = "+442071234567"


async def two_people_who_are_one(brand: Brand) -> tuple[str, str, str]:
    """The base, who it absorbed, and the merge."""
    first = await brand.see(email="a@x.org")
    second = await brand.see(phone=PHONE)
    both = await brand.see(email="a@x.org", phone=PHONE)
    assert both["outcome"] == "merged"
    return first["profile_id"], second["profile_id"], both["merge_id"]


async def test_a_merge_says_what_was_what_became_and_why(brand: Brand) -> None:
    base, gone, merge_id = await two_people_who_are_one(brand)
    (merge,) = await brand.data("/api/merges")
    assert (merge["merge_id"], merge["reason"], merge["decided_by"]) == (merge_id, "identifier_match", "rules")
    assert (merge["base_profile_id"], merge["merged_profile_ids"]) == (base, [gone])
    assert [before["profile_id"] for before in merge["before"]] == [base, gone]
    assert [before["profile_strength"] for before in merge["before"]] == [40, 40]
    assert merge["after"]["profile_strength"] == 75
    assert merge["after"]["merged_profile_ids"] == [gone]
    assert (merge["undone_at"], merge["note"]) == (None, "")
    assert merge["decided_at"].endswith("Z")
    events = (await brand.data(f"/api/profiles/{base}/360"))["events"]
    assert merge["because"] in {event["event_id"] for event in events}
    assert await brand.data(f"/api/merges/{merge_id}") == merge


async def test_a_snapshot_is_written_as_its_profile_was_shown(brand: Brand) -> None:
    for total, currency in ((10, "USD"), (700, "JPY")):
        told = await brand.see(did="purchase", properties={"total": total, "currency": currency}, email="a@x.org")
    was = await brand.data(f"/api/profiles/{told['profile_id']}")
    await brand.see(phone=PHONE)
    await brand.see(email="a@x.org", phone=PHONE)
    (merge,) = await brand.data("/api/merges")
    before = next(one for one in merge["before"] if one["profile_id"] == was["profile_id"])
    for name in ("created_at", "lifetime_value", "lifetime_values", "currency", "total_orders", "profile_strength"):
        assert before[name] == was[name], name
    assert merge["after"]["lifetime_values"] == {"JPY": 700, "USD": 10}


async def test_merges_of_a_person_are_found_by_any_id_they_ever_had(brand: Brand) -> None:
    base, gone, merge_id = await two_people_who_are_one(brand)
    other = await brand.see(loyalty_id="L-1")
    later = await brand.see(loyalty_id="L-1", email="a@x.org")
    await brand.see(email="stranger@x.org")
    for profile_id in (base, gone, other["profile_id"]):
        found = await brand.data("/api/merges", profile_id=profile_id)
        assert [merge["merge_id"] for merge in found] == [later["merge_id"], merge_id]
    assert await brand.data("/api/merges", profile_id="nobody") == []


async def test_merges_come_newest_first_page_by_page(brand: Brand) -> None:
    made = []
    for place in range(5):
        await brand.see(email=f"e{place}@x.org")
        await brand.see(loyalty_id=f"L-{place}")
        made.append((await brand.see(email=f"e{place}@x.org", loyalty_id=f"L-{place}"))["merge_id"])
    found = [merge["merge_id"] for merge in await brand.pages("/api/merges", limit=2)]
    assert found == made[::-1]


async def test_merges_of_one_moment_are_each_shown_once(brand: Brand) -> None:
    alone = [{"type": "x", "identifiers": {name: f"v{i}"}} for i in range(5) for name in ("user_id", "session")]
    await brand.post("/api/events", alone)
    await brand.post("/api/events", [{"type": "x", "identifiers": {"user_id": f"v{i}", "session": f"v{i}"}} for i in range(5)])
    found = await brand.pages("/api/merges", limit=2)
    assert len({merge["decided_at"] for merge in found}) == 1
    assert len(found) == len({merge["merge_id"] for merge in found}) == 5


async def test_an_admins_merge_keeps_the_note(brand: Brand) -> None:
    made = [(await brand.see(email=f"{name}@x.org"))["profile_id"] for name in "ab"]
    told = await brand.post("/api/merges", {"profile_ids": made, "note": "they rang us"})
    merge = await brand.data(f"/api/merges/{told['data']['merge_id']}")
    assert merge["note"] == "they rang us"
    assert merge["decided_by"] != "rules"


async def test_a_note_may_be_null(brand: Brand) -> None:
    made = [(await brand.see(email=f"{name}@x.org"))["profile_id"] for name in "ab"]
    told = await brand.post("/api/merges", {"profile_ids": made, "note": None})
    assert (await brand.data(f"/api/merges/{told['data']['merge_id']}"))["note"] == ""


async def test_json_is_read_whatever_the_content_type_says(brand: Brand, client: httpx.AsyncClient) -> None:
    """`curl -d '{...}'` calls it a form."""
    made = [(await brand.see(email=f"{name}@x.org"))["profile_id"] for name in "ab"]
    body = json.dumps({"profile_ids": made})
    for kind, status in (("text/plain", 200), ("application/x-www-form-urlencoded", 409), ("nonsense", 409), ("", 409)):
        headers = {"x-brand-id": brand.brand_id, "content-type": kind}
        response = await client.post("/api/merges", content=body, headers=headers)
        assert response.status_code == status, response.text


async def test_an_unknown_merge_is_not_found(brand: Brand, stranger: Brand) -> None:
    *_, merge_id = await two_people_who_are_one(brand)
    assert (await stranger.get(f"/api/merges/{merge_id}")).status_code == 404
    assert (await brand.get("/api/merges/nothing")).status_code == 404
    assert (await brand.get("/api/merges", cursor="WyJwcm9maWxlcyIsIiJd")).status_code == 400


async def test_a_body_that_is_too_large_or_too_deep_is_refused(brand: Brand, client: httpx.AsyncClient) -> None:
    headers = {"x-brand-id": brand.brand_id}
    note = json.dumps({"profile_ids": ["a", "b"], "note": "n" * MAX_BODY_BYTES}).encode()
    for path in ("/api/merges", "/api/rules", "/api/automations", "/api/merge-queue/none/reject"):
        for body, status in ((note, 413), (b"[" * 100_000, 422), (b"{", 422)):
            response = await client.post(path, content=body, headers=headers)
            assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json"), path
