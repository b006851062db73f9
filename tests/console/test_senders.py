"""An admin says who must sign, in a browser; the secret is written, and never shown."""

import httpx
import pytest
from playwright.async_api import expect

from tests.api.brand import PURCHASE, Brand
from tests.console.looking import Look

SECRET = "shpss_of_the_console"


async def test_a_secret_is_written_and_the_sender_must_sign(look: Look, brand: Brand) -> None:
    here = f"/console/{brand.brand_id}/senders"
    assert (await brand.call("POST", "/api/integrations/shopify/webhook", json=PURCHASE)).status_code == 200
    await look.at(here)
    page = look.page
    await expect(page.get_by_text("taken unsigned", exact=True)).to_have_count(5)
    await page.get_by_role("link", name="Shopify").click()
    await page.get_by_label("The secret").select_option("instead")
    await page.get_by_label("New secret").fill(SECRET)
    await page.get_by_label("Shop whose deliveries are taken").fill("north-loom.myshopify.com")
    await page.get_by_role("button", name="Store").click()
    await expect(page.locator(".notice")).to_contain_text("Shopify is stored")
    await expect(page.locator(".tag", has_text="must sign")).to_have_count(1)
    await page.get_by_role("link", name="Shopify").click()
    await expect(page.get_by_label("Shop whose deliveries are taken")).to_have_value("north-loom.myshopify.com")
    assert SECRET not in await page.content()
    assert (await brand.call("POST", "/api/integrations/shopify/webhook", json=PURCHASE)).status_code == 401


async def test_what_cannot_be_meant_stands_beside_its_field(look: Look, brand: Brand) -> None:
    await look.at(f"/console/{brand.brand_id}/senders/twilio")
    page = look.page
    await page.get_by_label("Country of phone numbers").fill("UK")
    await page.get_by_label("Address that it sends to").fill("idr.example.com")
    async with page.expect_response(lambda answer: answer.request.method == "POST") as asked:
        await page.get_by_role("button", name="Store").click()
    assert (await asked.value).status == 422
    await expect(page.locator(".complaint")).to_have_count(2)
    await expect(page.get_by_label("Address that it sends to")).to_be_focused()
    assert (await brand.data("/api/sources/twilio"))["changed_at"] is None
    look.complaints.clear()  # the browser itself tells of the 422


async def post(brand: Brand, name: str, **fields: str) -> httpx.Response:
    said = {"sec-fetch-site": "same-origin"}
    return await brand.call("POST", f"/console/{brand.brand_id}/senders/{name}/say", headers=said, data=fields)


async def test_secrets_are_changed_one_beside_the_other_and_taken_away(brand: Brand) -> None:
    for change, secret, signed in (("instead", "a", True), ("beside", "b", True), ("keep", "", True), ("none", "", False)):
        answer = await post(brand, "lightspeed", change=change, secret=secret, enabled="on")
        assert answer.status_code == 303, answer.text
        assert (await brand.data("/api/sources/lightspeed"))["signed"] is signed
    assert (await post(brand, "lightspeed", change="instead", secret="", enabled="on")).status_code == 422
    answer = await post(brand, "segment", change="instead", secret=f"key-{brand.brand_id}")
    said = await brand.data("/api/sources/segment")
    assert (answer.status_code, said["has_write_key"], said["enabled"]) == (303, True, False)


@pytest.mark.parametrize("change", ["keep", "none", "", "another"])
async def test_a_secret_that_nobody_said_what_to_do_with_is_asked_about(brand: Brand, change: str) -> None:
    """Stored without it, the page would say that all is well, and the sender would go on unsigned or by the old one."""
    answer = await post(brand, "shopify", change=change, secret=SECRET, enabled="on")
    assert (answer.status_code, "choose above what becomes of it" in answer.text, SECRET in answer.text) == (422, True, False)
    assert (await brand.data("/api/sources/shopify"))["changed_at"] is None


async def test_a_form_that_comes_back_still_wants_the_secret_that_it_does_not_show(brand: Brand) -> None:
    """Else the next press would store all but the secret, and say that it is stored."""
    answer = await post(brand, "shopify", change="instead", secret=SECRET, default_country="UK", enabled="on")
    assert (answer.status_code, SECRET in answer.text) == (422, False)
    assert '<option value="instead" selected>' in answer.text
    answer = await post(brand, "shopify", change="instead", secret="", default_country="GB", enabled="on")
    assert (answer.status_code, "type it (once more" in answer.text) == (422, True)


async def test_nobody_else_may_say_it(brand: Brand) -> None:
    answer = await brand.call("POST", f"/console/{brand.brand_id}/senders/shopify/say", data={"change": "none"})
    assert answer.status_code == 403
    assert (await brand.call("GET", f"/console/{brand.brand_id}/senders/nobody")).status_code == 404
