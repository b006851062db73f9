"""An admin gives a person their data, and forgets a person, in a browser."""

import json

import pytest
from playwright.async_api import expect

from tests.api.brand import SARAH, Brand
from tests.console.looking import Look


async def test_a_person_is_looked_at_typed_for_and_erased(look: Look, brand: Brand) -> None:
    profile_id = await brand.omnichannel()
    await look.at(f"/console/{brand.brand_id}/profiles/{profile_id}")
    page = look.page
    await page.get_by_role("link", name="Their data, and to be forgotten").click()
    facts = page.locator(".facts")
    await expect(facts).to_contain_text("Events5")
    await expect(page.get_by_text("Nothing changes for anybody else.")).to_be_visible()
    async with page.expect_download() as started:
        await page.get_by_role("link", name="Download (JSON)").click()
    path = await (await started.value).path()
    whole = json.loads(path.read_text())
    assert whole["profile"]["profile_id"] == profile_id
    assert len(whole["events"]) == 5
    await page.get_by_label("Why (for those").fill("asked by letter")
    await page.get_by_role("button", name="for good").click()
    await expect(page.get_by_label("Type erase")).to_be_focused()  # the browser wants the word first
    assert await brand.count("Profile") == 1
    await page.get_by_label("Type erase").fill("Erase")  # as a telephone begins a word
    await page.get_by_role("button", name="for good").click()
    await expect(page.locator(".notice")).to_contain_text("Erased.")
    await expect(page.get_by_text("asked by letter")).to_be_visible()
    assert SARAH not in await page.content()
    assert await brand.count("Profile") == await brand.count("Event") == 0


async def test_without_the_word_nothing_is_erased(brand: Brand) -> None:
    profile_id = await brand.omnichannel()
    here = f"/console/{brand.brand_id}/privacy/{profile_id}/erase"
    for headers, word, status in (
        ({"sec-fetch-site": "same-origin"}, "yes", 400),
        ({"sec-fetch-site": "cross-site"}, "erase", 403),
        ({}, "erase", 403),
    ):
        answer = await brand.call("POST", here, headers=headers, data={"word": word})
        assert answer.status_code == status, answer.text
    assert await brand.count("Profile") == 1


async def test_pages_of_somebody_erased_say_so(brand: Brand) -> None:
    profile_id = await brand.omnichannel()
    await brand.post("/api/erasures", {"type": "email", "value": SARAH})
    for path in (
        f"profiles/{profile_id}",
        f"privacy/{profile_id}",
        f"graph?profile={profile_id}",
        f"explain?profile={profile_id}&other=a",
    ):
        answer = await brand.get(f"/console/{brand.brand_id}/{path}")
        assert answer.status_code == 410, path
        assert "was erased" in answer.text
    listed = await brand.get(f"/console/{brand.brand_id}/privacy")
    assert listed.status_code == 200
    assert "5 events" in listed.text


@pytest.mark.parametrize(
    ("read", "path"),
    [
        ("sections.learnt_of", "profiles/{}/scores"), ("sections.learnt_of", "profiles/{}/journey"),
        ("privacy.export", "privacy/{}/export"),
    ],
)  # fmt: skip
async def test_somebody_who_is_erased_while_a_page_is_read(
    brand: Brand, monkeypatch: pytest.MonkeyPatch, read: str, path: str
) -> None:
    profile_id = await brand.bring(identifiers={"email": SARAH})

    async def nobody_by_now(*_: object) -> None:
        return None

    monkeypatch.setattr(f"app.console.{read}", nobody_by_now)
    answer = await brand.get(f"/console/{brand.brand_id}/{path.format(profile_id)}")
    assert (answer.status_code, "try again" in answer.text) == (503, True)
