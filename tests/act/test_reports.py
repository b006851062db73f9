"""Where a message is: never backwards, in whatever order reports of it come, and also when they come first."""

import uuid
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from neo4j import AsyncDriver

from app.act import reports
from app.act.status import OF_TWILIO, RANK
from app.graph.driver import Graph
from tests.act.conftest import NOON, Acting, Services, hours
from tests.act.fake_twilio import FakeTwilio
from tests.act.test_twilio import cart, service

STATUSES = st.sampled_from(sorted(RANK))


def later(one: str, other: str) -> str:
    """Which of two statuses of a message holds: what cypher/act/reports_apply must come to."""
    return one if RANK[one] >= RANK[other] else other


def after(reports: Iterable[str], begin: str = "queued") -> str:
    """The status once all these reports have come."""
    status = begin
    for report in reports:
        status = later(status, report)
    return status


@given(reports=st.lists(STATUSES, max_size=8), data=st.data())
def test_the_order_of_reports_does_not_matter(reports: list[str], data: st.DataObject) -> None:
    assert after(data.draw(st.permutations(reports))) == after(reports)
    assert after(reports * 2) == after(reports)


@given(before=STATUSES, reports=st.lists(STATUSES, max_size=8))
def test_never_backwards(before: str, reports: list[str]) -> None:
    assert RANK[after(reports, before)] >= RANK[before]


@given(one=STATUSES, two=STATUSES, three=STATUSES)
def test_it_is_one_scale(one: str, two: str, three: str) -> None:
    assert later(one, two) == later(two, one)
    assert later(later(one, two), three) == later(one, later(two, three))


async def report(brand: Acting, message_id: str, status: str, **more: str) -> None:
    form = {"MessageSid": message_id, "SmsSid": message_id, "MessageStatus": status, "To": "whatsapp:+15550123", **more}
    path = f"/api/integrations/twilio/webhook/{brand.brand_id}"
    answer = await brand._client.post(path, data=form)
    assert answer.status_code == 200
    assert answer.text == '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'


@pytest.mark.parametrize("order", list(permutations(["sent", "delivered", "read"])))
async def test_reports_move_a_message(
    services: Services, driver: AsyncDriver, twilio: FakeTwilio, order: tuple[str, ...]
) -> None:
    brand = await service(services, driver, twilio)
    await cart(brand)
    await brand.job(NOON + hours(3))
    for number, status in enumerate(order):
        await report(brand, twilio.messages[0]["sid"], status)
        [message] = await brand.messages()
        assert message["status"] == after(order[: number + 1], "sent")
    assert message["read_at"]
    assert await brand.count("DeliveryReport") == 0
    assert await brand.count("Event") == 2, "a report is no event"


async def test_a_message_that_could_not_be_delivered(services: Services, driver: AsyncDriver, twilio: FakeTwilio) -> None:
    brand = await service(services, driver, twilio)
    await cart(brand)
    await brand.job(NOON + hours(3))
    sid = twilio.messages[0]["sid"]
    await report(brand, sid, "undelivered", ErrorCode="63016")
    await report(brand, sid, "sent")
    [message] = await brand.messages()
    assert (message["status"], message["error_code"]) == ("failed", "63016")
    await report(brand, sid, "delivered")
    [message] = await brand.messages()
    assert (message["status"], message["error_code"], message["reason"]) == ("delivered", None, None)
    refused = await brand._client.post(
        f"/api/campaign-executions/{message['campaign_id']}/redrive", headers={"x-brand-id": brand.brand_id}
    )
    assert refused.status_code == 409


async def test_a_report_that_comes_before_the_id_is_stored(services: Services, driver: AsyncDriver, twilio: FakeTwilio) -> None:
    """Twilio may tell of a message before it has answered the call that made it."""

    brand = await service(services, driver, twilio)
    sid = f"SM{uuid.uuid4().hex}"
    make = twilio._message
    twilio._message = lambda form: {**make(form), "sid": sid}  # type: ignore[method-assign]
    await report(brand, sid, "delivered")
    await report(brand, sid, "sent")
    await cart(brand)
    assert (await brand.job(NOON + hours(3)))["sent"] == 1
    [message] = await brand.messages()
    assert (message["status"], message["message_id"]) == ("delivered", sid)
    assert await brand.count("DeliveryReport") == 0


async def test_a_report_that_crossed_with_the_answer_is_applied_by_the_next_run(
    services: Services, driver: AsyncDriver, twilio: FakeTwilio
) -> None:
    brand = await service(services, driver, twilio)
    await cart(brand)
    await brand.job(NOON + hours(3))
    name = f"twilio|{twilio.messages[0]['sid']}"
    now = datetime.now(UTC).replace(microsecond=0)
    old = now - timedelta(days=10)
    for key, at in ((name, now), ("twilio|SMtheirs", now), ("twilio|SMold", old)):
        await brand.cypher(
            "CREATE (:DeliveryReport {key: $brand + '|' + $key, brand_id: $brand, message_key: $key, status: 'read', "
            "received_at: $at})",
            key=key,
            at=at,
        )
    assert (await brand.job(NOON + hours(3)))["reports"] == 1
    assert [one["status"] for one in await brand.messages()] == ["read"]
    left = await brand.cypher("MATCH (r:DeliveryReport {brand_id: $brand}) RETURN r.message_key AS name")
    assert left == [{"name": "twilio|SMtheirs"}]


async def test_what_is_of_nobody_s_message_is_not_looked_at_again_for_days(
    graph: Graph, brand: Acting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An account may tell of all its messages, those of others too (Event Streams): hundreds of thousands a day."""
    now, looked_at = datetime.now(UTC).replace(microsecond=0), list[str]()
    for name, at in (
        ("new", now - timedelta(minutes=10)),
        ("theirs", now - timedelta(hours=2)),
        ("old", now - timedelta(days=4)),
    ):
        await brand.cypher(
            "CREATE (:DeliveryReport {key: $brand + '|' + $name, brand_id: $brand, message_key: $name, status: 'read', "
            "received_at: $at})",
            name=name,
            at=at,
        )

    async def looks(_: object, keys: list[str]) -> int:
        looked_at.extend(keys)
        return 0

    monkeypatch.setattr(reports, "apply_reports", looks)
    await reports.sweep_reports(graph, brand.brand_id)
    assert looked_at == [f"{brand.brand_id}|new"]
    assert await brand.count("DeliveryReport") == 2, "what is older than three days goes all the same"


def test_every_word_of_twilio_has_a_place() -> None:
    assert set(OF_TWILIO.values()) == set(RANK)
