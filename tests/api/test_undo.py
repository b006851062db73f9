"""Undo of a merge over HTTP: exact, whatever came since; and the undo of that."""

from typing import Any

from tests.api.brand import Brand
from tests.api.test_merges import PHONE, two_people_who_are_one

MAIL = "a@x.org"


async def undo(brand: Brand, merge_id: str, what: str = "undo", **body: Any) -> dict[str, Any]:
    said: dict[str, Any] = (await brand.post(f"/api/merges/{merge_id}/{what}", body))["data"]
    return said


async def buy(brand: Brand, total: float, **who: str) -> None:
    await brand.see(did="purchase", properties={"total": total, "currency": "USD"}, **who)


async def worth(brand: Brand, **who: str) -> tuple[float, int]:
    (one,) = await brand.data("/api/profiles", **who)
    return one["lifetime_value"], one["total_orders"]


async def test_everything_goes_back_to_whom_it_came_with(brand: Brand) -> None:
    base, gone, merge_id = await two_people_who_are_one(brand)
    await buy(brand, 10, email=MAIL)
    await buy(brand, 25, phone=PHONE)
    assert await worth(brand, email=MAIL) == (35, 2)
    before = await brand.data(f"/api/profiles/{base}/360")
    # Snapshots are for people: undoing does without.
    await brand.cypher("MATCH (h:MergeHistory {brand_id: $brand}) SET h.before = '[]', h.after = '{}', h.before_sets = []")
    said = await undo(brand, merge_id, note="two sisters")
    assert (said["outcome"], said["split"], said["undone_merges"]) == ("undone", [gone], [merge_id])
    assert await worth(brand, email=MAIL) == (10, 1)
    assert await worth(brand, phone=PHONE) == (25, 1)
    assert await brand.count("MergedProfile") == 0
    after = await brand.data(f"/api/profiles/{gone}/360")
    assert after["profile"]["profile_id"] == gone
    assert len(before["events"]) == len(after["events"]) + len((await brand.data(f"/api/profiles/{base}/360"))["events"])
    (merge,) = await brand.cypher("MATCH (h:MergeHistory {brand_id: $brand}) RETURN h.undone_at IS NOT NULL AS undone")
    assert merge["undone"]


async def test_they_never_merge_again_by_themselves_not_even_through_a_third(brand: Brand) -> None:
    base, gone, merge_id = await two_people_who_are_one(brand)
    await undo(brand, merge_id)
    again = await brand.see(email=MAIL, phone=PHONE)
    assert again["outcome"] == "attached"
    await brand.see(email=MAIL, user_id="third")
    third = await brand.see(user_id="third", phone=PHONE)
    assert third["outcome"] != "merged"
    assert (await brand.data(f"/api/profiles/{gone}"))["profile_id"] == gone
    refused = await brand._client.post("/api/merges", json={"profile_ids": [base, gone]}, headers={"x-brand-id": brand.brand_id})
    assert refused.status_code == 409


async def test_a_preview_tells_and_moves_nothing(brand: Brand) -> None:
    base, gone, merge_id = await two_people_who_are_one(brand)
    told = await undo(brand, merge_id, preview=True)
    assert (told["outcome"], told["profile_ids"]) == ("preview", sorted([base, gone]))
    assert (await brand.data(f"/api/profiles/{gone}"))["profile_id"] == base
    done = await undo(brand, merge_id)
    assert {**done, "outcome": "preview"} == told


async def test_an_undo_undone_is_as_if_it_had_never_been(brand: Brand) -> None:
    base, _, merge_id = await two_people_who_are_one(brand)
    await buy(brand, 10, phone=PHONE)
    before = await brand.data(f"/api/profiles/{base}/360")
    await undo(brand, merge_id)
    said = await undo(brand, merge_id, "redo")
    assert (said["outcome"], said["merges"]) == ("merged", [merge_id])
    after = await brand.data(f"/api/profiles/{base}/360")
    for one in (before, after):
        for merge in one["merge_history"]:
            merge.pop("decided_at")
    assert after == before


