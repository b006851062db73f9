"""Admins are told of reviews that wait: once as new and once as ageing, by each way, whatever happens meanwhile."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from app.act.channels.base import TryLater
from app.act.channels.email import Email, server_of
from app.act.reminders.job import Admins, Reminding
from app.act.reminders.telling import AGEING, NEW, Place, Waiting, call_body, letter, signature
from app.act.reminders.webhook import Webhook
from app.graph.driver import Graph
from tests.act.conftest import Acting
from tests.act.fake_mail import Mailbox

SECRET = "whsec-0123456789"
NOW = datetime.now(UTC).replace(hour=0, minute=30, second=0, microsecond=0) - timedelta(days=1)
REASON = "Auto-merge blocked: 4 profiles exceed threshold of 3"


@dataclass
class Hook:
    """Takes calls; `statuses` are what it says to the next ones, `drips_s` how long each sign of that takes."""

    calls: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    url: str = ""
    drips_s: float = 0

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        headers = dict(line.lower().split(": ", 1) for line in head.splitlines()[1:] if line)
        self.calls.append((headers, await reader.readexactly(int(headers["content-length"]))))
        status = self.statuses.pop(0) if self.statuses else 204
        said = f"HTTP/1.1 {status} Said\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        with suppress(ConnectionError):  # who waited has gone
            for piece in said if self.drips_s else (said,):
                writer.write(piece.encode())
                await writer.drain()
                await asyncio.sleep(self.drips_s)
        writer.close()

    @property
    def told(self) -> list[list[tuple[str, str]]]:
        return [[(one["review_id"], one["stage"]) for one in json.loads(body)["reviews"]] for _, body in self.calls]


@asynccontextmanager
async def hooked() -> AsyncIterator[Hook]:
    hook = Hook()
    async with await asyncio.start_server(hook.take, "127.0.0.1", 0) as server:
        hook.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook?key=secret"
        yield hook


def reminding(graph: Graph, box: Mailbox, hook: Hook | None = None) -> Reminding:
    to = ("ann@shop.example", "bob@shop.example")
    webhook = Webhook(hook.url, SECRET, 10) if hook else None
    admins = Admins(() if hook and not box.url else to, webhook, ageing_days=2, public_url="https://id.shop.example/")
    return Reminding(graph, admins, Email(server_of(box.url or "smtp://127.0.0.1:9", "Shop <hi@shop.example>"), 10), 10, 600)


async def review(brand: Acting, opened_at: datetime) -> str:
    """Of four people whom somebody wants to be one; they are known by e-mail."""
    ids = [(await brand.see(email=f"{name}-{opened_at.timestamp()}@y.org"))["profile_id"] for name in "abcd"]
    review_id = str((await brand.post("/api/merges", {"profile_ids": ids}))["data"]["review_id"])
    await brand.cypher("MATCH (r:MergeReview {key: $brand + '|' + $id}) SET r.created_at = $at", id=review_id, at=opened_at)
    return review_id


def run(job: Reminding, brand: Acting, as_of: datetime) -> Any:
    return job.run(brand.brand_id, as_of, lambda _: None)


async def test_each_review_is_told_of_once_as_new_and_once_as_ageing(graph: Graph, brand: Acting, mailbox: Mailbox) -> None:
    first = await review(brand, NOW - timedelta(days=4))
    async with hooked() as hook:
        job = reminding(graph, mailbox, hook)
        assert (await run(job, brand, NOW - timedelta(days=3)))["told"] == 2
        assert hook.told == [[(first, NEW)]]
        again = await asyncio.gather(*(run(job, brand, NOW - timedelta(days=3)) for _ in range(2)))
        assert [one["told"] for one in again] == [0, 0]
        second = await review(brand, NOW - timedelta(days=3) + timedelta(hours=1))
        await run(job, brand, NOW - timedelta(days=3) + timedelta(hours=2))
        assert (hook.told[1:], len(mailbox.taken)) == ([[(second, NEW)]], 2), "a letter a day"
        told = await asyncio.gather(*(run(job, brand, NOW - timedelta(days=2)) for _ in range(3)))
        assert sum(one["told"] for one in told) == 3, "whoever of them does"
        assert hook.told[2:] == [[(first, AGEING)]]
        late = await review(brand, NOW - timedelta(days=4) + timedelta(minutes=1))
        await run(job, brand, NOW)
        await run(job, brand, NOW - timedelta(days=3))
        assert hook.told[3:] == [[(late, AGEING), (second, AGEING)]], "and never as new after that"
    subjects = [str(one["Subject"]).partition(": ")[2] for one in mailbox.taken if one["To"] == "ann@shop.example"]
    assert subjects == ["1 new", "1 new, 1 waiting for 2 days", "2 waiting for 2 days"]
    assert len(mailbox.taken) == 6, "as many to each"
    letters = "".join(str(one.get_content()) for one in mailbox.taken)
    assert f"https://id.shop.example/console/{brand.brand_id}/reviews/{first}" in letters
    assert (REASON in letters, "@y.org" in letters) == (True, False)
    assert {one["status"] for one in await brand.pages("/api/reminders", limit=2)} == {"sent"}


async def test_a_call_is_signed_and_tried_again_under_its_id_until_it_is_parked(graph: Graph, brand: Acting) -> None:
    opened = await review(brand, NOW - timedelta(hours=1))
    async with hooked() as hook:
        job = reminding(graph, Mailbox(), hook)
        hook.statuses = [503, 429, 404]
        for status in ("queued", "queued", "failed"):
            await run(job, brand, NOW)
            (stands,) = await brand.data("/api/reminders")
            assert (stands["status"], stands["to"]) == (status, "127.0.0.1")
            await brand.cypher("MATCH (r:Reminder {brand_id: $brand}) WHERE r.due IS NOT NULL SET r.due = 0")
        assert "said 404" in stands["reason"]
        assert (await run(job, brand, NOW))["sent"] == 0
        redrive = f"/api/reminders/{stands['reminder_id']}/redrive"
        await brand.post(redrive, {})
        assert (await brand.refused(redrive, {})).status_code == 409
        assert (await brand.refused("/api/reminders/none/redrive", {})).status_code == 404
        assert (await run(job, brand, NOW))["sent"] == 1
    assert {body for _, body in hook.calls} == {hook.calls[0][1]}
    headers, body = hook.calls[-1]
    assert {one["constintel-delivery"] for one, _ in hook.calls} == {stands["reminder_id"]}
    at, code = (part.partition("=")[2] for part in headers["constintel-signature"].split(","))
    assert code == hmac.new(SECRET.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()
    said = json.loads(body)
    assert (said["id"], said["type"], said["brand_id"]) == (stands["reminder_id"], "reviews.waiting", brand.brand_id)
    (one,) = said["reviews"]
    assert (one["review_id"], one["profiles"], one["reason"], "@" in body.decode()) == (opened, 4, REASON, False)


async def test_a_webhook_that_nobody_listens_at_is_tried_again(graph: Graph, brand: Acting) -> None:
    await review(brand, NOW - timedelta(hours=1))
    webhook = Webhook("http://127.0.0.1:9/hook", SECRET, 10)
    admins = Admins((), webhook, ageing_days=2, public_url="")
    done = await run(Reminding(graph, admins, None, 10, 600), brand, NOW)
    assert (done["later"], done["failed"]) == (1, 0)
    (stands,) = await brand.data("/api/reminders")
    assert stands["status"] == "queued"
    assert stands["reason"].startswith("the webhook at 127.0.0.1 gave no answer: ")


async def test_an_email_that_may_have_left_is_parked(graph: Graph, brand: Acting, mailbox: Mailbox) -> None:
    await review(brand, NOW - timedelta(hours=1))
    job = reminding(graph, mailbox)
    mailbox.answers = ["451 later", "550 never"]
    done = await run(job, brand, NOW)
    assert (done["failed"], done["later"]) == (1, 1)
    # As a process leaves it that was killed after it had called.
    await brand.cypher("MATCH (r:Reminder {brand_id: $brand, status: 'queued'}) SET r.called = true, r.due = 0")
    assert (await run(job, brand, NOW))["failed"] == 1
    reasons = sorted(one["reason"] for one in await brand.data("/api/reminders"))
    assert ("550" in reasons[0], reasons[1].startswith("unknown"), mailbox.taken) == (True, True, [])


async def test_a_service_without_admins_tells_nobody_and_can_be_asked_to(client: httpx.AsyncClient, brand: Acting) -> None:
    await review(brand, NOW)
    done = await brand.job(NOW, "reminders")
    assert {name: done[name] for name in ("told", "sent", "failed", "later")} == {"told": 0, "sent": 0, "failed": 0, "later": 0}
    assert await brand.data("/api/reminders") == []


WAITS = Waiting("r1", NEW, NOW, 3, "Auto-merge blocked\nby a rule", ("above_cap",))


def test_a_letter_says_how_many_why_and_where() -> None:
    told = letter([WAITS, Waiting("r2", AGEING, NOW, 2, "b", ())], Place("", "shop"), NOW + timedelta(days=3), 1)
    assert told["subject"] == "Reviews of shop: 1 new, 1 waiting for 1 day"
    assert "* 3 profiles, since " in told["body"]
    assert "Why: Auto-merge blocked by a rule\n  /console/shop/reviews/r1\n" in told["body"]
    assert told["body"].index("Waiting for 1 day or longer") < told["body"].index("New")


def test_a_signature_is_stripes_and_an_id_is_of_what_is_told() -> None:
    assert signature("{}", "secret", 1_700_000_000) == (
        "t=1700000000,v1=" + hmac.new(b"secret", b"1700000000.{}", hashlib.sha256).hexdigest()
    )
    ids = [json.loads(call_body(told, Place("", "shop"), NOW))["id"] for told in ([WAITS], [WAITS], [])]
    assert ids[0] == ids[1] != ids[2]


async def test_a_webhook_whose_answer_trickles_in_holds_nobody_up() -> None:
    """A sign now and then, each in time; all of them take minutes."""
    async with hooked() as hook:
        hook.drips_s = 1
        with pytest.raises(TryLater, match="gave no answer"):
            async with asyncio.timeout(30):
                await Webhook(hook.url, SECRET, 2).call("r", "{}")
        assert len(hook.calls) == 1
