"""Time travel over HTTP: today seen through it is today, and a moment is what a brand told only so much would show."""

from tests.api.brand import Brand
from tests.api.test_merges import PHONE, two_people_who_are_one

LAST = "9999-12-31T23:59:59Z"
MAIL = "a@x.org"
VIEWS = ("", "/360", "/graph?depth=1", "/graph?depth=2", "/graph?depth=4&limit=1000")


async def ids_of(brand: Brand) -> list[str]:
    return sorted(row["id"] for row in await brand.cypher("MATCH (p:ProfileId {brand_id: $brand}) RETURN p.profile_id AS id"))


async def assert_now_is_today(brand: Brand) -> None:
    """Of every id ever issued, every view: the same answer, word by word."""
    for profile_id in await ids_of(brand):
        for view in VIEWS:
            path = f"/api/profiles/{profile_id}{view}"
            also = "&" if "?" in path else "?"
            today = await brand.get(path)
            then = await brand.get(f"{path}{also}as_of={LAST}&known_at={LAST}")
            assert then.status_code == today.status_code, (path, then.text)
            if today.status_code == 200:
                assert then.json() == today.json(), path


async def test_now_is_today_after_the_first_scenario(brand: Brand) -> None:
    await brand.omnichannel()
    await assert_now_is_today(brand)


async def test_now_is_today_after_a_merge_its_undo_and_the_undo_of_that(brand: Brand) -> None:
    _, _, merge_id = await two_people_who_are_one(brand)
    await brand.see(did="purchase", properties={"total": 5, "currency": "EUR", "name": "Ann"}, email=MAIL)
    await brand.bring(profile_id="imported", identifiers={"email": MAIL}, lifetime_value=3, total_orders=1)
    await assert_now_is_today(brand)
    await brand.post(f"/api/merges/{merge_id}/undo", {})
    await brand.see(email=MAIL, phone=PHONE)
    await assert_now_is_today(brand)
    await brand.post(f"/api/merges/{merge_id}/redo", {})
    await assert_now_is_today(brand)


async def test_now_is_today_when_a_hub_has_healed(brand: Brand) -> None:
    for number in range(2):
        await brand.see(email=f"p{number}@x.org")
    for number in range(7):
        await brand.see(cookie="kiosk", email=f"p{number}@x.org")
    await brand.see(email="noreply@shop.com", user_id="u-1")
    await assert_now_is_today(brand)


async def test_now_is_today_with_a_review_pending(brand: Brand) -> None:
    await brand.see(loyalty_id="L1", email=MAIL)
    await brand.see(loyalty_id="L2", phone=PHONE)
    told = await brand.see(loyalty_id="L1", phone=PHONE)
    assert told["outcome"] == "review"
    await assert_now_is_today(brand)
