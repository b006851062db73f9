"""How many reviews wait, in the navigation of every page; and what admins were told of them."""

import httpx
import pytest
from playwright.async_api import expect

from tests.api.brand import Brand
from tests.console.looking import Look, waiting


async def test_the_badge_counts_who_waits_and_says_for_how_long(
    look: Look, brand: Brand, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = f"/console/{brand.brand_id}"
    assert (await client.get(f"{here}/waiting")).status_code == 204
    await waiting(brand)
    await look.at(f"{here}/search")
    link = look.page.get_by_role("navigation", name="Main").get_by_role("link", name="Reviews")
    await expect(link).to_have_accessible_name("Reviews 1 waiting")
    await brand.cypher("MATCH (r:MergeReview {brand_id: $brand}) SET r.created_at = r.created_at - duration({days: 3, hours: 1})")
    await look.page.reload()
    await expect(link).to_have_accessible_name("Reviews 1 waiting, the oldest for 3 days")
    assert await look.violations() == []
    assert await look.overflow(320) == 0
    ids = [(await brand.see(email=f"{name}@y.org"))["profile_id"] for name in "abcd"]
    await brand.post("/api/merges", {"profile_ids": ids})
    monkeypatch.setattr("app.console.badge.MOST", 1)
    assert "1+<" in (await client.get(f"{here}/waiting")).text


async def test_what_was_parked_is_told_and_sent_once_more(look: Look, brand: Brand) -> None:
    await brand.cypher(
        "CREATE (:Reminder {key: $brand + '|webhook|r1', brand_id: $brand, reminder_id: 'r1', way: 'webhook', "
        "provider: 'webhook', to: 'hooks.example', reviews: 3, status: 'failed', reason: 'the webhook said 404', attempts: 1, "
        "created_at: datetime()})"
    )
    await look.at(f"/console/{brand.brand_id}/reviews")
    await look.page.get_by_role("link", name="Who was told").click()
    await expect(look.page.locator(".timeline > li")).to_contain_text("Why: the webhook said 404")
    assert await look.violations() == []
    await look.page.get_by_role("button", name="Send it once more").click()
    await expect(look.page.get_by_text("Queued once more.")).to_be_visible()
    assert [one["status"] for one in await brand.data("/api/reminders")] == ["queued"]
