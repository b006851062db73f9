"""The real Twilio client against a server that behaves like Twilio: what is not sure is asked, never blindly sent again."""

import asyncio
import json
import logging
import uuid
from contextlib import AsyncExitStack
from typing import Any

import pytest
from neo4j import AsyncDriver

from app.graph.driver import Graph
from tests.act.conftest import NOON, Acting, Services, hours
from tests.act.fake_twilio import FakeTwilio, Wrong
from tests.conftest import new_brand

ANN, NUMBER = "ann@example.com", "+15550123"
CONTENT = "HX" + "0" * 32
SHORT_S = 0.4


async def service(services: Services, driver: AsyncDriver, fake: FakeTwilio, **more: Any) -> Acting:
    """A brand of a service that has credentials of the fake, and little patience."""
    given = {
        "twilio_account_sid": "AC" + "0" * 32,
        "twilio_auth_token": "secret",
        "twilio_whatsapp_from": "+15559999",
        "twilio_sms_from": "+15558888",
        "twilio_api_base": fake.url,
        "twilio_status_callback": "https://example.com/api/integrations/twilio/webhook/{brand}",
        "send_timeout_s": 10,
        "send_backoff_s": 600,
    }
    return Acting(new_brand(), await services.client(**{**given, **more}), driver)


async def cart(brand: Acting, number: str = NUMBER, email: str = ANN) -> None:
    await brand.does(email, NOON, "cart_add", {"product_name": "Sneakers"}, phone=number)
    await brand.writes(number, "hello", NOON - hours(1))


async def run_until_sent(brand: Acting) -> dict[str, Any]:
    for _ in range(10):
        await brand.later()
        await brand.job(NOON + hours(3))
        [message] = await brand.messages()
        if message["status"] != "queued":
            return message
    raise AssertionError("still queued")


async def test_a_message_leaves_by_whatsapp(services: Services, driver: AsyncDriver, twilio: FakeTwilio) -> None:
    brand = await service(services, driver, twilio)
    await cart(brand)
    assert (await brand.job(NOON + hours(3)))["sent"] == 1
    [message], [there] = await brand.messages(), twilio.messages
    assert (message["provider"], message["status"], message["message_id"]) == ("twilio", "sent", there["sid"])
    [form] = twilio.seen
    assert form == {
        "To": f"whatsapp:{NUMBER}",
        "From": "whatsapp:+15559999",
        "Body": message["body"],
        "StatusCallback": f"https://example.com/api/integrations/twilio/webhook/{brand.brand_id}?campaign={message['campaign_id']}",
    }


async def test_outside_of_24_hours_only_a_template(services: Services, driver: AsyncDriver, twilio: FakeTwilio) -> None:
    brand = await service(services, driver, twilio)
    await brand.does(ANN, NOON, "cart_add", {"product_name": "Sneakers"}, phone=NUMBER)
    await brand.writes(NUMBER, "hello", NOON - hours(22))
    assert (await brand.job(NOON + hours(3)))["skipped"] == 1
    assert "24-hour window" in (await brand.executions())[0]["reason"]
    variables = {"1": "{{ first_name }}", "2": "{{ product_name }}"}
    await brand.only("cart_abandonment", content_sid=CONTENT, content_variables=variables)
    await brand.does("b@example.com", NOON, "cart_add", {"product_name": "Boots"}, phone="+15550124")
    assert (await brand.job(NOON + hours(3)))["sent"] == 1
    [form] = twilio.seen
    assert form["ContentSid"] == CONTENT
    assert json.loads(form["ContentVariables"]) == {"1": "there", "2": "Boots"}
    assert "Body" not in form


async def test_sms_has_no_window(services: Services, driver: AsyncDriver, twilio: FakeTwilio) -> None:
    brand = await service(services, driver, twilio, twilio_sms_from="MG" + "0" * 32)
    await brand.only("cart_abandonment", channel="sms")
    await brand.does(ANN, NOON, "cart_add", {"product_name": "Sneakers"}, phone=NUMBER)
    assert (await brand.job(NOON + hours(3)))["sent"] == 1
    assert (twilio.seen[0]["To"], twilio.seen[0]["MessagingServiceSid"]) == (NUMBER, "MG" + "0" * 32)


@pytest.mark.parametrize("wrong", [Wrong(429), Wrong(503)])
async def test_what_passes_is_tried_again(services: Services, driver: AsyncDriver, twilio: FakeTwilio, wrong: Wrong) -> None:
    brand = await service(services, driver, twilio)
    await cart(brand)
    twilio.plan = lambda _: wrong if twilio.calls < 3 else None
    assert (await run_until_sent(brand))["status"] == "sent"
    assert len(twilio.messages) == 1
    assert twilio.calls == 3


