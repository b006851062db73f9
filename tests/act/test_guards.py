"""What holds a message back: opt-outs and consent, caps, quiet hours, conditions that no longer hold."""

import time
from datetime import UTC, datetime, timedelta
from typing import get_args

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.act.automations import Channel, QuietHours
from app.act.consent import consent, said_in
from app.act.people import look_at_people
from app.act.quiet import may_go_at
from app.domain.consent import ADDRESSES, CHANNELS
from app.graph.driver import Graph
from app.graph.rows import millis
from tests.act.conftest import NOON, Acting, Services, hours

ANN = "ann@example.com"
NUMBER = "+15550123"


async def thanks(brand: Acting, **change: object) -> str:
    """An automation that answers each page view by SMS."""
    answers = {
        "trigger": "page_view",
        "threshold": None,
        "conditions": [],
        "channel": "sms",
        "template": "Hello {{ first_name }}",
    }
    return await brand.only("churn", **{**answers, **change})


async def views(brand: Acting, at: datetime) -> None:
    await brand.does(ANN, at, "page_view", {"n": at.timestamp()}, phone=NUMBER)


async def test_any_event_type_triggers_once(brand: Acting) -> None:
    await thanks(brand)
    await views(brand, NOON)
    assert (await brand.job(NOON - hours(1)))["triggered"] == 0
    assert (await brand.job(NOON))["sent"] == 1
    assert (await brand.job(NOON + hours(1)))["triggered"] == 0
    await views(brand, NOON - hours(1))
    assert (await brand.job(NOON + hours(1)))["sent"] == 1
    await views(brand, NOON - hours(30))
    assert (await brand.job(NOON + hours(1)))["triggered"] == 0, "a backfill"
    [first, *_] = await brand.messages()
    assert (first["to"], first["body"]) == (NUMBER, "Hello there")


@pytest.mark.parametrize(
    ("words", "sent"),
    [
        (["STOP"], 0),
        ([" Stop. "], 0),
        (["OptOut"], 0),
        (["REVOKE!"], 0),
        (["stop it now"], 1),
        (["QUIT", "start"], 1),
        (["YES", "cancel"], 0),
        (["STOP\u00a0"], 0),
        ([" " * 5_000 + "STOP" + " \n" * 5_000], 0),
        (["STOP " * 2_000], 1),
        (["\u2068stop\u2069 \u200b!\r\n"], 0),
        (["\u201cSTOP\u201d"], 0),
        (['"stop", \\o/'], 1),
        (['"stop",\t\\'], 0),
        (["STOP \U0001f6d1"], 0),
        (["stop?"], 0),
        (["Stop all!"], 0),
        (["opt-out"], 0),
        (["arr\u00eat"], 0),
        (["ARRE\u0302T."], 0),
        (["arret"], 0),
        (["D\u00e9sabonner"], 0),
        (["\u0441\u0442\u043e\u043f"], 0),
        (["\u505c\u6b62"], 0),
        (["STOP", "yes?"], 0),
        (["stop 2"], 1),
        (["nonstop"], 1),
    ],
)
async def test_who_says_stop_is_left_alone(brand: Acting, words: list[str], sent: int) -> None:
    await thanks(brand)
    for number, word in enumerate(words):
        await brand.writes(NUMBER, word, NOON - hours(10 - number), channel="")
    await brand.writes(NUMBER, "STOP", NOON - hours(20), channel="whatsapp:")  # the other channel's is no word for this one
    await views(brand, NOON)
    did = await brand.job(NOON)
    assert (did["sent"], did["skipped"]) == (sent, 1 - sent)
    if not sent:
        assert [one["reason"] for one in await brand.executions(status="skipped")] == ["opted out"]


@pytest.mark.parametrize(
    ("attribute", "value", "sent"),
    [
        ("sms_consent", "false", 0),
        ("accepts_marketing", "No", 0),
        ("marketing_consent", "unsubscribed", 0),
        ("whatsapp_consent", "false", 1),
        ("sms_consent", "true", 1),
        ("sms_consent", "perhaps", 1),
    ],
)
async def test_an_explicit_no_is_honoured(brand: Acting, attribute: str, value: str, sent: int) -> None:
    await thanks(brand)
    await brand.bring(identifiers={"email": ANN, "phone": NUMBER}, attributes={attribute: value})
    await views(brand, NOON)
    assert (await brand.job(NOON))["sent"] == sent


@pytest.mark.parametrize(("said", "sent"), [(None, 0), ("yes", 1), ("no", 0)])
async def test_where_consent_is_required_silence_is_none(services: Services, brand: Acting, said: str | None, sent: int) -> None:
    strict = Acting(brand.brand_id, await services.client(require_consent=True), brand._driver)
    await thanks(strict)
    await strict.bring(identifiers={"email": ANN, "phone": NUMBER}, attributes={"sms_consent": said} if said else {})
    await views(strict, NOON)
    assert (await strict.job(NOON))["sent"] == sent
    reasons = [one["reason"] for one in await strict.executions(status="skipped")]
    assert reasons == {None: ["consent required"], "yes": [], "no": ["opted out"]}[said]


