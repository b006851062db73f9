"""A person's page: the head, and sections that come, stay empty or fail by themselves."""

import re
import uuid
from functools import partial

import httpx
import pytest
from playwright.async_api import Route, expect

from app.console.sections import SECTIONS
from tests.api.brand import Brand
from tests.console.looking import Look, Shop, words

NAMES = [one.name for one in SECTIONS]

# What each section shows of somebody of whom everything is known, and of somebody of whom nothing is.
SHOWN = {
    "identifiers": ("sarah.johnson@email.com", "No identifiers."),
    "attributes": ("Austin", "No attributes."),
    "scores": ("Why this churn score", "Not scored."),
    "journey": ("Next best action", "No journey yet."),
    "timeline": ("Details", "No events."),
    "merges": ("2 profiles became one", "Never merged."),
    "messages": ("Automations that answered", "No automation has answered."),
}


async def test_the_head_says_who_it_is(look: Look, shop: Shop) -> None:
    await look.at(shop.profile)
    await expect(look.page.get_by_role("heading", level=1)).to_have_text("Sarah Johnson")
    await expect(look.page.get_by_role("img", name=re.compile("Strength .* of 100"))).to_be_visible()
    head = look.page.locator(".person-head")
    await expect(head).to_contain_text("215.49 USD")


@pytest.mark.parametrize("name", NAMES)
async def test_a_section_shows_what_is_known(client: httpx.AsyncClient, shop: Shop, name: str) -> None:
    answered = await client.get(f"{shop.profile}/{name}")
    assert SHOWN[name][0] in words(answered.text.partition("data-part")[2])


async def test_sections_say_when_there_is_nothing(look: Look, brand: Brand) -> None:
    alone = await brand.bring(profile_id=f"alone-{uuid.uuid4().hex}", identifiers={"email": "alone@example.com"})
    await look.at(f"/console/{brand.brand_id}/profiles/{alone}")
    for name in set(NAMES) - {"identifiers"}:
        await expect(look.page.locator(f"#{name}")).to_contain_text(SHOWN[name][1])


async def test_many_identifiers_come_page_by_page(client: httpx.AsyncClient, brand: Brand) -> None:
    person = (await brand.see(email="a@x.org", cookie="c-0"))["profile_id"]
    await brand.post(
        "/api/events", [{"type": "seen", "identifiers": {"email": "a@x.org", "cookie": f"c-{n}"}} for n in range(60)]
    )
    here = f"/console/{brand.brand_id}/profiles/{person}/identifiers"
    first, rest, behind = [await client.get(here, params={"after": after}) for after in ("0", "50", "61")]
    assert [page.text.count('<th scope="row">') for page in (first, rest, behind)] == [50, 11, 0]
    assert "1 to 50 of 61, those that name a person first." in words(first.text)
    assert words(first.text).index("a@x.org") < words(first.text).index("c-0")
    assert f'href="{here}?after=50">More identifiers' in first.text
    assert ("More identifiers" in rest.text, f'href="{here}">First' in rest.text) == (False, True)
    assert "No more identifiers." in words(behind.text)
    for odd in ("-1", "x", "1" * 30):
        refused = await client.get(here, params={"after": odd})
        assert (refused.status_code, "is no number" in refused.text) == (400, True)


async def test_sections_load_fail_and_recover_one_by_one(look: Look, shop: Shop) -> None:
    held: dict[str, Route] = {}

    async def hold(route: Route) -> None:
        held[route.request.url.rpartition("/")[2]] = route

    for name in NAMES:
        await look.page.route(f"**/{shop.person}/{name}", hold)
    await look.page.goto(shop.profile)
    for name in NAMES:
        await expect(look.page.locator(f"#{name} [aria-busy=true]")).to_contain_text("Loading")
    *others, last = NAMES
    for name in others:
        answers = {
            "merges": held[name].abort,
            "scores": partial(held[name].fulfill, status=502, content_type="text/html", body="<h1>502 Bad Gateway</h1>"),
        }
        await answers.get(name, partial(held[name].fulfill, status=503, json={"title": "starting"}))()
        section = look.page.locator(f"#{name}")
        await expect(section.get_by_role("alert")).to_contain_text("The service does not answer.")
        await look.page.unroute(f"**/{shop.person}/{name}")
        await section.get_by_role("button", name="Try again").click()
        await expect(section).to_contain_text(SHOWN[name][0])
    await expect(look.page.locator(f"#{last} [aria-busy=true]")).to_contain_text("Loading")
    await held[last].continue_()
    await expect(look.page.locator(f"#{last}")).to_contain_text(SHOWN[last][0])
    look.complaints.clear()  # the browser itself tells of what was cut off


