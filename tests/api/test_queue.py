"""Reading the merge queue: by an exclusive conflict, and by more profiles than may merge by themselves."""

import httpx

from tests.api.brand import Brand


async def conflict(brand: Brand, name: str) -> tuple[str, list[str]]:
    """Two accounts that one event names: the review, and the two profiles."""
    first = await brand.see(user_id=f"{name}-1", email=f"{name}@x.org")
    second = await brand.see(user_id=f"{name}-2", loyalty_id=name)
    told = await brand.see(email=f"{name}@x.org", loyalty_id=name)
    assert told["outcome"] == "review"
    return told["review_id"], sorted([first["profile_id"], second["profile_id"]])


async def test_a_conflict_waits_with_its_profiles(brand: Brand) -> None:
    review_id, profiles = await conflict(brand, "a")
    (review,) = await brand.data("/api/merge-queue", status="pending")
    assert (review["review_id"], review["status"], review["version"]) == (review_id, "pending", 1)
    assert review["profile_ids"] == [profile["profile_id"] for profile in review["profiles"]] == profiles
    assert review["reason"] == "Auto-merge blocked: one person would hold more than 1 user_id"
    assert review["rule"] == "over_the_limit"
    assert review["created_at"].endswith("Z")
    assert review["profiles"] == [await brand.data(f"/api/profiles/{one}") for one in profiles]
    (link,) = review["links"]
    assert (link["event_id"], link["profile_ids"]) == (review["event_id"], profiles)
    assert await brand.data(f"/api/merge-queue/{review_id}") == review
    assert await brand.data("/api/merge-queue") == [review]


async def test_five_profiles_exceed_the_threshold(brand: Brand) -> None:
    for number in range(5):
        await brand.bring(profile_id=f"prof-{number}", identifiers={"email": "customer@example.com"})
    told = await brand.see(email="customer@example.com")
    review = await brand.data(f"/api/merge-queue/{told['review_id']}")
    assert review["reason"] == "Auto-merge blocked: 5 profiles exceed threshold of 3"
    assert review["profile_ids"] == [f"prof-{number}" for number in range(5)]
    assert review["event_id"] == told["event_id"]


async def test_a_review_that_an_admin_opened_names_no_event(brand: Brand) -> None:
    made = [(await brand.see(email=f"{name}@x.org"))["profile_id"] for name in "abcd"]
    told = (await brand.post("/api/merges", {"profile_ids": made}))["data"]
    assert told["outcome"] == "review"
    for status in ("pending", "merged"):
        (review,) = await brand.data("/api/merge-queue", status=status)
        assert review["review_id"] == told["review_id"]
        assert review["rule"] == "above_the_cap"
        assert review["event_id"] is None
        assert [link["event_id"] for link in review["links"]] == [None]
        if status == "pending":
            await brand.post(f"/api/merge-queue/{told['review_id']}/approve", {})


async def test_a_decided_review_keeps_who_it_was_about(brand: Brand) -> None:
    merged, members = await conflict(brand, "a")
    rejected, others = await conflict(brand, "b")
    await brand.post(f"/api/merge-queue/{merged}/approve", {})
    await brand.post(f"/api/merge-queue/{rejected}/reject", {})
    assert await brand.data("/api/merge-queue", status="pending") == []
    (yes,) = await brand.data("/api/merge-queue", status="merged")
    (no,) = await brand.data("/api/merge-queue", status="rejected")
    assert (yes["review_id"], yes["profile_ids"], len(yes["profiles"])) == (merged, members, 1)
    assert (no["review_id"], no["profile_ids"], len(no["profiles"])) == (rejected, others, 2)
    assert {one["review_id"] for one in await brand.data("/api/merge-queue")} == {merged, rejected}


