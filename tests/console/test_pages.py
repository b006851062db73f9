"""What holds of every page, light and dark."""

import os
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.api.brand import Brand
from tests.console.looking import Look, Shop

# A page by name: its address below the brand's, `{person}` filled in.
PAGES = {
    "people": "search?q=sarah",
    "everybody": "search",
    "nobody": "search?q=nosuchperson",
    "person": "profiles/{person}",
    "a section by itself": "profiles/{person}/timeline",
    "reviews": "reviews",
    "reviews of all": "reviews?status=all",
    "a review": "reviews/{review}",
    "merges": "merges",
    "a merge": "merges/{merge}",
    "an undo": "merges/{merge}/undo",
    "automations": "automations",
    "an automation": "automations/churn-risk-retention-campaign",
    "executions": "automations/executions",
    "approvals": "automations/approvals",
    "models": "models",
    "a model": "models/starter",
    "rules": "rules",
    "the rules in words": "rules/0",
    "a draft of rules": "rules/new",
    "operations": "operations",
    "an identifier": "operations/identifier/email/sarah.johnson@email.com",
    "senders": "senders?saved=shopify",
    "a sender": "senders/twilio",
    "cypher": "cypher?q=RETURN+$brand",
    "reminders": "reminders",
    "a graph": "graph?profile={person}",
    "where a graph begins": "graph?q=sarah",
    "an explanation": "explain?profile={person}&other={absorbed}",
    "an error": "profiles/nobody-at-all",
}


@pytest.fixture
def address(shop: Shop, request: pytest.FixtureRequest) -> str:
    return shop.path(
        PAGES[request.param].format(person=shop.person, absorbed=shop.absorbed, review=shop.review, merge=shop.merge)
    )


@pytest.fixture
def picture(request: pytest.FixtureRequest) -> Path | None:
    """Where `make screenshots` wants this page's pictures, without their theme; None in a run of tests."""
    folder = os.environ.get("SCREENSHOTS")
    name = request.node.callspec.id.replace("/console", "console").replace("/", "-").replace(" ", "-")
    return Path(folder) / name.replace("{", "").replace("}", "") if folder else None


@pytest.mark.parametrize("address", PAGES, indirect=True)
async def test_a_page_is_accessible_keeps_to_itself_and_fits(look: Look, address: str, picture: Path | None) -> None:
    await _examine(look, address, picture)


@pytest.mark.parametrize("address", ["/console", "/console/{brand}/search"])
async def test_so_are_the_pages_that_come_first(look: Look, address: str, brand: Brand, shop: Shop, picture: Path | None) -> None:
    await _examine(look, address.format(brand=brand.brand_id), picture)


async def _examine(look: Look, address: str, picture: Path | None) -> None:
    """What leaving `look` asks comes on top: nobody else was asked, and nothing complained of. The dark comes while one looks, as
    it does in the evening."""
    answered = await look.at(address)
    assert answered.ok == ("nobody-at-all" not in address)
    async for theme in look.themes():
        if picture is not None:
            await look.page.screenshot(path=f"{picture}-{theme}.png", full_page=True)
        assert await look.violations_now() == [], theme
    # 320 px is what WCAG asks of a phone; 640 px is a window of 1280 at 200 %.
    assert (await look.overflow(320), await look.overflow(640)) == (0, 0)
    if not answered.ok:
        look.complaints.clear()  # the browser itself tells of every status that is an error


async def test_the_page_of_the_api_shows_every_route_and_asks_nobody_else(look: Look) -> None:
    await look.at("/docs")
    await expect(look.page.locator("#api .opblock").filter(has_text="/api/merge-queue/{review_id}/approve")).to_be_visible()


async def test_the_theme_can_be_chosen_and_stays(look: Look, shop: Shop) -> None:
    await look.at(shop.path("search"))
    switch = look.page.get_by_role("button", name="Theme")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = await look.page.evaluate(ground)
    await switch.click()
    assert await look.page.evaluate(ground) == light
    await switch.click()
    dark = await look.page.evaluate(ground)
    assert dark != light
    await look.page.reload()
    assert await look.page.evaluate(ground) == dark
    await switch.click()
    assert await look.page.evaluate(ground) == light


async def test_the_keyboard_reaches_the_content_first(look: Look, shop: Shop) -> None:
    await look.at(shop.path("search"))
    await look.page.keyboard.press("Tab")
    assert await look.page.evaluate("document.activeElement.textContent") == "Skip to the content"
    await look.page.keyboard.press("Enter")
    assert await look.page.evaluate("document.activeElement.id") == "main"


async def test_nothing_inline_and_nobody_else_is_let_in(look: Look, shop: Shop) -> None:
    """The policy that the browser is given, and that no page needs an exception from it."""
    answered = await look.at(shop.profile)
    policy = answered.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert await look.page.evaluate("document.querySelectorAll('[style], script:not([src]), style').length") == 0
    assert answered.headers["cache-control"] == "no-store"
