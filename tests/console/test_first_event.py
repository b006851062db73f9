"""A brand without anybody: how the first event is sent, and that the page notices."""

import asyncio
import re

from playwright.async_api import expect

from tests.api.brand import Brand
from tests.console.looking import Look


async def test_the_line_works_when_pasted_and_the_page_notices(look: Look, brand: Brand) -> None:
    await look.at(f"/console/{brand.brand_id}")
    await expect(look.page.get_by_role("heading", level=1)).to_have_text("Nobody is here yet")
    line = await look.page.locator("#curl").inner_text()
    process = await asyncio.create_subprocess_shell(
        f"{line} --silent --show-error --fail-with-body", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said
    await expect(look.page.get_by_text("It has arrived.")).to_be_visible()
    await look.page.get_by_role("link", name="See who it is").click()
    await expect(look.page.get_by_role("heading", level=1)).to_have_text("ada@example.com")


async def test_a_brand_is_opened_by_name(look: Look, brand: Brand) -> None:
    await look.at("/")
    await look.page.get_by_label("Open a brand by name").fill(brand.brand_id)
    await look.page.keyboard.press("Enter")
    await expect(look.page).to_have_url(re.compile(f"/console/{brand.brand_id}/search$"))
