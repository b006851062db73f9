"""Without any lease: two that evaluate and send at the same moment still make one execution and one message an occurrence."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, cast

import pytest
from neo4j import AsyncDriver

from app.act.channels.base import Channel, Message, Unsure
from app.act.channels.twilio import Account, Twilio
from app.act.queueing import Rules
from app.act.run import Automating
from app.act.sending import Patience
from app.graph.driver import Graph
from tests.act.conftest import NOON, Acting, hours
from tests.act.fake_twilio import fake_twilio

PEOPLE = 30


def nothing(_: Mapping[str, object]) -> None:
    """Nobody asks how far it came."""


async def test_two_at_once(graph: Graph, driver: AsyncDriver, brand: Acting) -> None:
    carts = [
        {
            "type": "cart_add",
            "identifiers": {"phone": f"+1415555{1000 + number}"},
            "occurred_at": NOON.isoformat(),
            "properties": {"product_name": "Sneakers"},
        }
        for number in range(PEOPLE)
    ]
    await brand.post("/api/events", carts)
    await brand.only("cart_abandonment", channel="sms")
    with fake_twilio() as twilio:
        account = Account("AC" + "0" * 32, "secret", {"sms": "+15558888"}, twilio.url)
        ways: list[dict[str, Channel]] = [{"sms": Twilio(account, 10)} for _ in range(3)]
        both = [Automating(graph, Rules(way, require_consent=False), Patience(10, 0.1)) for way in ways]
        done = await asyncio.gather(*(one.run(brand.brand_id, NOON + hours(3), nothing) for one in both))
        done.append(await both[0].run(brand.brand_id, NOON + hours(3), nothing))
        for way in ways:
            await way["sms"].close()
        assert len(twilio.messages) == len({one["to"] for one in twilio.messages}) == PEOPLE
    for what in ("triggered", "queued", "sent"):
        assert sum(int(str(one[what])) for one in done) == PEOPLE, what
    assert [one["status"] for one in await brand.executions()] == ["executed"] * PEOPLE
    assert [one["status"] for one in await brand.messages()] == ["sent"] * PEOPLE


class FallsAsleep:
    """The graph of a process that is stopped right after it heard that it may call the channel, for longer than its claim lasts,
    while another one runs the job."""

    def __init__(self, graph: Graph, meanwhile: Callable[[], Awaitable[object]], claim_s: float) -> None:
        self._graph, self._meanwhile, self._claim_s = graph, meanwhile, claim_s

    def __getattr__(self, name: str) -> Any:
        return getattr(self._graph, name)

    async def change(self, name: str, *args: Any, **asked: Any) -> Any:
        told = await self._graph.change(name, *args, **asked)
        if name == "act/call":
            await asyncio.sleep(self._claim_s)
            await self._meanwhile()
        return told


async def test_one_that_slept_past_its_claim_does_not_send_when_it_wakes(graph: Graph, brand: Acting) -> None:
    await brand.does("ann@example.com", NOON, "cart_add", {"product_name": "Sneakers"}, phone="+14155551000")
    await brand.only("cart_abandonment", channel="sms")
    patience = Patience(0.5, 0.1)
    with fake_twilio() as twilio:
        account = Account("AC" + "0" * 32, "secret", {"sms": "+15558888"}, twilio.url)
        ways: list[dict[str, Channel]] = [{"sms": Twilio(account, patience.call_s)} for _ in range(2)]
        rules = [Rules(way, require_consent=False) for way in ways]

        async def other() -> None:
            did = await Automating(graph, rules[1], patience).run(brand.brand_id, NOON + hours(3), nothing)
            assert did["sent"] == 1

        asleep = cast("Graph", FallsAsleep(graph, other, patience.claim_s + 0.1))
        did = await Automating(asleep, rules[0], patience).run(brand.brand_id, NOON + hours(3), nothing)
        for way in ways:
            await way["sms"].close()
        assert (did["sent"], len(twilio.messages)) == (0, 1)
    [message] = await brand.messages()
    assert (message["status"], message["message_id"]) == ("sent", twilio.messages[0]["sid"])


async def test_one_that_falls_asleep_while_it_connects_sends_nothing_when_it_wakes() -> None:
    """Its claim may be over by then, and another one may have sent the message: SIGSTOP at the worst moment."""
    call_s = 0.2
    with fake_twilio() as twilio:
        channel = Twilio(Account("AC" + "0" * 32, "secret", {"sms": "+15558888"}, twilio.url), call_s)

        async def begins() -> None:
            asyncio.get_running_loop().call_soon(time.sleep, 2 * call_s)  # nothing here goes on meanwhile

        with pytest.raises(Unsure):
            await channel.send(Message("c", "b", "sms", "+14155551000", "Hello"), begins)
        await channel.close()
        assert twilio.calls == 0


async def test_one_automation_that_fails_keeps_no_message_of_the_others_back(
    graph: Graph, driver: AsyncDriver, brand: Acting
) -> None:
    """It is told at the end, as the error of the run."""
    kim = await brand.person("Kim", "+14155551000")
    await brand.predict(kim, NOON, "at_risk", 0.9)
    await brand.only("churn", channel="sms")
    for trigger in ("quiz", "survey"):
        await brand.post("/api/automations", {"name": trigger, "trigger": trigger, "channel": "sms", "template": "Hi"})
        await brand.does(f"{trigger}@example.com", NOON, trigger, phone="+14155551001")
    await brand.cypher("MATCH (e:Event {brand_id: $brand, type: 'quiz'}) SET e.facts = 'damaged'")
    told: list[dict[str, Any]] = []
    with fake_twilio() as twilio:
        way: dict[str, Channel] = {"sms": Twilio(Account("AC" + "0" * 32, "s", {"sms": "+15558888"}, twilio.url), 10)}
        run = Automating(graph, Rules(way, require_consent=False), Patience(10, 0.1)).run
        with pytest.raises(ValueError, match="unexpected character"):
            await run(brand.brand_id, NOON, lambda did: told.append(dict(did)))
        await way["sms"].close()
        assert sorted(message["to"] for message in twilio.messages) == ["+14155551000", "+14155551001"]
    assert (told[-1]["automations"], told[-1]["triggered"], told[-1]["sent"]) == (3, 2, 2)