async def test_an_undo_is_taken_back_once_and_says_whether_they_are_one_again(brand: Brand) -> None:
    """Something else keeps them apart by now: a review of them was rejected."""
    _, _, merge_id = await two_people_who_are_one(brand)
    await undo(brand, merge_id)
    await brand.see(user_id="third")
    await brand.see(email=MAIL, phone=PHONE, user_id="third")
    (review,) = await brand.data("/api/merge-queue")
    await brand.post(f"/api/merge-queue/{review['review_id']}/reject", {})
    said = await undo(brand, merge_id, "redo")
    assert (said["outcome"], said["merges"]) == ("retracted", [])
    again = await brand._client.post(f"/api/merges/{merge_id}/redo", headers={"x-brand-id": brand.brand_id})
    assert again.status_code == 409
    assert "taken back" in again.json()["detail"]


async def test_a_rejection_is_taken_back_and_its_review_waits_again(brand: Brand) -> None:
    for n in range(4):
        await brand.bring(profile_id=f"p{n}", identifiers={"email": f"p{n}@x.org"}, lifetime_value=n, total_orders=1)
    ids = [f"p{n}" for n in range(4)]
    asked = (await brand.post("/api/merges", {"profile_ids": ids}))["data"]
    (no,) = (await brand.post(f"/api/merge-queue/{asked['review_id']}/reject", {}))["data"]["kept_apart_by"]
    said = (await brand.post(f"/api/judgements/{no}/retract", {"note": "a slip"}))["data"]
    assert said["outcome"] == "retracted"
    (review,) = await brand.data("/api/merge-queue", status="pending")
    assert (review["review_id"], review["profile_ids"]) == (asked["review_id"], ids)
    path, header = f"/api/judgements/{no}/retract", {"x-brand-id": brand.brand_id}
    assert (await brand._client.post(path, headers=header)).status_code == 409
    assert (await brand._client.post("/api/judgements/none/retract", headers=header)).status_code == 404
    await brand.post(f"/api/merge-queue/{review['review_id']}/approve", {})
    assert len(await brand.data("/api/profiles")) == 1


async def test_what_cannot_be_undone_says_why(brand: Brand, stranger: Brand) -> None:
    _, _, merge_id = await two_people_who_are_one(brand)
    header = {"x-brand-id": brand.brand_id}
    post = brand._client.post
    assert (await post("/api/merges/none/undo", headers=header)).status_code == 404
    assert (await post(f"/api/merges/{merge_id}/undo", headers={"x-brand-id": stranger.brand_id})).status_code == 404
    assert (await post(f"/api/merges/{merge_id}/redo", headers=header)).status_code == 409
    for same in await brand.cypher("MATCH (j:Judgement {brand_id: $brand}) RETURN j.judgement_id AS id"):
        joined = await post(f"/api/judgements/{same['id']}/retract", headers=header)
        assert (joined.status_code, "takes its merge back" in joined.json()["detail"]) == (409, True)
    assert (await post(f"/api/merges/{merge_id}/undo", headers=header)).status_code == 200
    twice = await post(f"/api/merges/{merge_id}/undo", headers=header)
    assert twice.status_code == 409
    assert "redo" in twice.json()["detail"]


async def test_the_feed_tells_of_it(brand: Brand) -> None:
    _, _, merge_id = await two_people_who_are_one(brand)
    await undo(brand, merge_id)
    told = [one for one in await brand.data("/api/streams/identity.changes") if one["type"].startswith("merge.")]
    assert [one["type"] for one in told][-1] == "merge.undone"
    assert told[-1]["merge_id"] == merge_id


async def test_an_approved_review_of_five_comes_apart(brand: Brand) -> None:
    for n in range(5):
        await brand.bring(profile_id=f"p{n}", identifiers={"email": f"p{n}@x.org"}, lifetime_value=n, total_orders=1)
    asked = (await brand.post("/api/merges", {"profile_ids": [f"p{n}" for n in range(5)]}))["data"]
    await brand.post(f"/api/merge-queue/{asked['review_id']}/approve", {})
    (merge,) = await brand.data("/api/merges")
    await undo(brand, merge["merge_id"])
    assert sorted([one["profile_id"], one["lifetime_value"]] for one in await brand.data("/api/profiles")) == [
        [f"p{n}", float(n)] for n in range(5)
    ]


