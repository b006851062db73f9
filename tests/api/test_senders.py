"""Who may send: who has a secret must sign, who is switched off is refused, a write key is one brand's; nobody reads them."""

import asyncio
import base64
import gzip
import hmac
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from neo4j import AsyncDriver

from app.domain.errors import SetUpError
from app.graph.driver import Graph
from app.graph.seal import Seal
from app.main import create_app
from app.settings import Settings
from app.sources.segment import EXAMPLES
from tests.api.brand import PURCHASE, WHATSAPP, Brand
from tests.conftest import new_brand
from tests.sources.test_signatures import sign
from tests.sources.test_toast import CHECK
from tests.sources.test_toast import body as toast_message

PAYLOADS = Path(__file__).resolve().parents[1] / "payloads"
MANIFEST = json.loads((PAYLOADS / "MANIFEST.json").read_text())
SHOPIFY = "/api/integrations/shopify/webhook"
SECRET = "shpss_0123456789"


async def put(brand: Brand, name: str, **said: object) -> dict[str, Any]:
    answer = await brand.call("PUT", f"/api/sources/{name}", json=said)
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()["data"]
    return shown


async def shown(brand: Brand, name: str) -> dict[str, Any]:
    answer = await brand.call("GET", f"/api/sources/{name}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["data"]
    return found


async def shopify(brand: Brand, secret: str | None, **headers: str) -> httpx.Response:
    body = json.dumps(PURCHASE).encode()
    if secret is not None:
        headers["x-shopify-hmac-sha256"] = base64.b64encode(hmac.digest(secret.encode(), body, "sha256")).decode()
    return await brand.call("POST", SHOPIFY, content=body, headers=headers)


async def test_of_whom_nothing_was_said_may_send_unsigned(brand: Brand) -> None:
    assert (await shopify(brand, None)).status_code == 200
    assert await shown(brand, "shopify") == {
        "source": "shopify", "enabled": True, "signed": False, "shop_domain": None, "account_sid": None, "public_url": None,
        "default_country": None, "has_write_key": False, "changed_at": None, "last_delivery": None,
    }  # fmt: skip


async def test_who_has_a_secret_must_sign_from_then_on(brand: Brand) -> None:
    said = await put(brand, "shopify", secrets=[SECRET], shop_domain="North-Loom.myshopify.com")
    assert (said["signed"], said["shop_domain"]) == (True, "north-loom.myshopify.com")
    shop = {"x-shopify-shop-domain": "north-loom.myshopify.com"}
    unsigned, forged = await shopify(brand, None), await shopify(brand, "another", **shop)
    assert (unsigned.status_code, forged.status_code) == (401, 403)
    assert unsigned.headers["www-authenticate"]
    assert (await shopify(brand, SECRET, **{"x-shopify-shop-domain": "else.myshopify.com"})).status_code == 403
    assert await brand.count("Event") == 0
    assert (await shown(brand, "shopify"))["last_delivery"] is None
    signed = await shopify(brand, SECRET, **shop)
    assert (signed.status_code, signed.json()["data"]["events"][0]["outcome"]) == (200, "created")
    assert (await shown(brand, "shopify"))["last_delivery"]["received_at"].endswith("Z")


async def test_a_secret_is_nowhere_to_be_read(brand: Brand, driver: AsyncDriver) -> None:
    said = await put(brand, "shopify", secrets=[SECRET, "the-next-one"])
    kept = await put(brand, "shopify", default_country="GB")  # what is not told stays, since nobody can read it back
    assert (kept["signed"], kept["default_country"]) == (True, "GB")
    assert (await put(brand, "shopify", default_country="GB", secrets=None))["signed"] is True  # null is not said, [] is
    assert SECRET not in json.dumps([said, kept])
    found = await driver.execute_query("MATCH (n:Sender {brand_id: $brand}) RETURN properties(n) AS all", brand=brand.brand_id)
    text = str(found.records)
    assert "sealed" in text
    assert SECRET not in text
    assert "the-next-one" not in text
    assert (await shopify(brand, "the-next-one")).status_code == 200
    removed = await put(brand, "shopify", secrets=[])
    assert (removed["signed"], removed["default_country"]) == (False, "GB")
    assert (await shopify(brand, None)).status_code == 200


async def test_a_refusal_does_not_repeat_the_secret(brand: Brand) -> None:
    answer = await brand.call("PUT", "/api/sources/shopify", json={"secrets": [SECRET, 7]})
    assert answer.status_code == 422
    assert SECRET not in answer.text


async def test_one_brands_secret_is_no_others_business(brand: Brand, stranger: Brand) -> None:
    await put(brand, "shopify", secrets=[SECRET])
    assert (await shopify(stranger, None)).status_code == 200
    assert (await shown(stranger, "shopify"))["signed"] is False


async def test_who_is_switched_off_is_refused(brand: Brand) -> None:
    await put(brand, "twilio", enabled=False)
    answer = await brand.call("POST", "/api/integrations/twilio/webhook", json=WHATSAPP)
    assert answer.status_code == 403
    assert "PUT /api/sources/twilio" in answer.json()["detail"]
    assert await brand.count("Event") == 0
    await put(brand, "twilio", enabled=True)
    answer = await brand.call("POST", "/api/integrations/twilio/webhook", json=WHATSAPP)
    assert answer.status_code == 200


async def test_national_numbers_are_of_the_senders_country(brand: Brand) -> None:
    await put(brand, "square", default_country="GB")
    customer = {"id": "c1", "phone_number": "07700 900456"}
    notice = {"merchant_id": "m", "type": "customer.created", "event_id": "e", "data": {"object": {"customer": customer}}}
    answer = await brand.call("POST", "/api/integrations/pos", json=notice)
    (event,) = answer.json()["data"]["events"]
    person = await brand.call("GET", f"/api/profiles/{event['profile_id']}")
    assert person.json()["data"]["identifiers"]["phone"] == "447700900456"


SIGNED = [
    ("shopify", "shopify/01_orders_create.json", SHOPIFY, {"secrets": [MANIFEST["secrets"]["shopify"]]}),
    (
        "twilio",
        "twilio/01_inbound_whatsapp_emoji.form",
        "/api/integrations/twilio/webhook",
        {"secrets": [MANIFEST["secrets"]["twilio_auth_token"]], "public_url": MANIFEST["secrets"]["twilio_url"]},
    ),
    (
        "square",
        "pos/01_square_payment_updated.json",
        "/api/integrations/pos",
        {"secrets": [MANIFEST["secrets"]["square_signature_key"]], "public_url": MANIFEST["secrets"]["square_url"]},
    ),
]


@pytest.mark.parametrize(("name", "file", "path", "said"), SIGNED, ids=[name for name, *_ in SIGNED])
async def test_the_real_shaped_bodies_are_taken_by_their_signatures(
    brand: Brand, name: str, file: str, path: str, said: dict[str, object]
) -> None:
    await put(brand, name, **said)
    body = (PAYLOADS / file).read_bytes()
    headers = {**json.loads((PAYLOADS / file).with_suffix(".headers.json").read_text())}
    forged = await brand.call("POST", path, content=body.replace(b"2026", b"2025", 1) + b" ", headers=headers)
    assert forged.status_code == 403
    assert await brand.count("Event") == 0
    taken = await brand.call("POST", path, content=body, headers=headers)
    assert taken.status_code == 200, taken.text
    assert await brand.count("Event") > 0


async def test_what_toast_did_not_sign_is_not_taken(brand: Brand) -> None:
    await put(brand, "toast", secrets=[SECRET])
    message = json.dumps(toast_message(CHECK)).encode()
    for path in ("/api/integrations/pos", f"/api/integrations/toast/webhook/{brand.brand_id}"):
        for headers, status in (({}, 401), ({"toast-signature": sign("toast", message, "another")}, 403)):
            assert (await brand.call("POST", path, content=message, headers=headers)).status_code == status
    assert await brand.count("Event") == 0
    taken = await brand.call("POST", path, content=message, headers={"toast-signature": sign("toast", message, SECRET)})
    assert (taken.status_code, [one["type"] for one in taken.json()["data"]["events"]]) == (200, ["purchase", "order_updated"])


FLAT = {"total": 5, "loyalty_id": "L1", "transaction_id": "t1"}


async def test_an_address_with_a_makers_name_takes_nothing_that_its_maker_did_not_sign(brand: Brand) -> None:
    """Somebody opens this one address to the web, so as to let Square in and nobody else."""
    await put(brand, "square", secrets=[SECRET], public_url="https://id.example.com/square")
    lightspeed = (PAYLOADS / "pos" / "04_lightspeed_x_sale_update.form").read_bytes()
    for path, sent in (
        (f"/api/integrations/square/webhook/{brand.brand_id}", {"json": FLAT}),
        (f"/api/integrations/square/webhook/{brand.brand_id}", {"content": lightspeed}),
        ("/api/integrations/pos", {"content": (PAYLOADS / "pos" / "01_square_payment_updated.json").read_bytes()}),
        (
            f"/api/integrations/lightspeed/webhook/{brand.brand_id}",
            {"content": (PAYLOADS / "pos" / "01_square_payment_updated.json").read_bytes()},
        ),
    ):
        assert (await brand.call("POST", path, **sent)).status_code == 401, (path, sent)
    assert await brand.count("Event") == 0
    assert (await brand.call("POST", "/api/integrations/pos", json=FLAT)).status_code == 200  # a till of no maker


async def test_nobody_says_unsigned_that_an_event_is_a_signers(brand: Brand) -> None:
    """Else anybody calls off an order of the shop's."""
    await put(brand, "shopify", secrets=[SECRET])
    await put(brand, "twilio", enabled=False)
    called_off = {"source": "Shopify", "type": "order_cancelled", "properties": {"order_id": "12345"}}
    fine = {**called_off, "source": "web"}
    for sent, status in ((called_off, 401), ([fine, called_off], 401), ({**called_off, "source": "twilio"}, 403), (fine, 200)):
        answer = await brand.call("POST", "/api/events", json=sent)
        assert answer.status_code == status, answer.text
    assert await brand.count("Event") == 1


@pytest.mark.parametrize(
    ("name", "said", "why"),
    [
        ("shopify", {"secrets": ["x"] * 6}, "secrets"),
        ("shopify", {"secrets": [""]}, "secrets"),
        ("shopify", {"secrets": [" \n"]}, "secrets"),
        ("shopify", {"default_country": "UK"}, "default_country"),
        ("twilio", {"public_url": "idr.example.com"}, "public_url"),
        ("shopify", {"webhook": 1}, "webhook"),
        ("shopify", {"write_key": "k"}, "write_key"),
        ("segment", {"secrets": ["x"]}, "secrets"),
        ("segment", {"write_key": "no:user"}, "write_key"),
        ("segment", {"write_key": " k"}, "write_key"),
    ],
)
async def test_what_cannot_be_meant_is_refused(brand: Brand, name: str, said: dict[str, object], why: str) -> None:
    answer = await brand.call("PUT", f"/api/sources/{name}", json=said)
    assert answer.status_code == 422, answer.text
    assert why in answer.text


async def test_all_senders_in_one_list(brand: Brand) -> None:
    await put(brand, "segment", write_key=new_brand())
    answer = await brand.call("GET", "/api/sources")
    assert {one["source"]: one["has_write_key"] for one in answer.json()["data"]} == {
        "shopify": False, "twilio": False, "square": False, "lightspeed": False, "toast": False, "segment": True,
    }  # fmt: skip


async def test_secrets_that_cannot_be_opened_let_nobody_in(app: FastAPI, graph: Graph, brand: Brand, tmp_path: Path) -> None:
    """Another replica, which was not given the key."""
    await put(brand, "shopify", secrets=[SECRET])
    other = httpx.ASGITransport(create_app(graph, Settings(home=tmp_path, request_deadline_s=60)))
    async with httpx.AsyncClient(transport=other, base_url="http://constintel") as client:
        answer = await client.post(SHOPIFY, json=PURCHASE, headers={"x-brand-id": brand.brand_id})
    assert (answer.status_code, "CONSTINTEL_SECRET_KEY" in answer.text) == (503, True)
    assert await brand.count("Event") == 0


async def test_lost_secrets_can_be_put_anew_one_sender_after_the_other(
    graph: Graph, brand: Brand, driver: AsyncDriver, tmp_path: Path
) -> None:
    """The home with its key is gone: whoever has secrets lets nobody in, everybody else goes on."""
    await put(brand, "shopify", secrets=[SECRET])
    await put(brand, "square", secrets=[SECRET])
    other = httpx.ASGITransport(create_app(graph, Settings(home=tmp_path, request_deadline_s=60)))
    async with httpx.AsyncClient(transport=other, base_url="http://constintel") as client:
        here = Brand(brand.brand_id, client, driver)
        assert (
            await here.call("POST", "/api/integrations/track", json={"event": "x", "email": "a@b.example"})
        ).status_code == 200
        assert [one["source"] for one in await here.data("/api/sources") if one["signed"]] == ["shopify", "square"]
        assert (await put(here, "shopify", secrets=["new"]))["signed"]
        assert ((await shopify(here, "new")).status_code, (await shopify(here, SECRET)).status_code) == (200, 403)


async def test_two_who_change_a_sender_at_once_undo_nothing_of_each_other(brand: Brand) -> None:
    """On two replicas: one puts the secrets, the other says something else of the same sender."""
    for _ in range(5):
        await put(brand, "shopify", secrets=[])
        await asyncio.gather(
            put(brand, "shopify", secrets=[SECRET]), *(put(brand, "shopify", default_country="GB") for _ in range(3))
        )
        assert (await shown(brand, "shopify"))["signed"]


def test_a_home_has_one_key_and_keeps_it_to_itself(tmp_path: Path) -> None:
    first, second = Seal(None, tmp_path / "home"), Seal(None, tmp_path / "home")
    sealed = first.close((SECRET, "b"))
    assert second.open(sealed) == (SECRET, "b")
    (file,) = (tmp_path / "home").iterdir()
    assert file.stat().st_mode & 0o077 == 0
    assert Seal("a key of the settings", tmp_path).open(Seal("a key of the settings", tmp_path / "x").close(("c",))) == ("c",)


@pytest.mark.parametrize("left", [b"", b"\n", b"short", b"\xff" * 32])
def test_what_is_left_of_a_key_opens_nothing(tmp_path: Path, left: bytes) -> None:
    """Else who knows that the file is empty seals a session for himself."""
    (tmp_path / "secrets.key").write_bytes(left)
    with pytest.raises(SetUpError, match="put it back from the backup"):
        Seal(None, tmp_path)
    assert Seal("a key of the settings", tmp_path).close(("x",))


def test_an_editor_that_ends_the_line_changes_no_key(tmp_path: Path) -> None:
    sealed = Seal(None, tmp_path).close((SECRET,))
    file = tmp_path / "secrets.key"
    file.write_bytes(file.read_bytes() + b"\r\n")
    assert Seal(None, tmp_path).open(sealed) == (SECRET,)


# Segment


def basic(key: str) -> dict[str, str]:
    return {"authorization": f"Basic {base64.b64encode(f'{key}:'.encode()).decode()}"}


async def test_blanks_around_what_was_pasted_are_no_part_of_it(brand: Brand) -> None:
    await put(brand, "square", secrets=[f" {SECRET}\n"], public_url=" https://id.example.com/hook\n")
    assert (await shown(brand, "square"))["public_url"] == "https://id.example.com/hook"
    signed = base64.b64encode(hmac.digest(SECRET.encode(), b"https://id.example.com/hook{}", "sha256")).decode()
    answer = await brand.call(
        "POST", f"/api/integrations/square/webhook/{brand.brand_id}", content=b"{}",
        headers={"content-type": "application/json", "x-square-hmacsha256-signature": signed},
    )  # fmt: skip
    assert (answer.status_code, "signature" in answer.text) == (400, False)  # signed well, and no notice of Square's
    refused = await brand.call("PUT", "/api/sources/square", json={"public_url": "https://id.example.com/a hook"})
    assert refused.status_code == 422


async def keyed(brand: Brand) -> str:
    key = new_brand()
    await put(brand, "segment", write_key=key)
    return key


async def test_a_library_of_segments_points_here(brand: Brand) -> None:
    key = await keyed(brand)
    body = (PAYLOADS / "segment" / "01_captured_segment_python_batch.json").read_bytes()
    answer = await brand.call("POST", "/v1/batch", content=body, headers=basic(key))
    assert answer.status_code == 200, answer.text
    assert answer.json()["success"] is True
    events = answer.json()["data"]["events"]
    assert [one["type"] for one in events] == ["identify", "purchase", "page", "alias", "group", "screen"]
    (person,) = {one["profile_id"] for one in events}
    profile = (await brand.call("GET", f"/api/profiles/{person}")).json()["data"]
    assert (profile["lifetime_values"], profile["total_orders"]) == ({"GBP": 42.5}, 1)
    assert profile["identifiers"]["email"] == "zoë.ångström@example.com"
    again = await brand.call("POST", "/v1/b", content=gzip.compress(body), headers={**basic(key), "content-encoding": "gzip"})
    assert {one["outcome"] for one in again.json()["data"]["events"]} == {"duplicate"}
    assert (await shown(brand, "segment"))["last_delivery"] is not None


@pytest.mark.parametrize("call", EXAMPLES)
async def test_every_call_shows_a_body_that_works(brand: Brand, call: str) -> None:
    key = await keyed(brand)
    for path in (f"/v1/{call}", f"/v1/{call[0]}"):
        answer = await brand.call("POST", path, json=EXAMPLES[call], headers=basic(key))
        assert answer.status_code == 200, answer.text
    assert {one["outcome"] for one in answer.json()["data"]["events"]} == {"duplicate"}
    described = (await brand.get("/openapi.json")).json()["paths"][f"/v1/{call}"]["post"]
    assert described["requestBody"]["content"]["text/plain"]["example"] == EXAMPLES[call]


async def test_a_browser_sends_text_from_any_page(brand: Brand) -> None:
    key = await keyed(brand)
    sent = json.loads((PAYLOADS / "segment" / "06_browser_identify_textplain.json").read_bytes()) | {"writeKey": key}
    page = {"origin": "https://north-loom.example", "host": "identity.north-loom.example"}
    asked = await brand.call("OPTIONS", "/v1/i", headers={**page, "access-control-request-method": "POST"})
    assert (asked.status_code, asked.headers["access-control-allow-origin"]) == (204, "*")
    allowed = {name.strip() for name in asked.headers["access-control-allow-headers"].split(",")}
    # `*` is no authorization; a browser sends again with x-retry-count, and with what else its shop set the library up to send.
    assert allowed >= {"*", "authorization", "content-type", "x-retry-count"}
    answer = await brand.call("POST", "/v1/i", content=json.dumps(sent), headers={**page, "content-type": "text/plain"})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, "*")
    refused = await brand.call("POST", "/v1/i", content=b"{}", headers={**page, "content-type": "text/plain"})
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (401, "*")  # so that its script can tell why
    assert refused.headers["www-authenticate"] == "WriteKey"  # of Basic, a browser would ask the shop's visitor for a password
    assert "access-control-allow-origin" not in (await brand.call("GET", "/api/sources")).headers
    assert await brand.count("Profile") == 1
    assert key not in str(await brand.call("GET", "/api/streams/events.raw"))


