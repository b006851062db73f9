"""The graph explorer: by mouse, by keys and by its table; it stays put, holds what it can, and travels in time."""

import asyncio
import re
from collections.abc import Callable
from typing import Any

import httpx
from playwright.async_api import Page, Route, expect

from tests.api.brand import Brand
from tests.api.test_queue import conflict
from tests.console.looking import Look, Shop

# Where every dot of the picture lies on the screen.
LYING = """() => Object.fromEntries(
  document.querySelector("#graph")._cyreg.cy.nodes(":visible").map((one) => [one.id(), one.renderedPosition()]))"""
# What the page's own modules say of where things lie: the arrow that leads from one dot to another, and answers to known cases.
ARROW = """async ([module, from, to]) => {
  const { towards } = await import(module);
  const cy = document.querySelector("#graph")._cyreg.cy;
  const others = cy.getElementById(from).neighborhood("node").map((one) => ({ id: one.id(), at: one.position() }));
  return ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"].find(
    (arrow) => towards(arrow, cy.getElementById(from).position(), others) === to);
}"""
GEOMETRY = """async (module) => {
  const { around, nearest, towards } = await import(module);
  const others = [["far", 90, 0], ["near", 30, 0], ["low", 40, 30], ["up", -5, -60]].map(([id, x, y]) => ({ id, at: { x, y } }));
  const from = { x: 0, y: 0 };
  const led = ["ArrowRight", "ArrowDown", "ArrowUp", "ArrowLeft"].map((arrow) => towards(arrow, from, others));
  led.push(nearest("ArrowRight", from, [...others, { id: "nearer", at: { x: 20, y: 15 } }]));
  const taken = Array.from({ length: 400 }, (_, at) => ({ x: (at % 20) * 20, y: Math.floor(at / 20) * 20 }));
  const all = [...taken, ...around(from, 300, taken)];
  const apart = (one, other) => one === other || Math.hypot(one.x - other.x, one.y - other.y) >= 54;
  return [led, all.length, all.slice(400).every((one) => all.every((other) => apart(one, other)))];
}"""
ADDRESS = "identifier:email:family@x.org"


async def lying(page: Page) -> dict[str, Any]:
    return dict(await page.evaluate(LYING))


async def family(brand: Brand) -> str:
    """Two people at one address; the graph of the first, of what they are known by."""
    for name in ("p-1", "p-2"):
        await brand.bring(profile_id=name, identifiers={"email": "family@x.org"}, attributes={"first_name": name})
    return f"/console/{brand.brand_id}/graph?profile=p-1&depth=1"


async def test_on_a_phone_names_can_be_read_before_all_is_seen(look: Look, brand: Brand) -> None:
    await brand.bring(profile_id="p-1", identifiers={"email": "a@x.org", "cookie": [f"visit-{number}" for number in range(24)]})
    await look.page.set_viewport_size({"width": 360, "height": 740})
    await look.at(f"/console/{brand.brand_id}/graph?profile=p-1")
    seen = """() => { const cy = document.querySelector("#graph")._cyreg.cy;
      const { x, y } = cy.getElementById("profile:p-1").renderedPosition();
      // with its name under it, which counts as well
      return [cy.zoom() * 12 >= 8, Math.abs(x - cy.width() / 2) < 2, Math.abs(y - cy.height() / 2) < 20]; }"""
    assert await look.page.evaluate(seen) == [True, True, True]
    assert await look.overflow(360) <= 0


