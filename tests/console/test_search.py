"""Finding people: whatever one has of them."""

import re

import httpx
import pytest
from playwright.async_api import expect

from app.domain.identifiers import TYPES
from tests.api.brand import Brand
from tests.console.looking import Look, Shop, words

# What is typed, and what the page says matched.
ASKED = {
    "email": ("sarah.johnson@email.com", "e-mail sarah.johnson@email.com exact"),
    "phone": ("+1 555-0123", "phone 15550123 exact"),
    "whatsapp": ("+15550123", "WhatsApp +15550123 exact"),
    "loyalty card": ("loy-789456", "loyalty card LOY-789456 exact"),
    "user id": ("U-1", "user id U-1 exact"),
    "cookie": ("cook-1", "cookie cook-1 exact"),
    "device": ("dev-1", "device dev-1 exact"),
    "anonymous id": ("anon-1", "anonymous id anon-1 exact"),
    "session": ("sess-abc", "session sess-abc123"),
    "first name": ("sarah", "first name Sarah exact"),
    "half a name": ("johns", "last name Johnson"),
    "typing error": ("jonhson", "last name Johnson similar"),
}


FOUND = re.compile(
    r'<a class="name" href="[^"]+/profiles/(?P<id>[^"]+)">(?P<name>[^<]+)</a>\s*'
    r'<ul class="hits" aria-label="What matched">(?P<hits>.*?)</ul>',
    re.DOTALL,
)


async def found(client: httpx.AsyncClient, search: str, asked: str) -> list[tuple[str, str, str]]:
    """The id, the name and what matched of everybody whom the page shows, without a browser."""
    answered = await client.get(search, params={"q": asked})
    assert answered.status_code == 200, answered.text
    people = [(one["id"], one["name"], words(one["hits"])) for one in FOUND.finditer(answered.text)]
    assert len(people) == answered.text.count('<li class="person">')
    return people


@pytest.mark.parametrize("asked", ASKED)
async def test_any_identifier_or_name_finds_its_person_and_says_what_matched(
    client: httpx.AsyncClient, shop: Shop, asked: str
) -> None:
    text, said = ASKED[asked]
    ((person, name, matched),) = await found(client, shop.path("search"), text)
    assert (person, name) == (shop.person, "Sarah Johnson")
    assert said in matched


async def test_every_type_of_identifier_finds_who_has_it(client: httpx.AsyncClient, brand: Brand) -> None:
    """Also a type that comes to the table tomorrow."""
    numbers = {"email": "all@x.org", "phone": "447700900123", "whatsapp": "+447700900124"}
    values = {name: numbers.get(name, f"one-{name.replace('_', '-')}") for name in TYPES}
    told = await brand.see(**values)
    for name, value in values.items():
        ((person, _, matched),) = await found(client, f"/console/{brand.brand_id}/search", value)
        assert person == told["profile_id"], name
        assert value in matched


async def test_a_list_tells_people_apart_by_what_names_them(client: httpx.AsyncClient, brand: Brand) -> None:
    await brand.see(anonymous_id="an-1", cookie="ck-1", device="dv-1", session="sn-1", email="ann@x.org", loyalty_id="L-1")
    page = (await client.get(f"/console/{brand.brand_id}/search")).text
    (shown,) = re.findall(r'aria-label="Identifiers">(.*?)</ul>', page, re.DOTALL)
    assert words(shown).split()[:5] == ["loyalty", "card", "L-1", "e-mail", "ann@x.org"]


async def test_the_address_is_the_search(look: Look, shop: Shop) -> None:
    await look.at(shop.path("search"))
    await look.page.get_by_role("searchbox").press_sequentially("sarah")
    await expect(look.page.locator("#people mark").first).to_have_text("Sarah")
    await expect(look.page).to_have_url(re.compile(r"/search\?q=sarah$"))
    person = look.page.locator("ol.people > li")
    await expect(person.get_by_role("link")).to_have_text("Sarah Johnson")
    matched = person.get_by_role("list", name="What matched")
    await expect(matched).to_contain_text("first name Sarah exact", use_inner_text=True)
    await look.page.reload()
    await expect(look.page.get_by_role("searchbox")).to_have_value("sarah")
    await expect(look.page.locator("#people mark").first).to_have_text("Sarah")


async def test_it_is_worked_by_keyboard_and_the_count_is_announced(look: Look, shop: Shop) -> None:
    await look.at(shop.path("search"))
    await look.page.keyboard.press("/")
    await look.page.keyboard.type("sarah")
    await expect(look.page.locator("#live")).to_have_text("1 person found for sarah")
    await look.page.keyboard.press("ArrowDown")
    await expect(look.page.get_by_role("link", name="Sarah Johnson")).to_be_focused()
    await look.page.keyboard.press("ArrowUp")
    await expect(look.page.get_by_role("searchbox")).to_be_focused()
    await look.page.keyboard.press("ArrowDown")
    await look.page.keyboard.press("Enter")
    await expect(look.page).to_have_url(re.compile(re.escape(shop.profile)))


async def test_nobody_is_found_with_a_way_on(client: httpx.AsyncClient, shop: Shop) -> None:
    answered = await client.get(shop.path("search"), params={"q": "nosuchperson"})
    assert "Nobody is found by that. Try half of the word" in words(answered.text)


@pytest.mark.parametrize("look", ["plain"], indirect=True)
async def test_without_javascript_enter_searches(look: Look, shop: Shop) -> None:
    await look.page.goto(shop.path("search"))
    await look.page.get_by_role("searchbox").fill("cook-1")
    await look.page.keyboard.press("Enter")
    await look.page.get_by_role("link", name="Sarah Johnson").click()
    await look.page.get_by_role("link", name="Open timeline by itself").click()
    await expect(look.page.get_by_role("heading", name="Timeline")).to_be_visible()
    await expect(look.page.locator("ol.timeline > li").first).to_be_visible()


async def test_what_is_typed_is_text(look: Look, shop: Shop) -> None:
    await look.at(shop.path("search?q=%3Cscript%3Ealert(1)%3C%2Fscript%3E"))
    await expect(look.page.locator("#people .count strong")).to_have_text("<script>alert(1)</script>")


async def test_who_asks_for_more_goes_on_behind_those_shown(look: Look, brand: Brand) -> None:
    for number in range(4):
        await brand.see(email=f"more{number}@x.org")
    await look.at(f"/console/{brand.brand_id}/search?q=more&show=2")
    await look.page.get_by_role("link", name="Show more").press("Enter")
    await expect(look.page.locator("ol.people > li")).to_have_count(4)
    await expect(look.page.locator("ol.people a.name").nth(2)).to_be_focused()
    assert look.page.url.endswith("/search?q=more&show=4")