async def test_what_a_browsers_library_tells_of_itself_is_heard_and_kept_nowhere(brand: Brand) -> None:
    """Each half minute, with the brand's key or without: refused, the console of every page of the shop would complain of it."""
    key = await keyed(brand)
    told = {"series": [{"type": "Counter", "metric": "analytics_js.invoke", "value": 1, "tags": {"method": "track"}}]}
    for headers in (basic(key), {}):
        answer = await brand.call("POST", "/v1/m", content=json.dumps(told), headers={**headers, "content-type": "text/plain"})
        assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert await brand.count("Event") == 0


async def test_an_alias_links_and_a_kiosk_does_not(brand: Brand) -> None:
    key = await keyed(brand)
    kiosk = (PAYLOADS / "segment" / "12_shared_kiosk_device.json").read_bytes()
    answer = await brand.call("POST", "/v1/batch", content=kiosk, headers=basic(key))
    assert len({one["profile_id"] for one in answer.json()["data"]["events"]}) == 25
    for call in ("06_browser_identify_textplain", "09_alias"):
        body = (PAYLOADS / "segment" / f"{call}.json").read_bytes()
        answer = await brand.call("POST", f"/v1/{json.loads(body)['type']}", content=body, headers=basic(key))
        assert answer.status_code == 200
    assert await brand.count("Profile") == 26