@pytest.mark.parametrize("code", [21610, 21211])
async def test_what_never_will_be_is_not_tried_again(
    services: Services, driver: AsyncDriver, twilio: FakeTwilio, code: int
) -> None:
    brand = await service(services, driver, twilio)
    await cart(brand)
    twilio.plan = lambda _: Wrong(400, code)
    assert (await brand.job(NOON + hours(3)))["failed"] == 1
    [message], [execution] = await brand.messages(status="failed"), await brand.executions(status="failed")
    assert str(code) in message["reason"]
    assert execution["reason"] == message["reason"]
    assert (await brand.job(NOON + hours(4)))["failed"] == 0
    assert twilio.calls == 1


async def test_an_answer_that_came_too_late_is_found_and_not_sent_again(
    services: Services, driver: AsyncDriver, twilio: FakeTwilio
) -> None:
    brand = await service(services, driver, twilio, send_timeout_s=SHORT_S)
    await cart(brand)
    twilio.plan = lambda _: Wrong(answer_after_s=2 * SHORT_S)
    did = await brand.job(NOON + hours(3))
    assert (did["sent"], did["later"]) == (0, 1)
    assert (await brand.messages())[0]["status"] == "queued"
    message = await run_until_sent(brand)
    assert (message["status"], message["message_id"]) == ("sent", twilio.messages[0]["sid"])
    assert twilio.calls == len(twilio.messages) == 1


async def test_an_answer_that_trickles_in_holds_nobody_up(services: Services, driver: AsyncDriver, twilio: FakeTwilio) -> None:
    """A byte now and then, each in time; all of them take minutes."""
    brand = await service(services, driver, twilio, send_timeout_s=SHORT_S)
    await cart(brand)
    twilio.drips_s = SHORT_S / 2
    async with asyncio.timeout(20):
        did = await brand.job(NOON + hours(3))
        assert (did["sent"], did["later"]) == (0, 1)
        await brand.later()
        did = await brand.job(NOON + hours(3))  # what became of it is told as slowly
        assert (did["sent"], did["later"]) == (0, 1)
    twilio.drips_s = 0
    message = await run_until_sent(brand)
    assert (message["status"], message["message_id"]) == ("sent", twilio.messages[0]["sid"])
    assert twilio.calls == len(twilio.messages) == 1


@pytest.mark.parametrize("answer", [{}, {"sid": None}, {"sid": ""}, {"sid": 5}, []])
async def test_an_answer_that_names_no_message_tells_nothing(
    services: Services, driver: AsyncDriver, twilio: FakeTwilio, answer: Any
) -> None:
    """Of somebody in between, say. Two messages without an id are two."""
    brand = await service(services, driver, twilio)
    await cart(brand)
    await cart(brand, "+15550124", "bob@example.com")
    create = twilio.create
    twilio.create = lambda form: create(form) and (201, answer)  # type: ignore[method-assign]
    did = await brand.job(NOON + hours(3))
    assert (did["sent"], did["later"]) == (0, 2)
    await brand.later()
    assert (await brand.job(NOON + hours(3)))["sent"] == 2
    assert {one["message_id"] for one in await brand.messages(status="sent")} == {one["sid"] for one in twilio.messages}
    assert twilio.calls == 2


@pytest.mark.parametrize("answer", [[], {"messages": [1]}, {"messages": {"sid": 1}}])
async def test_a_list_that_nobody_can_read_is_asked_for_again_and_not_for_ever(
    services: Services, driver: AsyncDriver, twilio: FakeTwilio, answer: Any
) -> None:
    brand = await service(services, driver, twilio)
    await cart(brand)
    twilio.plan = lambda _: Wrong(500)
    twilio.listed = lambda _: (200, answer)  # type: ignore[method-assign]
    message = await run_until_sent(brand)
    assert message["status"] == "failed"
    assert "given up" in message["reason"]
    assert twilio.calls == 1


