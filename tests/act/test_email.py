"""Real SMTP against aiosmtpd: what is sent, what is refused, and what nobody can know."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from neo4j import AsyncDriver

from app.act.channels.base import Message, Refused
from app.act.channels.email import letter, server_of
from app.domain.errors import SetUpError
from tests.act.conftest import NOON, Acting, Services
from tests.act.fake_mail import Mailbox
from tests.conftest import new_brand


async def service(services: Services, driver: AsyncDriver, url: str, timeout_s: float = 10) -> Acting:
    client = await services.client(
        smtp_url=url, smtp_from="Shöp <hello@shop.example>", send_timeout_s=timeout_s, send_backoff_s=600
    )
    brand = Acting(new_brand(), client, driver)
    await brand.person("Michael", "+1-555-0456")
    await brand.predict("michael", NOON, "champion")
    return brand


async def settled(brand: Acting) -> dict[str, Any]:
    for _ in range(10):
        await brand.later()
        await brand.job(NOON)
        [message] = await brand.messages()
        if message["status"] != "queued":
            return message
    raise AssertionError("still queued")


async def test_a_mail_is_sent(services: Services, driver: AsyncDriver, mailbox: Mailbox) -> None:
    brand = await service(services, driver, mailbox.url)
    await brand.only("segment", subject="For you,\n{{ first_name }}\r\nBcc: all@example.com")
    assert (await brand.job(NOON))["sent"] == 1
    [message], [mail] = await brand.messages(), mailbox.taken
    assert (message["provider"], message["status"]) == ("smtp", "sent")
    assert mail["To"] == "michael@example.com"
    assert mail["From"] == "Shöp <hello@shop.example>"
    assert mail["Subject"] == "For you, Michael Bcc: all@example.com"
    assert mail["Bcc"] is None
    assert mail["Message-ID"] == message["message_id"] == f"<{message['campaign_id']}@shop.example>"
    assert mail.get_content().startswith("Hi Michael,")


async def test_refused_for_now_and_for_good(services: Services, driver: AsyncDriver, mailbox: Mailbox) -> None:
    brand = await service(services, driver, mailbox.url)
    mailbox.answers = ["451 Later", "451 Later"]
    assert (await settled(brand))["status"] == "sent"
    assert mailbox.asked == 3
    await brand.person("Ann", "+1-555-0457")
    await brand.predict("ann", NOON, "champion")
    mailbox.answers = ["554 Never"]
    assert (await brand.job(NOON))["failed"] == 1
    [failed] = await brand.messages(status="failed")
    assert "554" in failed["reason"]


async def test_nobody_listens_there(services: Services, driver: AsyncDriver) -> None:
    """It was certainly not sent, so it is tried again."""
    brand = await service(services, driver, "smtp://127.0.0.1:9")
    assert (await brand.job(NOON))["later"] == 1
    [message] = await brand.messages()
    assert message["status"] == "queued"
    assert message["reason"].startswith("the mail server cannot be used: ")


async def test_one_that_may_have_been_sent_is_parked(services: Services, driver: AsyncDriver, mailbox: Mailbox) -> None:
    brand = await service(services, driver, mailbox.url, timeout_s=0.5)
    mailbox.slow_s = 1
    parked = await settled(brand)
    assert parked["status"] == "failed"
    assert parked["reason"].startswith("unknown")
    assert len(mailbox.taken) == 1, "not sent again blindly"
    mailbox.slow_s = 0
    await brand.post(f"/api/campaign-executions/{parked['campaign_id']}/redrive", None)
    assert (await settled(brand))["status"] == "sent"
    first, second = mailbox.taken
    assert first["Message-ID"] == second["Message-ID"]


class Silent:
    """Accepts connections and never says a word."""

    def __init__(self) -> None:
        self.connected = asyncio.Event()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connected.set()
        await reader.read()
        writer.close()


async def test_one_that_was_not_tried_when_we_were_told_to_stop_is_given_back(
    services: Services, driver: AsyncDriver, mailbox: Mailbox
) -> None:
    silent = Silent()
    listening = await asyncio.start_server(silent, "127.0.0.1", 0)
    brand = await service(services, driver, f"smtp://127.0.0.1:{listening.sockets[0].getsockname()[1]}", timeout_s=2)
    running = asyncio.create_task(brand.refused("/api/jobs/automations/run", {"as_of": NOON.isoformat()}))
    await silent.connected.wait()
    await asyncio.sleep(0.05)  # Python 3.11 may lose a cancel at the very moment of the connection, and then waits it out
    running.cancel()
    assert (await running).status_code == 503
    [left] = await brand.cypher("MATCH (c:CampaignExecution {brand_id: $brand}) RETURN c {.*} AS c")
    assert (left["c"]["status"], left["c"]["attempts"]) == ("queued", 0)
    assert not {"claimed_by", "in_flight", "unsure"} & left["c"].keys()
    listening.close()
    after = await service(services, driver, mailbox.url)
    after.brand_id = brand.brand_id
    assert (await settled(after))["status"] == "sent"
    assert len(mailbox.taken) == 1


@pytest.mark.parametrize(("called", "status"), [(False, "sent"), (True, "failed")])
async def test_a_claim_of_a_killed_process(
    services: Services, driver: AsyncDriver, mailbox: Mailbox, called: bool, status: str
) -> None:
    """Killed before it called the server, a message was certainly not sent; killed since, nobody knows."""
    brand = await service(services, driver, mailbox.url)
    mailbox.answers = ["451 Later"]
    await brand.job(NOON)
    await brand.cypher(
        "MATCH (c:CampaignExecution {brand_id: $brand}) "
        "SET c.in_flight = c.address, c.claimed_by = 'gone', c.unsure = CASE WHEN $called THEN true END",
        called=called,
    )
    assert (await settled(brand))["status"] == status
    assert len(mailbox.taken) == (not called)


@given(to=st.text(max_size=30), subject=st.text(max_size=30), body=st.text(max_size=50))
def test_any_text_is_a_letter_or_refused(to: str, subject: str, body: str) -> None:
    try:
        written = letter(Message("c1", "b", "email", f"{to}@example.com", body, subject), "Shop <hello@shop.example>")
    except Refused:
        return
    assert set(written.keys()) <= {
        "From", "To", "Subject", "Date", "Message-ID", "Content-Type", "Content-Transfer-Encoding", "MIME-Version",
    }  # fmt: skip
    assert b"\nBcc" not in written.as_bytes().partition(b"\n\n")[0]


def test_a_domain_goes_out_as_every_server_takes_it() -> None:
    written = letter(Message("c1", "b", "email", "x@m\u00fcller.de", "Hi", "Hi"), "Shop <hello@caf\u00e9.example>")
    assert (written["To"], written["From"]) == ("x@xn--mller-kva.de", "Shop <hello@xn--caf-dma.example>")
    assert written["Message-ID"] == "<c1@xn--caf-dma.example>"


def test_which_server() -> None:
    one = server_of("smtps://user%40x:p%2Fw@mail.example:4650", "a@b.example")
    assert (one.host, one.port, one.username, one.password, one.use_tls) == ("mail.example", 4650, "user@x", "p/w", True)
    assert server_of("smtp://mail.example", "a@b.example").start_tls is None
    assert server_of("smtp+starttls://mail.example", "a@b.example").start_tls is True
    for url, sender in (("http://x", "a@b.example"), ("smtp://", "a@b.example"), ("smtp://x:y", "a@b"), ("smtp://x", "nobody")):
        with pytest.raises(SetUpError):
            server_of(url, sender)