async def test_a_key_names_one_brand_and_can_be_changed(brand: Brand, stranger: Brand) -> None:
    key = await keyed(brand)
    taken = await stranger.call("PUT", "/api/sources/segment", json={"write_key": key})
    assert (taken.status_code, "another brand" in taken.text) == (409, True)
    assert (await put(brand, "segment", default_country="GB"))["has_write_key"]
    call = {"userId": "u1", "event": "Signed Up", "messageId": new_brand()}
    assert (await brand.call("POST", "/v1/track", json=call, headers=basic(key))).status_code == 200
    await put(brand, "segment", write_key=None)
    refused = await brand.call("POST", "/v1/track", json=call, headers=basic(key))
    assert (refused.status_code, refused.headers["www-authenticate"][:5]) == (401, "Basic")
    await put(stranger, "segment", write_key=key)


@pytest.mark.parametrize("headers", [{}, {"authorization": "Basic !"}, basic("nobody's"), {"x-brand-id": "demo"}])
async def test_a_call_without_a_known_key_is_nobodys(brand: Brand, headers: dict[str, str]) -> None:
    answer = await brand.call("POST", "/v1/track", json={"event": "x", "userId": "u"}, headers=headers)
    assert answer.status_code == 401
    assert "PUT /api/sources/segment" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("body", "encoding", "status"),
    [
        (b"not gzip", "gzip", 400),
        (gzip.compress(b"{}" * 100)[:-9], "gzip", 400),
        (gzip.compress(b"{}") + gzip.compress(b"{}"), "gzip", 400),
        (gzip.compress(b" " * 6_000_000), "gzip", 413),
        (b"{}", "br", 415),
        (b"{", "", 401),
    ],
    ids=["no gzip", "half of it", "two of them", "too large", "another way", "plain"],  # gzip writes the time of day
)
async def test_a_body_that_cannot_be_unpacked_is_refused(brand: Brand, body: bytes, encoding: str, status: int) -> None:
    answer = await brand.call("POST", "/v1/batch", content=body, headers={"content-encoding": encoding})
    assert answer.status_code == status, answer.text