@pytest.mark.parametrize("sender", ["+15558888", "MG" + "0" * 32])
async def test_a_connection_that_broke_tells_nothing_and_nothing_is_sent_until_twilio_says_what_became_of_it(
    services: Services, driver: AsyncDriver, twilio: FakeTwilio, sender: str
) -> None:
    brand = await service(services, driver, twilio, twilio_sms_from=sender)
    await brand.only("cart_abandonment", channel="sms")
    await cart(brand)
    twilio.plan, twilio.lists = lambda _: Wrong(hangs_up=True), 503
    for _ in range(2):
        assert (await brand.job(NOON + hours(3)))["later"] == 1
        await brand.later()
    [waiting] = await brand.messages(status="queued")
    assert waiting["reason"].startswith("Twilio could not be asked what became of it: ")
    twilio.lists = 200
    message = await run_until_sent(brand)
    assert (message["status"], message["message_id"]) == ("sent", twilio.messages[0]["sid"])
    assert twilio.calls == len(twilio.messages) == 1


async def test_one_that_is_accepted_late_is_waited_for(services: Services, driver: AsyncDriver, twilio: FakeTwilio) -> None:
    """Asked at once it would not be there yet, and would be sent twice."""
    brand = await service(services, driver, twilio, send_timeout_s=SHORT_S)
    await cart(brand)
    twilio.plan = lambda _: Wrong(accept_after_s=2 * SHORT_S)
    for _ in range(2):
        did = await brand.job(NOON + hours(3))
    assert (did["sent"], did["later"]) == (0, 0), "it stays claimed"
    async with asyncio.timeout(20):
        while not twilio.messages:  # noqa: ASYNC110 - the outside world
            await asyncio.sleep(0.01)
    assert (await run_until_sent(brand))["status"] == "sent"
    assert twilio.calls == len(twilio.messages) == 1


async def test_of_two_templates_to_one_number_none_is_taken_for_the_other(
    services: Services, driver: AsyncDriver, twilio: FakeTwilio
) -> None:
    """What a template says nobody here knows. One was accepted, which nobody heard, and the list of messages is out of order; the
    other was not accepted, which nobody heard either. Both are asked for once the list works again."""
    brand = await service(services, driver, twilio)
    other = {"name": "Other", "trigger": "look", "channel": "whatsapp", "template": "x", "content_sid": "HX" + "1" * 32}
    await brand.only("cart_abandonment", content_sid=CONTENT)
    await brand.post("/api/automations", other)
    await brand.does(ANN, NOON, "cart_add", {"product_name": "Sneakers"}, phone=NUMBER)
    await brand.does(ANN, NOON, "look")
    wrong = {1: Wrong(hangs_up=True), 2: Wrong(500)}
    twilio.plan = lambda _: wrong.get(twilio.calls)
    twilio.lists = 503
    for _ in range(2):
        await brand.job(NOON + hours(3))
        await brand.later()
    twilio.lists = 200
    for _ in range(3):
        await brand.job(NOON + hours(3))
        await brand.later()
    there = {one["sid"]: one["of_template"] for one in twilio.messages}
    assert sorted(there.values()) == sorted([CONTENT, other["content_sid"]])
    assert {one["message_id"]: one["content_sid"] for one in await brand.messages()} == there


async def test_one_that_was_never_accepted_is_sent(services: Services, driver: AsyncDriver, twilio: FakeTwilio) -> None:
    """Another message of the same words, which an execution has, is not taken for it; nor is one of another sender, or of other
    words."""
    brand = await service(services, driver, twilio)
    await cart(brand)
    twilio.plan = lambda _: Wrong(answer_after_s=0) if twilio.calls > 1 else Wrong(500)
    sid = f"SM{uuid.uuid4().hex}"
    await brand.cypher(
        "CREATE (:CampaignExecution {key: $brand + '|x', brand_id: $brand, message_key: $key})", key=f"twilio|{sid}"
    )
    await brand.job(NOON + hours(3))
    [waiting] = [one for one in await brand.messages() if one["status"] == "queued"]
    like = {"To": f"whatsapp:{NUMBER}", "From": "whatsapp:+15559999", "Body": waiting["body"]}
    twilio.messages.append({**twilio._message(like), "sid": sid})
    twilio.messages.append(twilio._message({**like, "From": "whatsapp:+15550000"}))
    twilio.messages.append(twilio._message({**like, "Body": "Other words"}))
    message = await run_until_sent(brand)
    assert (message["status"], message["message_id"]) == ("sent", twilio.messages[0]["sid"])
    assert len(twilio.messages) == 4