async def test_what_is_there_stays_while_nodes_are_expanded_and_an_address_brings_it_back(look: Look, brand: Brand) -> None:
    await look.at(await family(brand))
    before = await lying(look.page)
    assert before.keys() == {"profile:p-1", ADDRESS, "events:profile_import@profile:p-1"}
    at = before[ADDRESS]
    await look.page.locator("#graph").click(position={"x": at["x"], "y": at["y"]})
    await expect(look.page.locator("#live")).to_have_text("2 added around family@x.org")
    after = await lying(look.page)
    assert {name: after[name] for name in before} == before
    assert after.keys() - before.keys() == {"profile:p-2", "events:profile_import@profile:p-2"}
    await look.page.keyboard.press("Enter")  # the same again, and by its row
    await expect(look.page.locator("#live")).to_have_text("Expanded already")
    await expect(look.page.get_by_role("button", name="Expand family@x.org")).to_be_disabled()
    assert await lying(look.page) == after
    await expect(look.page.locator("#drawn tbody tr")).to_have_count(5)
    address = look.page.url
    await look.page.goto("about:blank")
    await look.at(address)
    assert await lying(look.page) == after
    await expect(look.page.locator("#drawn tr.at")).to_contain_text("family@x.org")


async def test_it_is_walked_by_keys_and_its_table_goes_along(look: Look, brand: Brand) -> None:
    await look.at(await family(brand))
    press, live, row = look.page.keyboard.press, look.page.locator("#live"), look.page.locator("#drawn tr.at")
    await look.page.get_by_role("button", name="Draw again").focus()
    await press("Tab")
    await expect(look.page.locator("#graph")).to_be_focused()
    assert await look.page.locator("#graph").evaluate("box => getComputedStyle(box).outlineStyle") == "solid"
    await expect(live).to_have_text("p-1, person, 2 connections")
    place = str(await look.page.locator("script[src*='/graph.js']").get_attribute("src")).replace("graph.js", "graph-place.js")
    assert await look.page.evaluate(GEOMETRY, place) == [["near", "low", "up", None, "nearer"], 700, True]
    await press(await look.page.evaluate(ARROW, [place, "profile:p-1", ADDRESS]))
    await expect(live).to_have_text("family@x.org, e-mail, 2 connections")
    await expect(row).to_contain_text("family@x.org")
    marked = "document.querySelector('#graph')._cyreg.cy.nodes('.at').map((one) => one.id())"
    assert await look.page.evaluate(marked) == [ADDRESS]
    await press("Enter")
    await expect(live).to_have_text("2 added around family@x.org")
    zoom = "document.querySelector('#graph')._cyreg.cy.zoom()"
    first = await look.page.evaluate(zoom)
    await press("+")
    assert await look.page.evaluate(zoom) > first
    await press("-")
    await press("-")
    assert await look.page.evaluate(zoom) < first
    await press("0")
    await press("Escape")
    await expect(look.page.locator("#drawn")).to_be_focused()
    await look.page.locator("#drawn").get_by_role("button", name="p-2", exact=True).click()
    await expect(row).to_contain_text("p-2")
    assert await look.page.evaluate(marked) == ["profile:p-2"]
    await look.page.get_by_role("button", name="Expand p-2").press("Enter")
    await expect(live).to_have_text("Nothing else lies around p-2")
    await expect(row.get_by_role("link", name="Open p-2")).to_have_attribute("href", f"/console/{brand.brand_id}/profiles/p-2")


async def test_the_slider_hides_what_came_later_and_says_how_much(look: Look, shop: Shop) -> None:
    await look.at(shop.path(f"graph?profile={shop.person}"))
    slider, told = look.page.get_by_label("Until"), look.page.locator("#told")
    everything = await lying(look.page)
    await expect(told).to_have_text(f"All {len(everything)} shown")
    await slider.focus()
    await look.page.keyboard.press("Home")
    await expect(told).to_have_text(re.compile(rf"^\d of {len(everything)} shown, until 15 Jan 2024$"))
    first = await lying(look.page)
    assert {"events:purchase@profile:" + shop.person, f"profile:{shop.person}"} <= first.keys()
    assert f"{len(first)} of" in (await told.inner_text())
    await expect(look.page.locator("#drawn tbody tr")).to_have_count(len(first))
    await expect(look.page.locator("#drawn tbody")).to_contain_text("purchase x1")
    await expect(look.page).to_have_url(re.compile("until=2024-01-1"))
    address, said = look.page.url, await told.inner_text()
    await look.page.keyboard.press("ArrowRight")
    await expect(told).not_to_have_text(said)
    await expect(look.page).not_to_have_url(address)
    address = look.page.url
    second = await lying(look.page)
    assert first.keys() < second.keys() < everything.keys()
    await look.page.keyboard.press("End")
    await expect(told).to_have_text(f"All {len(everything)} shown")
    await expect(look.page.locator("#drawn tbody")).to_contain_text("purchase x2")
    await look.page.goto("about:blank")
    await look.at(address)
    assert (await lying(look.page)).keys() == second.keys()


