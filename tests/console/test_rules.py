"""Rules in the console: drafted, rehearsed, put in force and taken back; and nothing that moved meanwhile."""

import re

import httpx
from playwright.async_api import expect

from app.console.rule_form import fields_of
from tests.api.brand import Brand
from tests.console.looking import Look
from tests.console.test_deciding import FORM, path


async def one_of_two_mails(brand: Brand) -> None:
    """One person: two e-mails with one card."""
    await brand.see(email="a@x.org", loyalty_id="L-1")
    await brand.see(email="b@x.org", loyalty_id="L-1")


async def test_rules_are_drafted_rehearsed_and_put_in_force(look: Look, brand: Brand) -> None:
    page = look.page
    await one_of_two_mails(brand)
    await look.at(path(brand, "rules"))
    await page.get_by_role("link", name="New draft").click()
    limit = page.get_by_label("Values of one person: email")
    await limit.fill("none")
    await page.get_by_label("Your name").fill("Kim")
    await page.get_by_role("button", name="Keep this draft").click()
    await expect(limit).to_have_attribute("aria-invalid", "true")
    await expect(page.get_by_role("alert")).to_contain_text("1 field was not taken")
    assert await look.violations() == []
    look.complaints.clear()  # the browser itself tells of the 422
    await limit.fill("1")
    await page.get_by_role("button", name="Keep this draft").click()
    await expect(page.get_by_role("row", name="email: values of one person 5 1")).to_be_visible()
    await page.get_by_role("button", name="Dry run").click()
    await expect(page).to_have_url(re.compile(r"/rules/runs/\w+$"))
    await expect(page.get_by_role("heading", name="It is done")).to_be_visible()
    await expect(page.get_by_role("heading", name="People who come out of another: 1")).to_be_visible()
    await expect(page.get_by_role("main").get_by_role("link", name="a@x.org")).not_to_have_count(0)
    assert await look.violations() == []
    assert (await look.overflow(320), await look.overflow(640)) == (0, 0)
    assert len(await brand.data("/api/profiles")) == 1
    await page.get_by_role("link", name="Put version 1 in force").click()
    await expect(page.get_by_role("main")).to_contain_text("People who come out of another: 1")
    await page.get_by_role("button", name="Put version 1 in force").click()
    await expect(page.get_by_role("heading", name="It is done")).to_be_visible()
    assert len(await brand.data("/api/profiles")) == 2
    runs = await brand.data("/api/rules/runs")
    assert [(one["kind"], one["begun_by"]) for one in runs] == [("promote", "Kim"), ("dry_run", "admin")]


async def test_what_was_looked_at_is_put_in_force_or_nothing(client: httpx.AsyncClient, brand: Brand) -> None:
    for most in (4, 5):
        await brand.post("/api/rules", {"max_auto_merge": most})

    async def looked_at(version: str, change: str) -> str:
        said = (await client.get(path(brand, "rules", version, change))).text
        (seen,) = re.findall(r'name="version" value="([^"]+)"', said)
        return str(seen)

    async def sent(version: str, change: str, seen: str) -> httpx.Response:
        return await client.post(path(brand, "rules", version, change), data={"version": seen}, headers=FORM)

    first, second = await looked_at("1", "promote"), await looked_at("2", "promote")
    assert (await sent("1", "promote", "")).status_code == 400
    await client.put("/api/rules/1", json={"max_auto_merge": 9}, headers={"x-brand-id": brand.brand_id})
    stale = await sent("1", "promote", first)
    assert (stale.status_code, "The rules moved meanwhile" in stale.text) == (409, True)
    assert (await sent("1", "promote", await looked_at("1", "promote"))).status_code == 303
    await brand.post("/api/jobs/rules/run", {})
    assert (await sent("2", "promote", second)).status_code == 409
    back = await looked_at("1", "rollback")
    await client.post("/api/rules/2/promote", headers={"x-brand-id": brand.brand_id})
    assert (await sent("1", "rollback", back)).status_code == 409
    assert (await brand.data("/api/rules/active"))["version"] == "2"
    assert (await sent("2", "rollback", await looked_at("2", "rollback"))).status_code == 303
    assert (await brand.data("/api/rules/active"))["version"] == "1"


async def test_a_draft_is_forgotten_and_a_version_that_held_is_not(client: httpx.AsyncClient, brand: Brand) -> None:
    await brand.post("/api/rules", {"max_auto_merge": 4})
    assert "Version 1" in (await client.get(path(brand, "rules"))).text
    gone = await client.post(
        path(brand, "rules", "1", "forget"), headers={**FORM, "content-type": "application/x-www-form-urlencoded"}
    )
    assert gone.status_code == 303
    assert "Version 1" not in (await client.get(path(brand, "rules"))).text


async def test_blocked_digits_are_the_number_that_was_seen(client: httpx.AsyncClient, brand: Brand) -> None:
    """They may be read as a number of New York and of Morocco; the form takes the one that this brand knows."""
    seen = (await brand.data(f"/api/profiles/{(await brand.see(phone='+2125550134'))['profile_id']}"))["identifiers"]["phone"]
    assert seen == "2125550134"
    fields = fields_of((await brand.data("/api/rules/active"))["rules"])
    form = {**fields, "based_on": "0", "blocked": "phone 2125550134\nemail WalkIn@shop.example\nshoe 1"}
    wrong = await client.post(path(brand, "rules", "new"), data=form, headers=FORM)
    assert (wrong.status_code, "is no type" in wrong.text) == (422, True)
    form["blocked"] = form["blocked"].removesuffix("\nshoe 1")
    assert (await client.post(path(brand, "rules", "new"), data=form, headers=FORM)).status_code == 303
    drafted = (await brand.data("/api/rules/1"))["rules"]["blocked"]
    assert [(one["type"], one["value"]) for one in drafted] == [("email", "walkin@shop.example"), ("phone", seen)]


async def test_a_run_that_has_ended_is_not_cancelled(client: httpx.AsyncClient, brand: Brand) -> None:
    await brand.post("/api/rules", {"max_auto_merge": 4})
    begun = await client.post(path(brand, "rules", "1", "dry-run"), data={"note": ""}, headers=FORM)
    assert begun.status_code == 303
    await brand.post("/api/jobs/rules/run", {})
    late = await client.post(f"{begun.headers['location']}/cancel", data={"note": ""}, headers=FORM)
    assert (late.status_code, "has ended already" in late.text) == (409, True)