async def test_a_channel_that_stays_away_is_parked_and_redriven(
    services: Services, driver: AsyncDriver, twilio: FakeTwilio
) -> None:
    brand = await service(services, driver, twilio)
    await cart(brand)
    twilio.plan = lambda _: Wrong(429)
    parked = await run_until_sent(brand)
    assert parked["status"] == "failed"
    assert "given up after 6 tries" in parked["reason"]
    assert twilio.calls == 6
    twilio.plan = lambda _: None
    path = f"/api/campaign-executions/{parked['campaign_id']}/redrive"
    assert (await brand.post(path, None))["data"]["status"] == "queued"
    assert (await run_until_sent(brand))["status"] == "sent"
    assert [one["status"] for one in await brand.executions()] == ["executed"]
    again = await brand._client.post(path, headers={"x-brand-id": brand.brand_id})
    assert again.status_code == 409
    nobody = await brand._client.post("/api/campaign-executions/x/redrive", headers={"x-brand-id": brand.brand_id})
    assert nobody.status_code == 404


async def test_nobody_listens_there(services: Services, driver: AsyncDriver, twilio: FakeTwilio) -> None:
    """It was certainly not sent: no need to ask before the next try."""
    brand = await service(services, driver, twilio, twilio_api_base="http://127.0.0.1:9")
    await cart(brand)
    assert (await brand.job(NOON + hours(3)))["later"] == 1
    [message] = await brand.messages()
    assert (message["status"], message["reason"]) == ("queued", "Twilio cannot be reached")
    assert message["next_try_at"]


async def test_many_at_once_keep_their_own_ids(services: Services, driver: AsyncDriver, twilio: FakeTwilio) -> None:
    brand = await service(services, driver, twilio)
    for number in range(40):
        await cart(brand, f"+1555{1000 + number}", f"p{number}@example.com")
    assert (await brand.job(NOON + hours(3)))["sent"] == 40, {one["reason"] for one in await brand.executions()}
    there = {one["to"]: one["sid"] for one in twilio.messages}
    assert {f"whatsapp:{one['to']}": one["message_id"] for one in await brand.messages()} == there


async def busy(brand: Acting, twilio: FakeTwilio, at: float = 3) -> None:
    """A message that Twilio has no time for, queued for a later try."""
    twilio.plan = lambda _: Wrong(429)
    assert (await brand.job(NOON + hours(at)))["later"] == 1
    twilio.plan = lambda _: None
    await brand.later()


@pytest.mark.parametrize("how", ["off", "deleted"])
async def test_one_of_an_automation_that_was_switched_off_is_not_sent(
    services: Services, driver: AsyncDriver, twilio: FakeTwilio, how: str
) -> None:
    brand = await service(services, driver, twilio)
    await cart(brand)
    await busy(brand, twilio)
    automation_id = (await brand.executions())[0]["automation_id"]
    if how == "off":
        await brand.patch(automation_id, {"active": False})
    else:
        await brand._client.delete(f"/api/automations/{automation_id}", headers={"x-brand-id": brand.brand_id})
    assert (await brand.job(NOON + hours(3)))["skipped"] == 1
    assert [one["reason"] for one in await brand.messages()] == ["its automation is not active any more"]
    assert twilio.messages == []


async def test_a_later_try_keeps_quiet_hours(services: Services, driver: AsyncDriver, twilio: FakeTwilio) -> None:
    brand = await service(services, driver, twilio)
    await cart(brand)
    await busy(brand, twilio)
    automation_id = (await brand.executions())[0]["automation_id"]
    await brand.patch(automation_id, {"quiet_hours": {"from": "17:00", "to": "20:00", "timezone": "UTC"}})
    assert (await brand.job(NOON + hours(3)))["later"] == 1
    [message] = await brand.messages()
    assert (message["status"], message["reason"], message["not_before"]) == ("queued", "quiet hours", "2024-01-19T20:00:00Z")
    assert (await brand.job(NOON + hours(4)))["later"] == 0
    assert twilio.messages == []
    assert (await brand.job(NOON + hours(5)))["sent"] == 1


@pytest.mark.parametrize("content", [None, CONTENT])
async def test_a_window_that_closed_before_a_later_try(
    services: Services, driver: AsyncDriver, twilio: FakeTwilio, content: str | None
) -> None:
    brand = await service(services, driver, twilio)
    await cart(brand)
    variables = {"1": "{{ product_name }}"} if content else {}
    await brand.only("cart_abandonment", content_sid=content, content_variables=variables)
    await busy(brand, twilio)
    did = await brand.job(NOON + hours(23.5))
    [message] = await brand.messages()
    if content is None:
        assert (did["sent"], did["skipped"]) == (0, 1)
        assert "24-hour window" in message["reason"]
        path = f"/api/campaign-executions/{message['campaign_id']}/redrive"
        await brand.post(path, None)
        assert (await brand.job(NOON + hours(23.5)))["skipped"] == 1, "redriven, it is looked at again"
        assert twilio.messages == []
    else:
        assert (did["sent"], message["content_sid"]) == (1, CONTENT)
        assert json.loads(twilio.seen[-1]["ContentVariables"]) == {"1": "Sneakers"}


