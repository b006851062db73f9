"""Whom an automation would write to, told beforehand: just what its next run does, and nothing is written by asking."""

from datetime import UTC, datetime, timedelta

import pytest

from app.act.automations import Automation, find_automation
from app.act.channels.sandbox import Sandbox
from app.act.foresight import Foresight, foresee, text_for
from app.act.proposal import AutomationIn
from app.act.queueing import Rules
from app.graph.driver import Graph
from tests.act.conftest import Acting

RULES = Rules(dict.fromkeys(("whatsapp", "sms", "email"), Sandbox()), require_consent=False, most_people=2)


def told(seen: Foresight) -> tuple[dict[str, str], dict[str, str]]:
    return {one.name: one.body for one in seen.reached}, {one.name: one.reason for one in seen.held}


async def test_what_is_foreseen_is_what_a_run_does(graph: Graph, brand: Acting, monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime.now(UTC)
    for name, number in (("Anna", "+1-555-0151"), ("Bert", "+1-555-0152"), ("Cleo", "+1-555-0153")):
        city = "Berlin" if name == "Cleo" else "Austin"
        await brand.person(name, number, city=city, **({"whatsapp_consent": "no"} if name == "Bert" else {}))
        await brand.adds(f"{name.lower()}@example.com", now - timedelta(hours=3))
    condition = {"field": "profile.attributes.city", "op": "=", "value": "Austin"}
    cart = await brand.only("cart_abandonment", conditions=[condition])
    automation = await find_automation(graph, brand.brand_id, cart)
    seen = await foresee(graph, brand.brand_id, automation, RULES)
    reached, held = told(seen)
    assert reached.keys() == {"Anna"}
    assert "Premium Sneakers" in reached["Anna"]
    assert held == {"Bert": "opted out", "Cleo": "profile.attributes.city = Austin does not hold"}
    assert (seen.more, seen.needs_approval) == (False, True)
    assert (await brand.executions(), await brand.messages()) == ([], [])
    fewer = await foresee(graph, brand.brand_id, automation, RULES, limit=1)
    assert (len(fewer.reached) + len(fewer.held), fewer.more) == (1, True)
    monkeypatch.setattr("app.act.foresight.MOST_PAGES", 1)
    assert (await foresee(graph, brand.brand_id, automation, RULES)).more
    await brand.job(now)
    assert [(one["status"], one["reason"]) for one in await brand.executions()].count(("skipped", "opted out")) == 1
    assert [one["body"] for one in await brand.messages()] == list(reached.values())
    answered = told(await foresee(graph, brand.brand_id, automation, RULES))
    assert answered == ({}, {"Cleo": "profile.attributes.city = Austin does not hold"}), "she was never triggered"


def draft(trigger: str, **more: object) -> Automation:
    return AutomationIn.model_validate(
        {"name": "New", "trigger": trigger, "channel": "sms", "template": "Hi {{ first_name }}", **more}
    ).automation("not-stored")


async def test_stays_and_events_are_foreseen_and_a_text_for_anybody(graph: Graph, brand: Acting) -> None:
    now = datetime.now(UTC)
    for name, number in (("Dora", "+1-555-0161"), ("Emil", "+1-555-0162")):
        await brand.person(name, number)
    await brand.predict("dora", now - timedelta(hours=1), "champion", churn=0.9)
    await brand.does("emil@example.com", now - timedelta(minutes=5), "refund")
    for one, name in ((draft("segment", segment="champion"), "Dora"), (draft("churn"), "Dora"), (draft("refund"), "Emil")):
        assert told(await foresee(graph, brand.brand_id, one, RULES)) == ({name: f"Hi {name}"}, {})
    text = await text_for(graph, brand.brand_id, draft("refund"), "dora")
    assert text is not None
    assert (text.to, text.body) == ("+15550161", "Hi Dora")
    assert await text_for(graph, brand.brand_id, draft("refund"), "nobody") is None