async def test_a_stop_that_comes_before_a_later_try_is_honoured(brand: Acting) -> None:
    await thanks(brand, quiet_hours={"from": "14:00", "to": "17:00", "timezone": "UTC"})
    await views(brand, NOON)
    assert (await brand.job(NOON))["queued"] == 1
    [waiting] = await brand.messages(status="queued")
    assert waiting["not_before"] == "2024-01-19T17:00:00Z"
    await brand.writes(NUMBER, "STOP", NOON + hours(1), channel="")
    did = await brand.job(NOON + hours(2))
    assert (did["sent"], did["skipped"]) == (0, 1)
    [message], [execution] = await brand.messages(), await brand.executions()
    assert (message["status"], message["reason"]) == ("failed", "opted out")
    assert (execution["status"], execution["reason"]) == ("skipped", "opted out")


async def test_quiet_hours_hold_a_message_back(brand: Acting) -> None:
    await thanks(brand, quiet_hours={"from": "14:00", "to": "17:00", "timezone": "UTC"})
    await views(brand, NOON)
    assert (await brand.job(NOON))["sent"] == 0
    assert (await brand.job(NOON + hours(1)))["sent"] == 0
    assert (await brand.job(NOON + hours(2)))["sent"] == 1


async def test_what_held_when_it_was_queued_is_looked_at_again_when_it_may_go(brand: Acting) -> None:
    """Meanwhile one person has bought, and the other has left the segment."""
    night = {"from": "14:00", "to": "17:00", "timezone": "UTC"}
    await thanks(brand, quiet_hours=night, conditions=[{"field": "profile.total_orders", "op": "=", "value": 0}])
    await views(brand, NOON)
    assert (await brand.job(NOON))["queued"] == 1
    await brand.buys(ANN, NOON + hours(1))
    assert (await brand.job(NOON + hours(2)))["skipped"] == 1

    await brand.only("segment", quiet_hours=night)
    await brand.person("Michael", "+1-555-0456")
    await brand.predict("michael", NOON, "champion")
    assert (await brand.job(NOON))["queued"] == 1
    await brand.predict("michael", NOON + hours(1), "regular")
    assert (await brand.job(NOON + hours(2)))["skipped"] == 1
    reasons = {one["reason"] for one in await brand.executions()}
    assert reasons == {"its conditions no longer hold", "no longer inside of the segment trigger"}
    assert {one["status"] for one in await brand.messages()} == {"failed"}


async def test_a_cap(brand: Acting) -> None:
    await thanks(brand, cap={"messages": 2, "days": 1})
    for minutes in range(4):
        await views(brand, NOON + timedelta(minutes=minutes))
    did = await brand.job(NOON + hours(1))
    assert (did["triggered"], did["sent"], did["skipped"]) == (4, 2, 2)
    await views(brand, NOON + hours(26))
    assert (await brand.job(NOON + hours(26)))["sent"] == 1


async def test_a_purchase_before_it_is_queued_supersedes_a_cart(brand: Acting) -> None:
    await brand.does(ANN, NOON, "cart_add", {}, phone=NUMBER)
    await brand.only("cart_abandonment", quiet_hours={"from": "16:00", "to": "20:00", "timezone": "UTC"})
    assert (await brand.job(NOON + hours(2.5)))["queued"] == 1
    await brand.buys(ANN, NOON + hours(3))
    assert (await brand.job(NOON + hours(6)))["skipped"] == 1
    assert [one["reason"] for one in await brand.executions()] == ["superseded by a purchase"]


async def test_the_address_seen_last(brand: Acting) -> None:
    await thanks(brand)
    await brand.does(ANN, NOON - hours(5), "page_viewed", phone="+15550999")
    await views(brand, NOON)
    await brand.job(NOON)
    assert [one["to"] for one in await brand.messages()] == [NUMBER]


async def test_a_deleted_automation_keeps_its_executions(brand: Acting) -> None:
    automation_id = await thanks(brand)
    await views(brand, NOON)
    await brand.job(NOON)
    await brand._client.delete(f"/api/automations/{automation_id}", headers={"x-brand-id": brand.brand_id})
    [execution] = await brand.executions(automation_id=automation_id)
    assert execution["status"] == "executed"
    await views(brand, NOON + hours(1))
    assert (await brand.job(NOON + hours(1)))["triggered"] == 0


async def test_what_a_killed_run_left_behind_is_gone_on_with(brand: Acting) -> None:
    """Killed between the two steps: the executions are there, in a batch that is open still."""
    automation_id = await thanks(brand)
    await views(brand, NOON)
    await brand.job(NOON)
    open_again = (
        "MATCH (x:AutomationExecution {brand_id: $brand})-[:SENT_AS]->(c) MATCH (b:AutomationBatch {brand_id: $brand}) "
        "SET x.status = 'triggered', x.waits_in = b.key, b.unsettled = true, b.status = 'open', "
        "b.open_of = $brand + '|' + $automation DETACH DELETE c"
    )
    await brand.cypher(open_again, automation=automation_id)
    did = await brand.job(NOON + hours(1))
    assert (did["triggered"], did["sent"]) == (0, 1)
    await brand.cypher(open_again, automation=automation_id)
    await brand.patch(automation_id, {"active": False})
    did = await brand.job(NOON + hours(1))
    assert (did["sent"], did["skipped"]) == (0, 1)
    [execution] = await brand.executions()
    assert (execution["status"], execution["reason"]) == ("skipped", "its automation is not active any more")