async def test_a_redriven_one_is_not_sent_to_who_said_stop(services: Services, driver: AsyncDriver, twilio: FakeTwilio) -> None:
    brand = await service(services, driver, twilio)
    await cart(brand)
    twilio.plan = lambda _: Wrong(400, 21211)
    await brand.job(NOON + hours(3))
    twilio.plan = lambda _: None
    [message] = await brand.messages()
    await brand.writes(NUMBER, "STOP", NOON + hours(4))
    await brand.post(f"/api/campaign-executions/{message['campaign_id']}/redrive", None)
    assert (await brand.job(NOON + hours(5)))["skipped"] == 1
    assert [one["reason"] for one in await brand.messages()] == ["opted out"]


async def test_one_parked_at_twilio_is_redriven_by_who_provides_the_channel_now(
    services: Services, driver: AsyncDriver, twilio: FakeTwilio, brand: Acting
) -> None:
    before = await service(services, driver, twilio)
    await cart(before)
    twilio.plan = lambda _: Wrong(500)
    await before.job(NOON + hours(3))
    await before.cypher("MATCH (c:CampaignExecution {brand_id: $brand}) SET c.status = 'failed', c.due = null")
    [parked] = await before.messages()
    after = Acting(before.brand_id, brand._client, driver)
    await after.post(f"/api/campaign-executions/{parked['campaign_id']}/redrive", None)
    assert (await after.job(NOON + hours(3)))["sent"] == 1
    assert [(one["provider"], one["status"]) for one in await after.messages()] == [("sandbox", "sent")]


@pytest.mark.parametrize("word", ["queued", "sent", "delivered", "failed"])
async def test_a_report_tells_whose_a_message_is(services: Services, driver: AsyncDriver, twilio: FakeTwilio, word: str) -> None:
    """Twilio took it, and nobody heard its id: the report names the message itself."""
    brand = await service(services, driver, twilio)
    await cart(brand)
    twilio.plan = lambda _: Wrong(500)
    await brand.job(NOON + hours(3))
    callback, sid = twilio.seen[0]["StatusCallback"], f"SM{uuid.uuid4().hex}"
    path = callback.removeprefix("https://example.com")
    for _ in range(2):
        answer = await brand._client.post(path, data={"MessageSid": sid, "MessageStatus": word})
        assert answer.status_code == 200
    [message], [execution] = await brand.messages(), await brand.executions()
    expected = "sent" if word == "queued" else word
    assert (message["status"], message["message_id"], execution["status"]) == (expected, sid, "executed")
    other = f"SM{uuid.uuid4().hex}"
    await brand._client.post(path, data={"MessageSid": other, "MessageStatus": "read"})
    assert (await brand.messages())[0]["message_id"] == sid, "once it is known it stays"
    await brand.later()
    assert (await brand.job(NOON + hours(3)))["sent"] == 0
    assert twilio.calls == 1


async def test_a_later_report_tells_it_too(services: Services, driver: AsyncDriver, twilio: FakeTwilio) -> None:
    """The first came to the messaging service's own address, which names no message of ours."""
    brand = await service(services, driver, twilio)
    await cart(brand)
    twilio.plan = lambda _: Wrong(500)
    await brand.job(NOON + hours(3))
    path, sid = twilio.seen[0]["StatusCallback"].removeprefix("https://example.com"), f"SM{uuid.uuid4().hex}"
    for address, word in ((path.partition("?")[0], "delivered"), (path, "sent")):
        await brand._client.post(address, data={"MessageSid": sid, "MessageStatus": word})
    [message] = await brand.messages()
    assert (message["status"], message["message_id"]) == ("delivered", sid)


async def test_numbers_and_texts_are_not_logged(
    graph: Graph, driver: AsyncDriver, twilio: FakeTwilio, caplog: pytest.LogCaptureFixture
) -> None:
    logging.getLogger("httpx").setLevel(logging.NOTSET)
    with caplog.at_level(logging.INFO):
        async with AsyncExitStack() as until:  # a service of its own, whose start makes Twilio's client silent
            brand = await service(Services(graph, until), driver, twilio)
            await cart(brand)
            twilio.plan = lambda _: Wrong(500) if twilio.calls == 1 else None
            await brand.job(NOON + hours(3))
            assert (await run_until_sent(brand))["status"] == "sent"
    assert NUMBER.removeprefix("+") not in caplog.text
