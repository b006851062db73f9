"""What becomes of people between a message's being queued and its going out: merged, undone, or sharing an address."""

from tests.act.conftest import NOON, Acting, hours
from tests.act.test_guards import thanks

NIGHT = {"from": "14:00", "to": "20:00", "timezone": "UTC"}


async def said_no(brand: Acting, email: str, at: float) -> None:
    said = {"type": "customer_updated", "identifiers": {"email": email}, "attributes": {"email_consent": "no"}}
    await brand.post("/api/events", {**said, "occurred_at": (NOON + hours(at)).isoformat()})


async def by_mail(brand: Acting, **change: object) -> str:
    return await thanks(brand, channel="email", subject="Hello", **change)


async def joined(brand: Acting, *people: str) -> str:
    return str((await brand.post("/api/merges", {"profile_ids": list(people)}))["data"]["merge_id"])


async def test_an_address_that_is_anothers_again_gets_nothing(brand: Acting) -> None:
    """Two became one, a message to the one's address waited, and the two were found to be two."""
    await by_mail(brand, quiet_hours=NIGHT)
    ann = await brand.does("ann@example.com", NOON - hours(3), "page_view", {"n": 1})
    bob = await brand.does("bob@example.com", NOON - hours(2), "page_view", {"n": 2})
    merge_id = await joined(brand, ann, bob)
    await brand.job(NOON)
    assert {(one["to"], one["profile_id"]) for one in await brand.messages()} == {("bob@example.com", ann)}
    await brand.post(f"/api/merges/{merge_id}/undo", {})
    await said_no(brand, "bob@example.com", 1)
    assert (await brand.job(NOON + hours(6)))["sent"] == 0
    assert {(one["status"], one["reason"]) for one in await brand.executions()} == {
        ("skipped", "the address is not theirs any more")
    }


async def test_a_no_of_one_who_shares_the_address_is_a_no(brand: Acting) -> None:
    await by_mail(brand)
    await brand.bring(identifiers={"email": "x@example.com"}, profile_id="one", attributes={"email_consent": "no"})
    await brand.bring(identifiers={"email": "x@example.com", "loyalty_id": "L2"}, profile_id="two")
    seen = {"type": "page_view", "identifiers": {"loyalty_id": "L2"}, "occurred_at": (NOON - hours(1)).isoformat()}
    await brand.post("/api/events", seen)
    assert (await brand.job(NOON))["sent"] == 0
    assert [(one["profile_id"], one["reason"]) for one in await brand.executions()] == [("two", "opted out")]


async def test_a_no_of_whose_phone_is_anothers_whatsapp_is_a_no(brand: Acting) -> None:
    await thanks(brand, channel="whatsapp")
    await brand.bring(identifiers={"phone": "+15550123"}, profile_id="one", attributes={"whatsapp_consent": "no"})
    await brand.bring(identifiers={"whatsapp": "+15550123", "email": "ann@example.com"}, profile_id="two")
    await brand.does("ann@example.com", NOON - hours(1), "page_view")
    assert (await brand.job(NOON))["sent"] == 0
    assert [(one["profile_id"], one["reason"]) for one in await brand.executions()] == [("two", "opted out")]


async def test_a_no_is_asked_of_the_channel_that_the_message_goes_by(brand: Acting) -> None:
    """Its automation writes by SMS by now, and it is an e-mail still."""
    automation_id = await by_mail(brand, quiet_hours=NIGHT)
    await brand.does("ann@example.com", NOON, "page_view", {"n": 1}, phone="+15550123")
    assert (await brand.job(NOON))["queued"] == 1
    await brand.patch(automation_id, {"channel": "sms", "subject": None})
    await said_no(brand, "ann@example.com", 1)
    assert (await brand.job(NOON + hours(6)))["sent"] == 0


async def test_a_cap_holds_for_two_who_became_one(brand: Acting) -> None:
    await by_mail(brand, quiet_hours=NIGHT, cap={"messages": 1, "days": 7})
    ann = await brand.does("ann@example.com", NOON - hours(3), "page_view", {"n": 1})
    bob = await brand.does("bob@example.com", NOON - hours(2), "page_view", {"n": 2})
    await brand.job(NOON)
    await joined(brand, ann, bob)
    assert (await brand.job(NOON + hours(6)))["sent"] == 1


async def test_one_stay_of_two_who_became_one(brand: Acting) -> None:
    await brand.only("churn", quiet_hours=NIGHT)
    one, other = await brand.person("Emma", "+1-555-0789"), await brand.person("Emmi", "+1-555-0700")
    await brand.predict(one, NOON - hours(1), "at_risk", 0.8)
    await brand.predict(other, NOON - hours(1), "at_risk", 0.8)
    await brand.job(NOON)
    await joined(brand, one, other)
    assert (await brand.job(NOON + hours(6)))["sent"] == 1


async def test_two_carts_of_people_who_became_one_are_one_cart(brand: Acting) -> None:
    await brand.only("cart_abandonment", quiet_hours=NIGHT)
    one, other = await brand.person("Emma", "+1-555-0789"), await brand.person("Emmi", "+1-555-0700")
    for name in ("emma", "emmi"):
        await brand.adds(f"{name}@example.com", NOON - hours(3), product=name)
    assert (await brand.job(NOON))["queued"] == 2
    await joined(brand, one, other)
    assert (await brand.job(NOON + hours(6)))["sent"] == 1
    assert sorted(str(one["reason"]) for one in await brand.executions()) == [
        "None",
        "told already, as a profile that was merged with this one",
    ]