async def test_two_that_are_chosen_are_explained(look: Look, shop: Shop) -> None:
    await look.at(shop.path("graph?identifier=email:Sarah.Johnson@email.com"))
    await look.page.locator("#graph").focus()
    await look.page.keyboard.press(" ")
    await look.page.get_by_role("button", name="Choose LOY-789456").click()
    await expect(look.page.locator("#picked")).to_have_text("sarah.johnson@email.com and LOY-789456 chosen.")
    await look.page.get_by_role("link", name="Explain these two").click()
    await expect(look.page.get_by_role("heading", level=1)).to_have_text("Why these are one person")
    way = look.page.locator("ol.way").first.locator("> li")
    await expect(way.first).to_contain_text("sarah.johnson@email.com")
    await expect(way.nth(1)).to_contain_text("shopify")
    await expect(way.last).to_contain_text("LOY-789456")


async def hub(brand: Brand, people: int) -> None:
    await brand.see(user_id="u-0", cookie="kiosk")
    await brand.cypher(
        """MATCH (i:Identifier {brand_id: $brand, value: 'kiosk'})
           UNWIND range(1, $people) AS n
           CREATE (p:ProfileId:Profile {key: $brand + '|x' + n, brand_id: $brand, profile_id: 'x' + n})-[:HAS_IDENTIFIER]->(i)
           CREATE (p)<-[:ATTACHED_TO]-(:Event {key: $brand + '|y' + n, brand_id: $brand, event_id: 'y' + n, type: 'page_view',
             occurred_at: datetime('2024-01-01T00:00:00Z') + duration({hours: n})})-[:CARRIES]->(i)""",
        people=people,
    )


async def test_more_is_drawn_only_after_asking(look: Look, brand: Brand) -> None:
    await hub(brand, 60)
    await look.at(f"/console/{brand.brand_id}/graph?identifier=cookie:kiosk&show=30")
    more = look.page.locator("#more")
    assert len(await lying(look.page)) == 30
    await expect(more).to_contain_text(re.compile(r"^\d+\+ more not drawn"))
    await more.get_by_role("link", name="Draw up to 5,000").click()
    await expect(look.page.locator("#told")).to_have_text("All 124 shown")
    await expect(more).to_be_hidden()
    await expect(look.page.locator("[data-place]")).to_have_text("1 to 100 of 124")
    await look.page.get_by_role("button", name="After").click()
    await expect(look.page.locator("[data-place]")).to_have_text("101 to 124 of 124")


# What cytoscape draws as lines, how many dots have names, and how much of the canvas under the dots is painted.
MANY = """() => {
  const cy = document.querySelector("#graph")._cyreg.cy, canvas = document.querySelector("#graph canvas.lines");
  const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", { willReadFrequently: true });
  copy.drawImage(canvas, 0, 0);
  const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
  return [cy.edges().length, cy.nodes(".named").length, data.filter((value, at) => at % 4 === 3 && value).length];
}"""


async def many(page: Page, holds: Callable[[list[int]], bool]) -> list[int]:
    """Once it holds: a canvas is painted when the browser comes to it."""
    found: list[int] = []
    for _ in range(300):
        found = await page.evaluate(MANY)
        if holds(found):
            break
        await asyncio.sleep(0.1)
    assert holds(found), found
    return found


