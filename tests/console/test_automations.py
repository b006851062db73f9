"""Admins make an automation, try it without sending, change it, and see and decide what came of it."""

import asyncio
import re
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from playwright.async_api import expect

from tests.api.brand import Brand
from tests.console.looking import Look

FORM = {"sec-fetch-site": "same-origin"}
MADE = "0b1f6c1e-0000-4000-8000-000000000001"
MINE = {
    "automation_id": MADE,
    "name": "Thanks",
    "trigger": "event",
    "event_type": "refund",
    "channel": "sms",
    "template": "Hi {{ first_name }}",
    "active": "1",
}


def path(brand: Brand, *rest: str) -> str:
    return "/".join(("/console", brand.brand_id, "automations", *rest))


async def person(brand: Brand, name: str, city: str) -> str:
    known = {"email": f"{name.lower()}@x.org", "phone": f"+1555017{len(name)}"}
    return await brand.bring(profile_id=name.lower(), identifiers=known, attributes={"first_name": name, "city": city})


async def refund(brand: Brand, name: str) -> None:
    at = (datetime.now(UTC) - timedelta(minutes=5)).isoformat()
    await brand.post("/api/events", {"type": "refund", "identifiers": {"email": f"{name.lower()}@x.org"}, "occurred_at": at})


async def test_an_automation_is_built_tried_mended_and_stored(look: Look, brand: Brand) -> None:
    for name, city in (("Anna", "Austin"), ("Bertha", "Berlin")):
        await person(brand, name, city)
        await refund(brand, name)
    page = look.page
    await look.at(path(brand))
    await expect(page.locator("ol.people > li")).to_have_count(3)
    await page.get_by_role("link", name="New automation").click()
    await expect(page.get_by_label("Segment that is entered")).to_be_hidden()
    await page.get_by_label("Name").fill("Sorry")
    await page.get_by_label("Trigger").select_option("event")
    await page.get_by_label("Type of the event").fill("refund")
    await page.get_by_role("button", name="Add a condition").click()
    await expect(page.get_by_label("Field of condition 1")).to_be_focused()
    await page.get_by_label("Field of condition 1").fill("profile.attributes.city")
    await page.get_by_label("Value of condition 1").fill("Austin")
    await page.route("**/draft", lambda route: route.abort())
    await page.get_by_role("button", name="Add a condition").click()
    await expect(page.locator("#conditions")).to_contain_text("The service does not answer.")
    await page.unroute_all()
    await page.get_by_role("button", name="Try again").click()
    await page.get_by_role("button", name="Remove condition 2").click()
    await expect(page.locator(".conditions > li")).to_have_count(1)
    await expect(page.get_by_label("Value of condition 1")).to_have_value("Austin")
    await page.get_by_label("Text").fill("Hi {{ first_name")
    await page.get_by_label("Channel").select_option("sms")
    await page.get_by_role("button", name="Make it").click()
    await expect(page.get_by_role("alert")).to_contain_text("Nothing was stored")
    await expect(page.get_by_label("Text")).to_be_focused()
    await expect(page.get_by_label("Text")).to_have_accessible_description(re.compile("line 1"))
    assert await look.violations() == []
    assert len(await brand.data("/api/automations")) == 3
    await page.get_by_role("button", name="Preview").click()
    await expect(page.locator("#preview")).to_contain_text("Nothing to preview yet. Mend first:")
    await page.get_by_label("Text").fill("Hi {{ first_name }}, sorry.")
    await page.get_by_role("button", name="Preview").click()
    preview = page.locator("#preview")
    await expect(preview).to_contain_text("Hi Anna, sorry.")
    await expect(preview).to_contain_text("1 would be written to, 1 not.")
    await expect(preview).to_contain_text("profile.attributes.city = Austin does not hold: 1")
    assert await look.violations() == []
    await page.get_by_label("Profile id of who reads it").fill("nobody")
    await page.get_by_role("button", name="Preview").click()
    await expect(preview).to_contain_text("nobody has the profile id")
    assert await brand.data("/api/automation-executions") == []
    await page.get_by_role("button", name="Make it").click()
    await expect(page.get_by_text("Saved.")).to_be_visible()
    made = (await brand.data("/api/automations"))[-1]
    assert (made["name"], made["trigger"], made["conditions"]) == (
        "Sorry", "refund", [{"field": "profile.attributes.city", "op": "=", "value": "Austin"}],
    )  # fmt: skip
    await brand.post("/api/jobs/automations/run", {})
    await page.get_by_role("link", name="What it did").click()
    entry = page.locator(".executions > li")
    await expect(entry).to_have_count(1)
    await expect(entry).to_contain_text("message sent (sandbox)")
    await expect(entry.get_by_role("link", name="Anna")).to_be_visible()
    await entry.get_by_text("Text of Sorry").click()
    await expect(entry.locator(".body")).to_have_text("Hi Anna, sorry.")
    look.complaints.clear()  # the browser itself tells of the 422


