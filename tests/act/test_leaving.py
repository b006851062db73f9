"""Who gets an e-mail may say, by its own link, that they want no more: mail programs do it by themselves, people by a button."""

import re
from pathlib import Path

import httpx
import pytest
from neo4j import AsyncDriver

from app.act.channels.base import Message
from app.act.channels.email import letter
from app.graph.leaving import PURPOSE, Links
from app.graph.seal import Seal
from tests.act.conftest import NOON, Acting, Services, hours
from tests.act.fake_mail import Mailbox
from tests.conftest import new_brand

PUBLIC = "https://identity.shop.example"
ANN, BOB = "ann@example.com", "bob@example.com"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


async def shop(services: Services, driver: AsyncDriver, mailbox: Mailbox, public_url: str | None = PUBLIC) -> Acting:
    """A brand that writes an e-mail to whoever asks for a catalogue."""
    client = await services.client(smtp_url=mailbox.url, smtp_from="hello@shop.example", public_url=public_url)
    brand = Acting(new_brand(), client, driver)
    letter_to = {"name": "Catalogue", "trigger": "catalogue", "channel": "email", "subject": "Here", "template": "Our catalogue"}
    await brand.post("/api/automations", letter_to)
    return brand


async def asks(brand: Acting, email: str, at: float) -> str:
    return await brand.does(email, NOON + hours(at), "catalogue")


def link(mailbox: Mailbox) -> str:
    """That of the last letter, as a path."""
    mail = mailbox.taken[-1]
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    found = re.fullmatch(rf"<{PUBLIC}(/unsubscribe/[\w=-]+)>", mail["List-Unsubscribe"])
    assert found, mail["List-Unsubscribe"]
    return found[1]


async def leaves(brand: Acting, path: str) -> httpx.Response:
    """As a mail program does: no brand, no key, no cookie."""
    return await brand._client.post(path, data=ONE_CLICK)


async def test_one_click_and_no_more_e_mail(services: Services, driver: AsyncDriver, mailbox: Mailbox) -> None:
    brand = await shop(services, driver, mailbox)
    await asks(brand, ANN, 0)
    assert (await brand.job(NOON))["sent"] == 1
    path = link(mailbox)
    assert ANN not in path
    for _ in range(2):
        answer = await leaves(brand, path)
        assert (answer.status_code, "You are unsubscribed" in answer.text) == (200, True)
    await asks(brand, ANN, 1)
    did = await brand.job(NOON + hours(1))
    assert (did["sent"], did["skipped"]) == (0, 1)
    assert [one["reason"] for one in await brand.executions(status="skipped")] == ["opted out"]
    said = await brand.cypher("MATCH (e:Event {brand_id: $brand, source: 'unsubscribe'}) RETURN e.type AS type")
    assert [row["type"] for row in said] == ["unsubscribed"], "twice within a moment is once"


async def test_whoever_only_opens_the_link_changes_nothing(services: Services, driver: AsyncDriver, mailbox: Mailbox) -> None:
    brand = await shop(services, driver, mailbox)
    await asks(brand, ANN, 0)
    await brand.job(NOON)
    for method in ("HEAD", "GET"):
        answer = await brand._client.request(method, link(mailbox))
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert '<form method="post"><button>' in answer.text
    assert await brand.cypher("MATCH (e:Event {brand_id: $brand, source: 'unsubscribe'}) RETURN e") == []


async def test_a_link_that_is_not_ours_says_so(services: Services, driver: AsyncDriver, mailbox: Mailbox) -> None:
    brand = await shop(services, driver, mailbox)
    await asks(brand, ANN, 0)
    await brand.job(NOON)
    path = link(mailbox)
    for wrong in (path[:-9], path[:-9] + "A" * 9, "/unsubscribe/x", "/unsubscribe/%C3%A9%00"):
        for answer in (await brand._client.get(wrong), await leaves(brand, wrong)):
            assert (answer.status_code, "This link is not whole" in answer.text) == (404, True)


async def test_it_asks_for_no_key_and_takes_a_browser_s_button(services: Services, driver: AsyncDriver, tmp_path: Path) -> None:
    secret = "0123456789abcdef"
    client = await services.client(access="keys", secret_key=secret, public_url=PUBLIC)
    brand = Acting(new_brand(), client, driver)
    url = Links(Seal(secret, tmp_path, PURPOSE), PUBLIC).to(brand.brand_id, ANN)
    assert url is not None
    path = url.removeprefix(PUBLIC)
    browser = {"host": "identity.shop.example", "origin": PUBLIC, "sec-fetch-site": "same-origin"}
    for headers in ({}, browser):
        assert (await client.post(path, headers=headers, data=ONE_CLICK)).status_code == 200
    said = await brand.cypher("MATCH (p:Profile {brand_id: $brand}) RETURN p.attributes AS attributes")
    assert [("email_consent" in row["attributes"], "unsubscribed" in row["attributes"]) for row in said] == [(True, True)]
    assert (await client.get("/api/profiles", headers={"x-brand-id": brand.brand_id})).status_code == 401


async def test_the_no_is_whose_the_address_is(services: Services, driver: AsyncDriver, mailbox: Mailbox) -> None:
    """Of two that were merged since, both get none; once they are two again, the one who said so."""
    brand = await shop(services, driver, mailbox)
    ann, bob = await asks(brand, ANN, 0), await brand.does(BOB, NOON - hours(30), "page_view")
    await brand.job(NOON)
    merged = (await brand.post("/api/merges", {"profile_ids": [ann, bob]}))["data"]["merge_id"]
    assert (await leaves(brand, link(mailbox))).status_code == 200
    await asks(brand, BOB, 1)
    assert (await brand.job(NOON + hours(1)))["skipped"] == 1
    await brand.post(f"/api/merges/{merged}/undo", {})
    await asks(brand, ANN, 2)
    await asks(brand, BOB, 2)
    did = await brand.job(NOON + hours(2))
    assert (did["sent"], did["skipped"]) == (1, 1)
    assert mailbox.taken[-1]["To"] == BOB


@pytest.mark.parametrize("public_url", [None, "http://identity.shop.example"])
async def test_without_an_address_of_the_world_there_is_no_link(
    services: Services, driver: AsyncDriver, mailbox: Mailbox, public_url: str | None
) -> None:
    brand = await shop(services, driver, mailbox, public_url)
    await asks(brand, ANN, 0)
    assert (await brand.job(NOON))["sent"] == 1
    assert mailbox.taken[-1]["List-Unsubscribe"] is None
    assert mailbox.taken[-1]["List-Unsubscribe-Post"] is None


def test_a_long_link_stays_in_one_piece() -> None:
    url = f"{PUBLIC}/unsubscribe/{'aB3-' * 90}=="
    written = letter(Message("c", "b", "email", ANN, "Hi", "Hello", leave_url=url), "hello@shop.example")
    assert f"\nList-Unsubscribe: <{url}>\n".encode() in written.as_bytes()