async def test_thousands_are_walked_named_where_they_can_be_read_and_hidden_by_time(look: Look, brand: Brand) -> None:
    await hub(brand, 400)
    await brand.cypher(
        """MATCH (p:Profile {brand_id: $brand}) WHERE p.profile_id STARTS WITH 'x'
           CREATE (p)-[:HAS_IDENTIFIER]->(:Identifier {key: $brand + '|m' + p.profile_id, brand_id: $brand, type: 'email',
             value: p.profile_id + '@x.org', standing: 'linkable'})"""
    )
    await look.at(f"/console/{brand.brand_id}/graph?identifier=cookie:kiosk&show=5000")
    await expect(look.page.locator("#told")).to_have_text("All 1204 shown")
    drawn, named, painted = await many(look.page, lambda found: found[2] > 0)
    assert (drawn, named) == (0, 0)
    live = look.page.locator("#live")
    await look.page.locator("#graph").focus()
    await expect(live).to_contain_text("kiosk, cookie, 802 connections")
    await look.page.keyboard.press("ArrowRight")
    await expect(live).to_contain_text("connections")
    await expect(live).not_to_contain_text("kiosk")
    for _ in range(15):
        await look.page.keyboard.press("+")
    assert (await many(look.page, lambda found: found[1] > 0))[1] < 100
    await look.page.keyboard.press("0")
    await look.page.get_by_label("Until").press("Home")
    await expect(look.page.locator("#told")).to_contain_text("of 1204 shown, until 1 Jan 2024")
    await many(look.page, lambda found: found[2] < painted)


async def test_the_service_says_where_many_nodes_lie(client: httpx.AsyncClient, brand: Brand, stranger: Brand) -> None:
    await hub(brand, 300)
    path = f"/console/{brand.brand_id}/graph"
    few = (await client.get(f"{path}/data?start=identifier:cookie:kiosk&show=150")).json()
    assert (len(few["nodes"]), few["or_more"], few["settled"]) == (150, True, False)
    many = (await client.get(f"{path}/data?start=identifier:cookie:kiosk")).json()
    assert (len(many["nodes"]), many["more"], many["or_more"], many["settled"]) == (500, 104, False, True)
    assert len({tuple(node["at"]) for node in many["nodes"]}) == 500
    assert many == (await client.get(f"{path}/data?start=identifier:cookie:kiosk")).json()
    one = next(node for node in many["nodes"] if node["id"].startswith("events:page_view@profile:x"))
    person = one["id"].rpartition(":")[2]
    assert (one["label"], len(one["times"])) == ("page view", 1)
    assert one["page"] == f"/console/{brand.brand_id}/profiles/{person}?type=page_view#timeline"
    around = (await client.get(f"{path}/around", params={"node": one["id"]})).json()
    assert {node["id"] for node in around["nodes"]} == {one["id"], f"profile:{person}", "identifier:cookie:kiosk"}
    assert (await client.get(f"/console/{stranger.brand_id}/graph/data?start=identifier:cookie:kiosk")).status_code == 404


async def test_a_graph_that_does_not_come_says_so_and_can_be_asked_for_again(look: Look, shop: Shop) -> None:
    held: list[Route] = []

    async def hold(route: Route) -> None:
        held.append(route)

    await look.page.route("**/graph/data?*", hold)
    await look.page.goto(shop.path(f"graph?profile={shop.person}"))
    await expect(look.page.locator("#graph-state")).to_have_text("Reading the graph ...")
    await held[0].abort()
    await expect(look.page.get_by_role("alert")).to_contain_text("The graph could not be read.")
    await look.page.unroute("**/graph/data?*")
    await look.page.get_by_role("button", name="Try again").click()
    await expect(look.page.locator("#told")).to_contain_text("shown")
    await expect(look.page.get_by_role("alert")).to_be_hidden()
    look.complaints.clear()  # the browser itself tells of what was cut off


async def test_a_review_that_waits_leads_to_its_page(client: httpx.AsyncClient, brand: Brand) -> None:
    review_id, members = await conflict(brand, "a")
    drawn = (await client.get(f"/console/{brand.brand_id}/graph/data?start=profile:{members[0]}")).json()
    (dot,) = (one for one in drawn["nodes"] if one["kind"] == "review")
    assert (dot["label"], dot["page"]) == ("pending review", f"/console/{brand.brand_id}/reviews/{review_id}")
