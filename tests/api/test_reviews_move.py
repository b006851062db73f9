"""Reviews while evidence arrives: who waits in each, and when its version moves."""

from tests.api.brand import Brand

HOLDS = {
    "A": {"email": "a@x.org"},
    "B": {"phone": "+442071234501"},
    "C": {"whatsapp": "+442071234502"},
    "D": {"square_customer_id": "d"},
    "E": {"lightspeed_customer_id": "e"},
    "X": {"shopify_customer_id": "x"},
}


async def people(brand: Brand) -> dict[str, str]:
    """Six accounts, each with an identifier of its own by which an event can name it."""
    return {n: (await brand.see(user_id=n, **own))["profile_id"] for n, own in HOLDS.items()}


async def together(brand: Brand, names: str):  # type: ignore[no-untyped-def]
    return await brand.see(**{k: v for n in names for k, v in HOLDS[n].items()})


async def test_a_merge_above_the_cap_may_name_people_who_absorbed_others(brand: Brand) -> None:
    for name in ("a", "b", "c", "d"):
        await brand.see(email=f"{name}@x.org")
    await brand.see(phone="+442071234567")
    await brand.see(email="a@x.org", phone="+442071234567")
    everyone = [profile["profile_id"] for profile in await brand.data("/api/profiles")]
    assert len(everyone) == 4
    told = (await brand.post("/api/merges", {"profile_ids": everyone}))["data"]
    assert told["outcome"] == "review"
    (review,) = await brand.data("/api/merge-queue", status="pending")
    assert sorted(review["profile_ids"]) == sorted(everyone)


async def test_a_review_keeps_its_members_when_another_of_the_same_link_moves(brand: Brand) -> None:
    who = await people(brand)
    for pair in ("AC", "AD", "BC", "BD"):
        await brand.post(f"/api/merge-queue/{(await together(brand, pair))['review_id']}/reject", {})
    await together(brand, "ABCD")
    grown = (await together(brand, "DE"))["review_id"]
    before = await brand.data(f"/api/merge-queue/{grown}")
    assert before["profile_ids"] == sorted(who[n] for n in "CDE")
    await together(brand, "AX")
    after = await brand.data(f"/api/merge-queue/{grown}")
    assert after["profile_ids"] == before["profile_ids"]


async def test_a_version_stays_while_the_members_do(brand: Brand) -> None:
    await people(brand)
    await together(brand, "AB")
    review_id = (await together(brand, "BC"))["review_id"]
    before = await brand.data(f"/api/merge-queue/{review_id}")
    await together(brand, "AC")
    after = await brand.data(f"/api/merge-queue/{review_id}")
    assert (after["profile_ids"], after["version"]) == (before["profile_ids"], before["version"])


async def test_a_review_whose_members_all_merge_elsewhere_ends(brand: Brand) -> None:
    who = await people(brand)
    await brand.see(email="a@x.org", phone="+442071234599")
    await together(brand, "AX")
    gone = (await together(brand, "CD"))["review_id"]
    await brand.post("/api/merges", {"profile_ids": [who[n] for n in "ACD"]})
    assert (await brand.data(f"/api/merge-queue/{gone}"))["status"] == "superseded"