async def test_a_profile_is_split_by_its_identifiers(brand: Brand) -> None:
    base, _, _ = await two_people_who_are_one(brand)
    await buy(brand, 10, email=MAIL)
    await buy(brand, 25, phone=PHONE)
    one, other = {"type": "email", "value": f" {MAIL.upper()}"}, {"type": "phone", "value": PHONE}
    body = {"groups": [[one], [other]], "note": "mother and son"}
    told = (await brand.post(f"/api/profiles/{base}/split", {**body, "preview": True}))["data"]
    said = (await brand.post(f"/api/profiles/{base}/split", body))["data"]
    assert (said["outcome"], told) == ("split", {**said, "outcome": "preview"})
    assert await worth(brand, email=MAIL) == (10, 1)
    assert await worth(brand, phone=PHONE) == (25, 1)
    await brand.see(email=MAIL, phone=PHONE)
    assert len(await brand.data("/api/profiles")) == 2


async def test_a_merge_that_a_split_parted_says_what_takes_it_back(brand: Brand) -> None:
    """It said that no person had undone it."""
    base, _, merge_id = await two_people_who_are_one(brand)
    groups = [[{"type": "email", "value": MAIL}], [{"type": "phone", "value": PHONE.lstrip("+")}]]
    said = (await brand.post(f"/api/profiles/{base}/split", {"groups": groups}))["data"]
    assert said["undone_merges"] == [merge_id]
    (judged,) = await brand.cypher("MATCH (j:Judgement {brand_id: $brand, kind: 'distinct'}) RETURN j.judgement_id AS id")
    refused = (await brand.refused(f"/api/merges/{merge_id}/redo", {})).json()
    assert (refused["status"], f"/api/judgements/{judged['id']}/retract" in refused["detail"]) == (409, True), refused
    again = (await brand.post(f"/api/judgements/{judged['id']}/retract", {}))["data"]
    assert (again["outcome"], again["merges"]) == ("merged", [merge_id])


async def test_a_preview_names_the_merges_that_a_split_makes(brand: Brand) -> None:
    for who in ({"email": MAIL, "phone": PHONE}, {"phone": PHONE, "user_id": "u"}):
        await brand.see(**who)
    (profile,) = await brand.data("/api/profiles")
    mail, user = {"type": "email", "value": MAIL}, {"type": "user_id", "value": "u"}
    phone = {"type": "phone", "value": PHONE.removeprefix("+")}
    where, body = f"/api/profiles/{profile['profile_id']}/split", {"groups": [[mail, user], [phone]]}
    told = (await brand.post(where, {**body, "preview": True}))["data"]
    said = (await brand.post(where, body))["data"]
    assert said["merges"]
    assert told == {**said, "outcome": "preview"}


async def test_groups_that_do_not_fit_are_refused(brand: Brand) -> None:
    base, _, _ = await two_people_who_are_one(brand)
    for groups in (
        [[{"type": "email", "value": MAIL}], [{"type": "email", "value": "b@x.org"}]],
        [[{"type": "email", "value": MAIL}]],
    ):
        answer = await brand._client.post(
            f"/api/profiles/{base}/split", json={"groups": groups}, headers={"x-brand-id": brand.brand_id}
        )
        assert answer.status_code == 422
        assert "groups" in answer.json()["detail"]


async def test_a_merge_that_comes_back_shows_what_was_held_before_it(brand: Brand) -> None:
    """Not what those who are folded again hold by now."""
    base, _, merge_id = await two_people_who_are_one(brand)
    before = await brand.data(f"/api/merges/{merge_id}")
    other = await brand.see(user_id="u-1")
    await brand.post("/api/merges", {"profile_ids": [base, other["profile_id"]]})
    await undo(brand, merge_id)
    await undo(brand, merge_id, "redo")
    assert await brand.data(f"/api/merges/{merge_id}") == before