def sms(body: str, at: int) -> tuple[str, int, str]:
    return "sms_message", at, orjson.dumps({"body": body}).decode()


@given(words=st.lists(st.sampled_from(["STOP", "START", "hello", "Unsubscribe!"]), max_size=6), data=st.data())
def test_the_last_word_counts_whatever_order_they_came_in(words: list[str], data: st.DataObject) -> None:
    said = [sms(word, at) for at, word in enumerate(words)]
    last = next((word for word in reversed(words) if word != "hello"), None)
    expected = {None: None, "START": True, "STOP": False, "Unsubscribe!": False}[last]
    assert consent("sms", {}, data.draw(st.permutations(said))) is expected
    assert consent("sms", {"sms_consent": "no"}, said) is False
    assert consent("whatsapp", {}, said) is None


def test_twilios_own_word_counts() -> None:
    assert said_in('{"body":"arret","OptOutType":"STOP"}') is False
    assert said_in('{"body":"hi","OptOutType":"START"}') is True
    assert said_in('{"body":"hi","OptOutType":"HELP"}') is None
    assert said_in("no json") is None


@pytest.mark.parametrize(
    ("at", "begin", "end", "zone", "goes"),
    [
        ("2024-01-19T20:59", "21:00", "08:00", "UTC", "2024-01-19T20:59"),
        ("2024-01-19T21:00", "21:00", "08:00", "UTC", "2024-01-20T08:00"),
        ("2024-01-20T03:00", "21:00", "08:00", "UTC", "2024-01-20T08:00"),
        ("2024-01-20T08:00", "21:00", "08:00", "UTC", "2024-01-20T08:00"),
        ("2024-07-01T06:30", "21:00", "08:00", "Europe/London", "2024-07-01T07:00"),
        ("2024-03-31T00:30", "00:00", "06:00", "Europe/Berlin", "2024-03-31T04:00"),  # the night that lost an hour
        ("2024-03-31T00:30", "22:00", "01:30", "Europe/London", "2024-03-31T01:00"),  # half past one never came
        ("2024-03-30T22:30:20", "22:00", "01:30", "Europe/London", "2024-03-31T01:00"),
        ("2024-03-10T05:00", "02:30", "02:00", "America/New_York", "2024-03-11T06:00"),  # nor did two, and at three it is quiet
        ("2024-11-03T05:15", "22:00", "01:30", "America/New_York", "2024-11-03T05:30"),  # the hour that came twice
        ("2024-11-03T06:15", "22:00", "01:30", "America/New_York", "2024-11-03T06:30"),
        ("2024-01-19T12:30", "12:00", "13:00", "UTC", "2024-01-19T13:00"),
        ("2024-01-19T12:30", "12:00", "12:00", "UTC", "2024-01-19T12:30"),
    ],
)
def test_when_quiet_hours_end(at: str, begin: str, end: str, zone: str, goes: str) -> None:
    def moment(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)

    assert may_go_at(moment(at), QuietHours(begin, end, zone)) == moment(goes)


def test_a_message_of_nothing_but_marks_is_read_at_once() -> None:
    began = time.process_time()
    assert said_in(orjson.dumps({"body": "STOP" + 15_000 * "\u0301\u0316"}).decode()) is False
    assert time.process_time() - began < 1


async def test_a_channel_is_a_row_of_one_table(brand: Acting, graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    """An app's pushes, say: where they go is read, a no of who else is there counts, an erasure finds what went there."""
    ann = await brand.does(ANN, NOON, "page_view", phone=NUMBER, device="app-1")
    await brand.bring(identifiers={"device": "app-1"}, attributes={"accepts_marketing": "false"}, profile_id="bob")
    asked = (graph, brand.brand_id, [ann], millis(NOON))
    assert (await look_at_people(*asked))[ann].addresses("sms") == [NUMBER]
    monkeypatch.setitem(ADDRESSES, "push", ("device",))
    person = (await look_at_people(*asked))[ann]
    assert person.addresses("push") == ["app-1"]
    assert [address for address, _ in person.sharing] == ["app-1"]
    await thanks(brand)
    assert (await brand.job(NOON))["sent"] == 1
    await brand.cypher("MATCH (c:CampaignExecution {brand_id: $brand}) SET c.to = 'app-2'")
    await brand.see(device="app-2", loyalty_id="L2")
    erasing = {"type": "loyalty_id", "value": "L2", "dry_run": True}
    assert (await brand.post("/api/erasures", erasing))["data"]["messages"] == 1


def test_automations_know_every_channel() -> None:
    assert sorted(get_args(Channel)) == sorted(CHANNELS), (
        "a new channel stands in both: app/domain/consent.py, app/act/automations.py"
    )