async def test_decisions_as_curl_sends_them_with_notes_that_are_null(brand: Brand, client: httpx.AsyncClient) -> None:
    headers = {"x-brand-id": brand.brand_id, "content-type": "application/x-www-form-urlencoded"}
    for name, act in (("a", "approve"), ("b", "reject")):
        path = f"/api/merge-queue/{(await conflict(brand, name))[0]}/{act}"
        for version in ("true", "1.5", '"1"'):
            refused = await client.post(path, content=f'{{"version": {version}}}', headers=headers)
            assert refused.status_code == 422, refused.text
        taken = await client.post(path, content='{"version": 1, "note": null}', headers=headers)
        assert taken.status_code == 200, taken.text


async def test_a_decision_that_does_not_fit_the_review_changes_nothing(brand: Brand) -> None:
    review_id, members = await conflict(brand, "a")
    path, before = f"/api/merge-queue/{review_id}", await brand.data("/api/merge-queue")
    stranger = (await brand.see(email="else@x.org"))["profile_id"]
    for chosen, says in ((members[:1], "fewer than two chosen"), ([*members, stranger], f"{stranger} not among them")):
        answer = await brand.refused(f"{path}/approve", {"profile_ids": chosen})
        assert (answer.status_code, says in answer.json()["detail"]) == (422, True), answer.text
    assert await brand.data("/api/merge-queue") == before
    await brand.post(f"{path}/reject", {})
    for act in ("approve", "reject"):
        answer = await brand.refused(f"{path}/{act}", {})
        assert (answer.status_code, "rejected already" in answer.json()["detail"]) == (409, True), answer.text
    assert len(await brand.data("/api/profiles")) == 3


async def test_a_review_whose_profiles_became_one_is_superseded(brand: Brand) -> None:
    review_id, members = await conflict(brand, "a")
    await brand.post("/api/merges", {"profile_ids": members})
    (review,) = await brand.data("/api/merge-queue", status="superseded")
    assert review["review_id"] == review_id
    assert review["profile_ids"] == members


async def test_the_queue_comes_newest_first_page_by_page(brand: Brand) -> None:
    made = [(await conflict(brand, name))[0] for name in "abcde"]
    for params in ({}, {"status": "pending"}):
        found = [review["review_id"] for review in await brand.pages("/api/merge-queue", limit=2, **params)]
        assert found == made[::-1]


async def test_what_is_not_there(brand: Brand, stranger: Brand) -> None:
    review_id, _ = await conflict(brand, "a")
    assert (await stranger.get(f"/api/merge-queue/{review_id}")).status_code == 404
    assert (await brand.get("/api/merge-queue/nothing")).status_code == 404
    response = await brand.get("/api/merge-queue", status="open")
    assert response.status_code == 400
    assert "pending, merged, rejected, superseded" in response.json()["detail"]


async def test_a_big_review_shows_its_bridge_and_proposes_the_split(brand: Brand) -> None:
    """Two households of two accounts each, which one event with the e-mails of both ties together."""
    for number, (email, card) in enumerate((("a", "h1"), ("b", "h1"), ("c", "h2"), ("d", "h2"))):
        await brand.bring(
            profile_id=f"p{number}",
            identifiers={"user_id": f"u-{email}", "email": f"{email}@x.org", "phone": f"+44207123450{card[1]}"},
        )
    for card in "12":
        await brand.see(phone=f"+44207123450{card}")
    told = await brand.see(email=["b@x.org", "c@x.org"])  # type: ignore[arg-type]
    review = await brand.data(f"/api/merge-queue/{told['review_id']}")
    assert review["profile_ids"] == ["p0", "p1", "p2", "p3"]
    found = review["structure"]
    assert found["proposal"]["groups"] == [["p0", "p1"], ["p2", "p3"]]
    assert {"kind": "event", "name": told["event_id"]} in found["articulation_points"]
    assert found["proposal"]["cut"] in found["bridges"]
    (listed,) = await brand.data("/api/merge-queue", status="pending")
    assert listed["structure"] is None
    await brand.post(f"/api/merge-queue/{told['review_id']}/approve", {"profile_ids": found["proposal"]["groups"][0]})
    (left,) = await brand.data("/api/merge-queue", status="pending")
    assert left["profile_ids"] == ["p2", "p3"]