async def test_a_bad_message_loses_none_of_its_neighbours(brand: Brand) -> None:
    key = await keyed(brand)
    batch = [{"type": "track", "event": "Order Completed", "userId": f"u{n}", "properties": {"total": 5}} for n in range(3)]
    answer = await brand.call(
        "POST", "/v1/batch", json={"batch": [batch[0], {"type": "nothing"}, *batch[1:]]}, headers=basic(key)
    )
    assert [one["type"] for one in answer.json()["data"]["events"]] == ["purchase", "invalid_message", "purchase", "purchase"]
    assert await brand.count("Profile") == 3


async def test_a_sender_that_there_is_none_of_is_not_found(brand: Brand) -> None:
    for how in ({"method": "GET"}, {"method": "PUT", "json": {"enabled": True}}):
        answer = await brand.call(path="/api/sources/magento", **how)
        assert answer.status_code == 404
        assert (answer.json()["title"], "'shopify', 'twilio'" in answer.json()["detail"]) == ("Not found", True)


async def test_what_is_left_out_stays_and_null_takes_it_away(brand: Brand) -> None:
    """As docs/outages.md has a secret replaced, and a sender switched on again: its address must not be lost by it."""
    said = {"public_url": "https://id.example.com/hook", "account_sid": "AC1", "default_country": "GB"}
    assert (await put(brand, "twilio", **said))["enabled"] is True
    for change in ({"enabled": False}, {"secrets": ["new", "old"]}):
        now = await put(brand, "twilio", **change)
        assert {**now, **said, "enabled": False} == now
    now = await put(brand, "twilio", enabled=True, account_sid=None)
    assert {**now, **said, "account_sid": None, "enabled": True, "signed": True} == now
