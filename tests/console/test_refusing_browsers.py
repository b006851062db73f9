"""What the console still does where the browser lets it store or copy nothing."""

import pytest
from playwright.async_api import expect

from tests.console.looking import Look, Shop

pytestmark = pytest.mark.parametrize("look", ["forgetful"], indirect=True)


async def test_the_theme_changes_and_what_comes_after_a_remembered_name_works(look: Look, shop: Shop) -> None:
    await look.at(shop.path(f"reviews/{shop.review}"))
    with pytest.raises(Exception, match="Access is denied"):
        await look.page.evaluate("localStorage.length")
    await expect(look.page.get_by_label("Your name")).to_have_value("")
    switch = look.page.get_by_role("button", name="Theme")
    for said in ("light", "dark", "system"):
        await switch.click()
        await expect(switch).to_have_text(f"Theme: {said}")
    await look.page.keyboard.press("/")
    await expect(look.page.get_by_role("searchbox")).to_be_focused()


async def test_a_query_runs_and_its_answer_is_drawn(look: Look, shop: Shop) -> None:
    await look.at(shop.path("cypher"))
    editor = look.page.get_by_label("Query")
    await editor.fill("MATCH path = (p:Profile {brand_id: $brand})-[:HAS_IDENTIFIER]->(i) RETURN path")
    await editor.press("Control+Enter")
    await expect(look.page.locator("#answer [data-drawn]")).to_have_count(1)
    await expect(look.page.get_by_role("region", name="What you ran")).to_be_hidden()


async def test_what_could_not_be_copied_is_not_said_to_be(look: Look, shop: Shop) -> None:
    await look.at(shop.profile)
    refuse = "() => Promise.reject(new DOMException('no', 'NotAllowedError'))"
    await look.page.evaluate(f"void (navigator.clipboard.writeText = {refuse})")
    button = look.page.get_by_role("button", name="Copy the profile id")
    await button.click()
    await expect(button).to_have_text("Not copied")
    await expect(look.page.locator("#live")).to_have_text("Not copied: the browser refused")
