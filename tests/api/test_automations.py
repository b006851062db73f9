"""Automations over HTTP: the three that each brand begins with, and those that it makes."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.api.brand import CART, Brand

MINE = {
    "name": "Thank you",
    "trigger": "purchase",
    "conditions": [{"field": "profile.total_orders", "op": ">=", "value": 2}],
    "channel": "sms",
    "template": "Thank you, {{ first_name }}!",
    "cap": {"messages": 1, "days": 7},
    "quiet_hours": {"from": "21:00", "to": "08:00", "timezone": "Europe/London"},
}
NAMES = ["Cart Abandonment Recovery", "Churn Risk Retention Campaign", "VIP Customer Treatment"]


async def call(client: httpx.AsyncClient, brand: Brand, method: str, path: str = "", body: Any = None) -> httpx.Response:
    return await client.request(method, f"/api/automations{path}", json=body, headers={"x-brand-id": brand.brand_id})


async def test_a_brand_begins_with_three(brand: Brand) -> None:
    assert await brand.data("/api/automations") == []
    assert await brand.count("Brand") == 0, "reading makes no brand"
    await brand.post("/api/integrations/track", CART)
    found = await brand.data("/api/automations")
    assert [one["name"] for one in found] == NAMES
    cart, churn, vip = found
    assert (cart["trigger"], cart["channel"], cart["cap"], cart["quiet_hours"]) == ("cart_abandonment", "whatsapp", None, None)
    assert (churn["trigger"], churn["threshold"], churn["channel"]) == ("churn", 0.7, "whatsapp")
    assert churn["conditions"] == [{"field": "prediction.segment", "op": "=", "value": "at_risk"}]
    assert churn["template"] == "Hi {{ first_name }}! We miss you. Here's 20% off your next purchase: SAVE20"
    assert (vip["trigger"], vip["segment"], vip["channel"]) == ("segment", "champion", "email")
    assert await brand.pages("/api/automations", limit=1) == found


async def test_one_that_was_deleted_never_comes_back(client: httpx.AsyncClient, brand: Brand) -> None:
    await brand.post("/api/integrations/track", CART)
    for one in await brand.data("/api/automations"):
        assert (await call(client, brand, "DELETE", f"/{one['automation_id']}")).status_code == 200
    assert await brand.data("/api/automations") == []
    assert (await call(client, brand, "DELETE", "/vip-customer-treatment")).status_code == 404


async def test_make_read_replace_change_delete(client: httpx.AsyncClient, brand: Brand, stranger: Brand) -> None:
    made = (await brand.post("/api/automations", MINE))["data"]
    path = f"/{made['automation_id']}"
    assert made | MINE == made
    assert (made["version"], made["active"]) == (1, True)
    assert len(await brand.data("/api/automations")) == 4
    assert await brand.data(f"/api/automations{path}") == made
    assert (await call(client, stranger, "GET", path)).status_code == 404
    changed = (await call(client, brand, "PATCH", path, {"active": False, "cap": None})).json()["data"]
    assert changed | {"active": False, "cap": None, "version": 2, "template": MINE["template"]} == changed
    replaced = (await call(client, brand, "PUT", path, {**MINE, "name": "Thanks"})).json()["data"]
    assert replaced | {"name": "Thanks", "active": True, "cap": MINE["cap"], "version": 3} == replaced
    assert replaced["created_at"] == made["created_at"]
    assert (await call(client, brand, "DELETE", path)).json() == {
        "data": {"automation_id": made["automation_id"], "deleted": True}
    }
    for method, body in (("GET", None), ("PUT", MINE), ("PATCH", {}), ("DELETE", None)):
        assert (await call(client, brand, method, path, body)).status_code == 404


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"colour": "red"}, "colour"),
        ({"name": "  "}, "name"),
        ({"channel": "pigeon"}, "channel"),
        ({"active": "yes"}, "active"),
        ({"template": "{{ first_name"}, "template"),
        ({"template": "{{ x.__class__ }}"}, "underscore"),
        ({"trigger": "segment"}, "segment"),
        ({"trigger": "segment", "segment": "champions"}, "there are champion, "),
        ({"trigger": "churn", "threshold": 70}, "threshold"),
        ({"threshold": 0.7}, "churn trigger"),
        ({"conditions": [{"field": "shoe", "op": "=", "value": 1}]}, "none that is known"),
        ({"conditions": [{"field": "profile.total_orders", "op": "~", "value": 1}]}, "op"),
        ({"channel": "email"}, "subject"),
        ({"subject": "Hi"}, "subject"),
        ({"cap": {"messages": 0, "days": 1}}, "messages"),
        ({"quiet_hours": {"from": "25:00", "to": "08:00"}}, "quiet_hours"),
        ({"quiet_hours": {"from": "21:00", "to": "08:00", "timezone": "Moon/Base"}}, "time zone"),
        ({"channel": "whatsapp", "content_sid": "HX1"}, "content_sid"),
        ({"content_variables": {"1": "x"}}, "content_sid"),
        ({"name": ""}, "name"),
    ],
)
async def test_what_is_wrong_is_told(client: httpx.AsyncClient, brand: Brand, change: dict[str, Any], word: str) -> None:
    answer = await call(client, brand, "POST", "", MINE | change)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert word in answer.text
    assert await brand.count("Brand") == 0, "nothing was stored"


async def test_a_change_that_is_wrong_changes_nothing(client: httpx.AsyncClient, brand: Brand) -> None:
    made = (await brand.post("/api/automations", MINE))["data"]
    path = f"/{made['automation_id']}"
    answer = await call(client, brand, "PATCH", path, {"template": "{% nonsense %}", "shoe": 1})
    assert answer.status_code == 422
    assert "shoe" in answer.text
    assert await brand.data(f"/api/automations{path}") == made


@pytest.mark.parametrize(
    "value",
    ["Infinity", "NaN", "99999999999999999999", '"\\ud800"', "[1, 1e400]", "[" * 2_000],
    ids=["infinity", "nan", "large", "surrogate", "listed", "deep"],
)
async def test_no_number_and_no_text_is_refused_where_it_stands(client: httpx.AsyncClient, brand: Brand, value: str) -> None:
    text = json.dumps({**MINE, "conditions": [{"field": "profile.total_orders", "op": "=", "value": "HERE"}]})
    body, headers = text.replace('"HERE"', value), {"x-brand-id": brand.brand_id}
    answer = await client.post("/api/automations", content=body, headers=headers)
    assert answer.status_code == 422, answer.text
    assert "\ufffd" not in answer.text
    assert await brand.data("/api/automations") == []


async def test_what_is_waited_for_is_spelt_as_events_are(client: httpx.AsyncClient, brand: Brand) -> None:
    for written in (" Purchase\t", "Order Completed"):
        made = await call(client, brand, "POST", body={**MINE, "trigger": written})
        assert (made.status_code, made.json()["data"]["trigger"]) == (201, "purchase")
    for name in (" ", "a\x00b"):
        assert (await call(client, brand, "POST", body={**MINE, "trigger": name})).status_code == 422


async def test_a_change_of_what_somebody_else_changed_is_refused(client: httpx.AsyncClient, brand: Brand) -> None:
    made = (await brand.post("/api/automations", MINE))["data"]
    path = f"/{made['automation_id']}"
    assert (await call(client, brand, "PATCH", path, {"name": "One", "version": 1})).json()["data"]["version"] == 2
    for method, body in (("PATCH", {"name": "Two", "version": 1}), ("PUT", {**MINE, "version": 1})):
        answer = await call(client, brand, method, path, body)
        assert answer.status_code == 409
        assert "version 2, not 1" in answer.json()["detail"]
    for tag, status in (('"1"', 409), ('"2"', 200), ("2", 409), ('W/"3"', 200), ("*", 200), ("x", 422)):
        headers = {"x-brand-id": brand.brand_id, "if-match": tag}
        answer = await client.patch(f"/api/automations{path}", json={"active": True}, headers=headers)
        assert answer.status_code == status, tag
    assert (await call(client, brand, "PATCH", path, {"version": "5"})).status_code == 422
    found = await brand.data(f"/api/automations{path}")
    assert (found["name"], found["version"]) == ("One", 5)
    for tag, status in (('"4"', 409), ("x", 422), ('"5"', 200)):
        answer = await brand.call("DELETE", f"/api/automations{path}", {"if-match": tag})
        assert answer.status_code == status, tag


async def test_of_changes_at_once_none_is_lost(client: httpx.AsyncClient, brand: Brand) -> None:
    made = (await brand.post("/api/automations", MINE))["data"]
    path = f"/{made['automation_id']}"
    changes: list[dict[str, Any]] = [{"name": "One"}, {"template": "Two"}, {"active": False}, {"cap": None}, {"conditions": []}]
    answers = await asyncio.gather(*(call(client, brand, "PATCH", path, change) for change in changes))
    assert {answer.status_code for answer in answers} == {200}
    found = await brand.data(f"/api/automations{path}")
    assert found["version"] == 1 + len(changes)
    for change in changes:
        assert found | change == found


async def test_a_cart_of_just_now_can_be_tried(brand: Brand) -> None:
    """By a job's clock that is hours ahead; the true clock finds it answered, and scores people again."""
    now = datetime.now(UTC)
    fields = ("event", "product_name", "phone")
    await brand.post("/api/integrations/track", dict(zip(fields, ("cart_add", "Boots", "+442079460018"), strict=True)))
    await brand.post("/api/events", {"type": "purchase", "identifiers": {"email": "ann@x.org"}, "properties": {"total": 9}})
    for job, hours, messages in (
        ("automations", 1, 0), ("automations", 3, 1), ("predictions", 40, 1), ("automations", 0, 1), ("predictions", 0, 1)
    ):  # fmt: skip
        await brand.post(f"/api/jobs/{job}/run", {"as_of": (now + timedelta(hours=hours, minutes=1)).isoformat()})
        assert len(await brand.data("/api/campaign-executions")) == messages
    (ann,) = await brand.data("/api/profiles?email=ann@x.org")
    scored = (await brand.data(f"/api/profiles/{ann['profile_id']}/360"))["predictions"]["as_of"]
    assert datetime.fromisoformat(scored) < now + timedelta(hours=1)