async def test_an_absorbed_id_lands_on_the_survivor_who_says_so(look: Look, shop: Shop) -> None:
    await look.at(shop.path(f"profiles/{shop.absorbed}"))
    await expect(look.page).to_have_url(re.compile(f"/profiles/{shop.person}[?]merged_from={shop.absorbed}$"))
    await expect(look.page.get_by_text("Merged from")).to_be_visible()
    await expect(look.page.locator("#merged-from code")).to_have_text(shop.absorbed)


async def test_an_address_cannot_claim_a_merge(client: httpx.AsyncClient, shop: Shop) -> None:
    claims = {name: await client.get(shop.profile, params={"merged_from": name}) for name in ("somebody-else", shop.absorbed)}
    assert ['id="merged-from"' in one.text for one in claims.values()] == [False, True]


async def test_filters_of_the_timeline_live_in_the_address(look: Look, shop: Shop) -> None:
    await look.at(shop.profile)
    timeline = look.page.locator("#timeline")
    everything = await timeline.locator("ol.timeline > li").count()
    await timeline.get_by_label("Type").select_option("purchase")
    await expect(look.page).to_have_url(f"{look.page.url.partition('?')[0]}?type=purchase")
    purchases = timeline.locator("ol.timeline > li")
    await expect(purchases).to_have_count(2)
    assert everything > 2
    await timeline.get_by_label("To", exact=True).fill("2024-01-10")
    await expect(timeline).to_contain_text("No event matches.")
    await expect(look.page).to_have_url(re.compile(r"\?type=purchase&to=2024-01-10$"))
    await look.page.reload()
    await expect(timeline).to_contain_text("No event matches.")
    await expect(timeline.get_by_label("Type")).to_have_value("purchase")
    await expect(timeline.get_by_label("To", exact=True)).to_have_value("2024-01-10")
    await look.page.go_back()
    await expect(purchases).to_have_count(2)


async def test_a_pasted_address_restores_the_view(look: Look, shop: Shop) -> None:
    await look.at(f"{shop.profile}?type=purchase&from=2024-01-15&to=2024-01-15")
    await expect(look.page.locator("#timeline ol.timeline > li")).to_have_count(1)
    await expect(look.page.locator("#timeline")).to_contain_text("89.99 USD")


async def test_the_timeline_goes_on_page_by_page(look: Look, brand: Brand) -> None:
    times = [f"2024-03-{day:02}T10:00:00Z" for day in range(1, 29)]
    events = [{"type": "page_view", "identifiers": {"email": "much@x.org"}, "occurred_at": at} for at in times]
    told = await brand.post("/api/events", events)
    path = f"/console/{brand.brand_id}/profiles/{told['data']['events'][0]['profile_id']}"
    await look.at(path)
    events_shown = look.page.locator("#timeline ol.timeline > li")
    await expect(events_shown).to_have_count(25)
    await look.page.get_by_role("link", name="Older").click()
    await expect(events_shown).to_have_count(3)
    await look.page.reload()
    await expect(events_shown).to_have_count(3)
    await expect(events_shown.last).to_contain_text("1 Mar 2024")


async def test_a_day_that_is_none_is_told_and_can_be_left(look: Look, shop: Shop) -> None:
    await look.at(f"{shop.profile}?from=yesterday")
    failed = look.page.locator("#timeline [role=alert]")
    await expect(failed).to_contain_text("'yesterday' is no day")
    await failed.get_by_role("link", name="Start over").click()
    await expect(look.page.locator("#timeline ol.timeline > li").first).to_be_visible()
    look.complaints.clear()  # the browser itself tells of the 400


async def test_what_senders_wrote_is_text(look: Look, brand: Brand) -> None:
    """Also a browser that would run it is not let: the test fails at the first line that the policy writes to the console."""
    hostile = "<img src=x onerror=alert(1)>"
    event = {
        "type": "signup",
        "identifiers": {"email": "eve@example.com", "cookie": hostile},
        "attributes": {"first_name": hostile},
        "properties": {hostile: hostile},
    }
    told = await brand.post("/api/events", event)
    await look.at(f"/console/{brand.brand_id}/profiles/{told['data']['events'][0]['profile_id']}")
    await expect(look.page.get_by_role("heading", level=1)).to_have_text(hostile)
    await expect(look.page.locator("#timeline .properties")).to_contain_text(hostile)
    await expect(look.page.locator("img")).to_have_count(0)
