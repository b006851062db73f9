"""Explanations as pages: the way in order, and why not. Without a browser."""

import re

import httpx

from tests.api.brand import Brand
from tests.console.looking import waiting, words

PHONE = "+442071234567"


async def shown(client: httpx.AsyncClient, brand: Brand, one: str, other: str) -> str:
    answered = await client.get(f"/console/{brand.brand_id}/explain", params={"profile": one, "other": other})
    assert answered.status_code == 200, answered.text
    return words(answered.text.partition('<h1 class="explained">')[2])


def in_order(text: str, *parts: str) -> bool:
    return re.search(".*".join(map(re.escape, parts)), text) is not None


async def test_a_merge_by_the_rules_is_told_stop_by_stop(client: httpx.AsyncClient, brand: Brand) -> None:
    one = (await brand.see(email="a@x.org"))["profile_id"]
    other = (await brand.see(phone=PHONE))["profile_id"]
    tie = await brand.see(did="signup", email="a@x.org", phone=PHONE)
    text = await shown(client, brand, one, other)
    assert "Why these are one person" in text
    assert in_order(
        text, "person a@x.org", "identifier a@x.org", "Weight names a person", "event signup", tie["event_id"],
        "Merged by the rules",
        "Rule identifier match", "the service's own", "identifier 442071234567", "absorbed profile", other,
    )  # fmt: skip
    assert in_order(text, "Without what they would be two", "no part of it is enough", tie["event_id"])
    text = await shown(client, brand, "email:a@x.org", f"phone:{PHONE}")
    assert in_order(text, "Both are a@x.org's", "identifier a@x.org", "event signup", "identifier 442071234567")
    text = await shown(client, brand, other, "email:a@x.org")
    assert in_order(text, "Both are a@x.org's", "person a@x.org", "event", "identifier a@x.org")


async def test_why_not_names_the_guard_the_review_and_who_judged(client: httpx.AsyncClient, brand: Brand) -> None:
    review, (anna, bert, *_) = await waiting(brand)
    text = await shown(client, brand, anna, bert)
    assert in_order(
        text, "Why these are not one person", "Two people: Anna and Bert.", "Why not", "over the limit", "A review waits"
    )
    assert in_order(
        text, "The nearest that connects them", "person Anna", "identifier 15550199", "person Bert", "What would join them"
    )
    await brand.post(f"/api/merge-queue/{review}/reject", {"note": "two sisters"})
    text = await shown(client, brand, anna, bert)
    assert in_order(text, "Why not", "Judged not the same", "two sisters", "By admin", "human said no")
    assert "A review waits" not in text


async def test_what_a_person_decided_tells_which_guard_had_stopped_the_rules(client: httpx.AsyncClient, brand: Brand) -> None:
    review, (anna, *_, dora) = await waiting(brand)
    await brand.post(f"/api/merge-queue/{review}/approve", {"note": "one card was lost"})
    text = await shown(client, brand, anna, dora)
    assert in_order(
        text, "The rules had not merged them", "over the limit", "Merged by a person", "one card was lost", "By admin"
    )
    assert in_order(text, "Without what they would be two", "judged same")


async def test_strangers_and_what_is_nobodys_are_told_so(client: httpx.AsyncClient, brand: Brand) -> None:
    one = (await brand.see(email="a@x.org"))["profile_id"]
    other = (await brand.see(email="b@x.org"))["profile_id"]
    assert "No evidence that was read connects them." in await shown(client, brand, one, other)
    assert "c@x.org is nobody's" in await shown(client, brand, one, "email:c@x.org")
    assert "a@x.org, and one id." in await shown(client, brand, one, one)
    asked = await client.get(f"/console/{brand.brand_id}/explain")
    assert "Choose two." in asked.text
