"""Operations: figures that grow old and say so, jobs by hand, and identifiers that are one person's after all."""

import re

import httpx
from playwright.async_api import Route, expect

from tests.api.brand import Brand
from tests.console.looking import Look, Shop
from tests.console.test_deciding import FORM, path
from tests.console.test_operating import AGES

PURE = """async ([address, seconds]) => {
  const { ago, isStale } = await import(address);
  return [seconds.map(ago), [10, 12.5, 12.6].map((silent) => isStale(silent, 5))];
}"""
LATER = "() => { const now = performance.now.bind(performance); performance.now = () => now() + 13000; }"
LOOK = """async (name) => {
  const part = document.querySelector(`#${name} [data-live]`);
  await htmx.ajax("GET", part.getAttribute("hx-get"), { source: part, target: part });
}"""


async def test_figures_grow_old_and_after_two_missed_looks_they_say_so(look: Look, shop: Shop) -> None:
    page = look.page
    await page.route("**/operations/traffic*", lambda route: route.abort())
    await look.at(shop.path("operations"))
    traffic = page.get_by_role("region", name="Traffic")
    await page.unroute_all()
    await traffic.get_by_role("button", name="Try again").click()
    await expect(traffic).to_contain_text("Stream lag")
    await expect(traffic.locator("[data-age]").first).to_have_text(re.compile(r"^\d+ s ago$"))
    await expect(page.get_by_role("img", name="People by their number of events")).to_be_visible()
    module = await page.locator("script[src$='live.js']").get_attribute("src")
    assert module is not None
    words, stale = await page.evaluate(PURE, [module.replace("live.js", "ages.js"), list(AGES)])
    assert (words, stale) == (list(AGES.values()), [False, False, True])
    assert await look.violations() == []

    async def away(route: Route) -> None:
        await route.fulfill(status=503, content_type="text/html", body="<p>away</p>")

    await page.route("**/operations/traffic*", away)
    await page.evaluate(LOOK, "traffic")
    await page.evaluate(LATER)
    await expect(traffic.get_by_text("Nothing was heard for")).to_be_visible()
    await expect(traffic).to_contain_text("Stream lag")
    assert await look.violations() == []
    await page.unroute_all()
    await page.evaluate(LOOK, "traffic")
    await expect(traffic.get_by_text("Nothing was heard for")).to_be_hidden()
    await expect(traffic).to_contain_text(re.compile(r"[\d.]+\s+events a second"))
    look.complaints.clear()  # the browser itself tells of what did not come


async def test_a_job_is_run_by_hand(look: Look, brand: Brand) -> None:
    await brand.see(email="a@x.org")
    await look.at(path(brand, "operations"))
    await look.page.get_by_role("button", name="Run maintenance").click()
    await expect(look.page).to_have_url(re.compile("operations#jobs$"))
    await look.settled()
    await look.page.evaluate(LOOK, "jobs")
    line = look.page.get_by_role("row").filter(has_text="maintenance")
    await expect(line).to_contain_text("done")
    await expect(line).to_contain_text(re.compile(r"[\d,]+ ms\s+nothing"))
    (run,) = await brand.data("/api/jobs/maintenance/runs")
    assert run["status"] == "done"


async def test_a_shared_identifier_is_declared_personal_once_it_was_looked_at(client: httpx.AsyncClient, brand: Brand) -> None:
    for name in "abcdefg":
        await brand.see(cookie="kiosk/1", email=f"{name}@x.org")
    said = (await client.get(path(brand, "operations", "shared"))).text
    (address,) = re.findall(r'href="([^"]+/cookie/[^"]+)"', said)
    assert "it links nobody" in (await client.get(address)).text
    form = {"status": "shared", "note": "Ada's own", "decided_by": "Kim"}
    assert (await client.post(f"{address}/declare", data={"status": "linkable"}, headers=FORM)).status_code == 409
    assert (await client.post(f"{address}/declare", data=form, headers=FORM)).headers["location"] == address
    now = await brand.data("/api/identifiers/cookie/kiosk%2F1")
    assert (now["status"], now["declared"], now["declared_by"], now["note"]) == ("linkable", "personal", "Kim", "Ada's own")
    assert "None is shared" in (await client.get(path(brand, "operations", "shared"))).text
    again = await client.post(f"{address}/declare", data=form, headers=FORM)
    assert (again.status_code, "nothing was changed; look at it again" in again.text) == (409, True)


async def test_parts_are_pages_too_and_know_their_process(client: httpx.AsyncClient, shop: Shop) -> None:
    first = (await client.get(shop.path("operations/traffic"))).text
    (mark,) = re.findall(r'name="since" value="([^"]+)"', first)
    assert "known with the next look" in first
    assert f"process <code>{mark.partition('.')[0]}</code>" in first
    part = await client.get(shop.path("operations/traffic"), params={"since": mark}, headers={"hx-request": "true"})
    assert ("known with the next look" in part.text, "<main" in part.text) == (False, False)
    health = (await client.get(shop.path("operations/health"))).text
    assert ("Reviews of today" in health, "<main" in health) == (True, True)