async def test_a_form_applies_once_and_never_on_what_has_moved(client: httpx.AsyncClient, brand: Brand) -> None:
    await person(brand, "Anna", "Austin")
    twice = await asyncio.gather(*(client.post(path(brand, "new", "save"), data=MINE, headers=FORM) for _ in range(2)))
    assert [one.status_code for one in twice] == [303, 303]
    other = await client.post(path(brand, "new", "save"), data={**MINE, "name": "Other"}, headers=FORM)
    nameless = await client.post(path(brand, "new", "save"), data={**MINE, "automation_id": ""}, headers=FORM)
    assert (other.status_code, nameless.status_code) == (409, 400)
    assert [one["automation_id"] for one in await brand.data("/api/automations")].count(MADE) == 1
    save = path(brand, MADE, "save")
    changes = [client.post(save, data={**MINE, "version": "1", "name": name}, headers=FORM) for name in ("A", "B")]
    assert sorted([one.status_code for one in await asyncio.gather(*changes)]) == [303, 409]
    refused = await client.post(save, data={**MINE, "version": "2", "channel": "email"}, headers=FORM)
    assert (refused.status_code, "needs a `subject`" in refused.text) == (422, True)
    # Without JavaScript the draft is the whole page, and what was typed stands in it.
    draft = await client.post(path(brand, MADE, "draft"), data={**MINE, "version": "2", "name": "C", "add": "1"}, headers=FORM)
    assert ('value="C"' in draft.text, "Remove" in draft.text, "<main" in draft.text) == (True, True, True)
    stands = await brand.data(f"/api/automations/{MADE}")
    assert (stands["name"] in ("A", "B"), stands["version"], stands["channel"]) == (True, 2, "sms")
    # Nor is one deleted that another admin has just changed.
    for version, status in (("1", 409), ("2", 303), ("2", 404)):
        deleted = await client.post(path(brand, MADE, "delete"), data={"version": version}, headers=FORM)
        assert deleted.status_code == status
    assert MADE not in [one["automation_id"] for one in await brand.data("/api/automations")]


async def test_a_failed_message_is_sent_once_more_and_a_large_run_is_decided(
    look: Look, brand: Brand, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await person(brand, "Anna", "Austin")
    await brand.post("/api/automations", {"name": "Sorry", "trigger": "refund", "channel": "sms", "template": "Hi"})
    await refund(brand, "Anna")
    await brand.post("/api/jobs/automations/run", {})
    await brand.cypher(
        "MATCH (x:AutomationExecution {brand_id: $brand})-[:SENT_AS]->(c) SET x.status = 'failed', c.status = 'failed', "
        "c.reason = 'given up' REMOVE c.message_id "
        "CREATE (:AutomationBatch {key: $brand + '|b1', brand_id: $brand, batch_id: 'b1', automation_id: 'x', "
        "automation_name: 'Sorry', status: 'waiting', people: 612, created_at: datetime(), as_of: datetime()})"
    )
    await brand.cypher(
        "MATCH (b:AutomationBatch {brand_id: $brand, batch_id: 'b1'}) CREATE (c:AutomationBatch) "
        "SET c = b {.*, batch_id: 'b2', key: b.key + '2'}"
    )
    monkeypatch.setattr("app.console.outreach.PAGE", 1)
    first = (await client.get(path(brand, "approvals"))).text
    (older,) = re.findall(r'href="([^"]+)">Older<', first)
    second = (await client.get(older.replace("&amp;", "&"))).text
    assert [one.count("Send to these") for one in (first, second)] == [1, 1]
    assert (">Older<" in second, 'value="b1"' in first) == (False, 'value="b2"' in second)
    await brand.cypher("MATCH (b:AutomationBatch {brand_id: $brand, batch_id: 'b2'}) DETACH DELETE b")
    page = look.page
    await look.at(path(brand, "executions?status=failed"))
    await expect(page.locator(".executions > li")).to_contain_text("Why: given up")
    await page.get_by_role("button", name="Send it once more").click()
    await expect(page.get_by_text("Queued once more.")).to_be_visible()
    assert [one["status"] for one in await brand.data("/api/campaign-executions")] == ["queued"]
    await page.get_by_role("link", name="Approvals").click()
    await page.get_by_label("Why").fill("looked at it")
    assert await look.violations() == []
    await page.get_by_role("button", name="Send to these 612").click()
    await expect(page.locator("ol.timeline")).to_contain_text("looked at it")
    again = await page.request.post(path(brand, "approvals", "rejected"), form={"batch_id": "b1"}, headers=FORM)
    assert (again.status, [one["status"] for one in await brand.data("/api/automation-batches", status="approved")]) == (
        409,
        ["approved"],
    )
