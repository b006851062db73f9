"""Without any lease: two that evaluate and send at the same moment still make one execution and one message an occurrence."""

import asyncio
from collections.abc import Mapping

from neo4j import AsyncDriver

from app.act.channels.base import Channel
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
