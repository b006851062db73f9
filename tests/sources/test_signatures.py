"""Who sent it: real signatures of the providers hold, and nothing else does."""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.domain.errors import Forged, Unsigned
from app.domain.senders import SENDERS
from app.problems import status_of
from app.sources import SOURCES, signatures
from app.sources.base import Delivery
from app.sources.signatures import Trust

PAYLOADS = Path(__file__).resolve().parents[1] / "payloads"
MANIFEST = json.loads((PAYLOADS / "MANIFEST.json").read_text())
SECRETS = MANIFEST["secrets"]
NOW = datetime(2026, 11, 27, tzinfo=UTC)
BOM = b"\xef\xbb\xbf"
ACCOUNT = "AC0a1b2c3d0a1b2c3d0a1b2c3d0a1b2c3d"
SHOP = "north-loom.myshopify.com"
URL = "https://idr.example.com/hooks"

Verify = Callable[[Delivery, Trust], None]
VERIFY: dict[str, Verify] = {
    "shopify": signatures.shopify,
    "twilio": signatures.twilio,
    "square": signatures.square,
    "lightspeed": signatures.lightspeed,
    "toast": signatures.toast,
}
HEADERS = {
    "shopify": "x-shopify-hmac-sha256",
    "twilio": "x-twilio-signature",
    "square": "x-square-hmacsha256-signature",
    "lightspeed": "x-signature",
    "toast": "toast-signature",
}
SECRET_OF = {"shopify": "shopify", "twilio": "twilio_auth_token", "square": "square_signature_key"}
SIGNED = [one for one in MANIFEST["files"] if one["source"] in SECRET_OF]

every_provider = pytest.mark.parametrize("name", VERIFY)
every_payload = pytest.mark.parametrize("payload", SIGNED, ids=[one["file"] for one in SIGNED])


def case(payload: dict[str, str]) -> tuple[str, Delivery, Trust]:
    """A payload as it was sent, and what its source has to be told to believe it."""
    headers = json.loads((PAYLOADS / payload["headers"]).read_text())
    path, _, query = payload.get("signed_url", "").partition("?")
    body = (PAYLOADS / payload["file"]).read_bytes()
    delivery = Delivery("demo", {name.lower(): value for name, value in headers.items()}, body, NOW, "r", raw_query=query)
    name = payload["source"]
    return name, delivery, Trust((SECRETS[SECRET_OF[name]],), public_url=path or None)


def sign(name: str, body: bytes, secret: str, url: str = URL) -> str:
    """What the provider would write in its header, worked out here from its documentation."""
    key = secret.encode()
    if name == "shopify":
        return base64.b64encode(hmac.new(key, body, hashlib.sha256).digest()).decode()
    if name == "square":
        return base64.b64encode(hmac.new(key, url.encode() + body, hashlib.sha256).digest()).decode()
    if name == "toast":
        return base64.b64encode(hmac.new(key, body + stamp(body), hashlib.sha256).digest()).decode()
    if name == "lightspeed":
        return f"signature={hmac.new(key, body, hashlib.sha256).hexdigest()},algorithm=HMAC-SHA256"
    return base64.b64encode(hmac.new(key, (url + said(body)).encode(), hashlib.sha1).digest()).decode()


def stamp(body: bytes) -> bytes:
    """What Toast signs behind a body: the timestamp in it."""
    found = re.search(rb'"timestamp": ?"([^"]*)"', body)
    return found[1] if found else b""


def said(form: bytes) -> str:
    """What Twilio signs of a form: its names in order, each once with each of its values."""
    return "".join(name + value for name, value in sorted(set(parse_qsl(form.decode(), keep_blank_values=True))))


def call(name: str, body: bytes, signature: str | None, query: str = "", **more: str) -> Delivery:
    headers = {name.replace("_", "-"): value for name, value in more.items()}
    if signature is not None:
        headers[HEADERS[name]] = signature
    return Delivery("demo", headers, body, NOW, "r", raw_query=query)


def refused(name: str, delivery: Delivery, trust: Trust, error: type[Forged | Unsigned] = Forged) -> str:
    """The message, which says what is wrong and how to mend it, and gives nothing away."""
    with pytest.raises((Forged, Unsigned)) as caught:
        VERIFY[name](delivery, trust)
    detail = caught.value.detail
    assert type(caught.value) is error, detail
    assert ";" in detail
    with pytest.raises(error) as of_others:
        VERIFY[name](delivery, replace(trust, secrets=("nobody's",)))
    long = (secret.strip() for secret in trust.secrets if len(secret.strip()) > 8)
    # Secrets are drawn that happen to be words of ours, such as a header's name.
    assert not any(secret in detail and secret not in of_others.value.detail for secret in long)
    for secret in trust.secrets:
        with_secret = sign("lightspeed", delivery.sent, secret).partition(",")[0].removeprefix("signature=")
        assert with_secret not in detail
        assert sign("shopify", delivery.sent, secret) not in detail
    return detail


def resigned(delivery: Delivery, name: str, signature: str | None) -> Delivery:
    headers = {header: value for header, value in delivery.headers.items() if header != HEADERS[name]}
    return replace(delivery, headers=headers if signature is None else {**headers, HEADERS[name]: signature})


def flipped(body: bytes, place: int) -> bytes:
    return body[: place // 8] + bytes([body[place // 8] ^ (1 << place % 8)]) + body[place // 8 + 1 :]


def test_every_provider_has_a_payload() -> None:
    assert {one["source"] for one in SIGNED} == {"shopify", "twilio", "square"}
    assert len(SIGNED) == 18


def test_the_sources_that_sign_are_asked() -> None:
    asked = {name: verify for source in SOURCES for name, verify in source.verify.items()}
    assert asked == VERIFY, "a new source that signs has a row in VERIFY, HEADERS and `sign` above, and is tried with them"
    assert set(asked) <= set(SENDERS), "put its name into SenderName of app/domain/senders.py, or nobody can give it a secret"


def test_they_are_401_and_403() -> None:
    assert (status_of(Unsigned("it")), status_of(Forged("it"))) == (401, 403)


@every_payload
def test_a_real_signature_holds(payload: dict[str, str]) -> None:
    name, delivery, trust = case(payload)
    VERIFY[name](delivery, trust)
    old_and_new = replace(trust, secrets=("the new one", *trust.secrets))
    VERIFY[name](delivery, old_and_new)
    VERIFY[name](delivery, replace(trust, secrets=old_and_new.secrets[::-1]))


@every_payload
def test_a_changed_byte_is_refused(payload: dict[str, str]) -> None:
    name, delivery, trust = case(payload)
    for place in {0, 1, len(delivery.body) // 2, len(delivery.body) - 1}:
        body = bytearray(delivery.body)
        body[place] ^= 1
        refused(name, replace(delivery, body=bytes(body)), trust)
    refused(name, replace(delivery, body=delivery.body + b" "), trust)
    refused(name, replace(delivery, body=delivery.body[:-1]), trust)
    refused(name, replace(delivery, mark=BOM), trust)


@pytest.mark.parametrize(
    ("name", "signs"), [("twilio", True), ("square", True), ("shopify", False), ("lightspeed", False), ("toast", False)]
)
def test_whoever_signs_the_address_is_told_to_look_at_it(name: str, signs: bool) -> None:
    """A slash at its end is the likeliest mistake, and the hardest to see."""
    delivery = Delivery("demo", {HEADERS[name]: sign(name, b"a=1", "other", f"{URL}/")}, b"a=1", NOW, "r")
    with pytest.raises(Forged) as refused:
        VERIFY[name](delivery, Trust(("s",), public_url=URL))
    assert ("a slash at its end" in refused.value.detail) is signs


@every_payload
def test_another_secret_is_refused(payload: dict[str, str]) -> None:
    name, delivery, trust = case(payload)
    (secret,) = trust.secrets
    for other in (secret + "x", secret[:-1], secret.swapcase(), "", " "):
        if other != secret:
            refused(name, delivery, replace(trust, secrets=(other,)))
    refused(name, delivery, replace(trust, secrets=()))


@every_payload
def test_a_damaged_header_is_refused(payload: dict[str, str]) -> None:
    name, delivery, trust = case(payload)
    right = delivery.headers[HEADERS[name]]
    for wrong in (
        right[:-1],
        right[1:],
        right.rstrip("="),
        right.swapcase(),
        right + "=",
        right + right,
        right[:-3] + "é" + right[-2:],
        "\udcff" * len(right),
        "=" * len(right),
        "x" * 100_000,
        base64.b64decode(right).hex(),
    ):
        assert HEADERS[name] in refused(name, resigned(delivery, name, wrong), trust)
    for none in (None, "", "  "):
        assert HEADERS[name] in refused(name, resigned(delivery, name, none), trust, Unsigned)


@every_payload
def test_the_header_of_another_payload_is_refused(payload: dict[str, str]) -> None:
    name, delivery, trust = case(payload)
    others = [one for one in map(case, SIGNED) if one[1].body != delivery.body]
    for other, theirs, _ in others:
        refused(name, resigned(delivery, name, theirs.headers[HEADERS[other]]), trust)


@pytest.mark.parametrize("payload", [one for one in SIGNED if "signed_url" in one], ids=lambda one: one["file"])
def test_the_address_is_signed_where_the_provider_signs_it(payload: dict[str, str]) -> None:
    name, delivery, trust = case(payload)
    url = trust.public_url or ""
    for other in (
        url + "/",
        url.replace("https", "http"),
        url.replace("idr", "other"),
        url.replace("https://idr", "https://[idr"),
    ):
        refused(name, delivery, replace(trust, public_url=other))
    for none in (None, ""):
        detail = refused(name, delivery, replace(trust, public_url=none))
        assert "public_url is not set" in detail
        assert f"PUT /api/sources/{name}" in detail
    for query in (delivery.raw_query + "&a=b", delivery.raw_query.swapcase() or "a", delivery.raw_query[:-1] or "%"):
        refused(name, replace(delivery, raw_query=query), trust)
    whole = replace(trust, public_url=payload["signed_url"])
    VERIFY[name](delivery, whole)
    VERIFY[name](replace(delivery, raw_query=""), whole)
    refused(name, replace(delivery, raw_query="campaign=1"), whole)


@pytest.mark.parametrize("name", ["twilio", "square"])
def test_what_is_read_of_a_query_was_signed(name: str) -> None:
    body, trust = b"From=%2B1&Body=", Trust(("key",), public_url=f"{URL}?b=2&a=")
    signature = sign(name, body, "key", f"{URL}?b=2&a=")
    for same in ("b=2&a=", "a=&b=2", ""):  # as it was, as Twilio sorts it, and behind somebody who takes it away
        VERIFY[name](call(name, body, signature, same), trust)
    for other in ("b=2&a=&campaign=7", "b=2", "b=3&a=", "b=2&a=&a=", "campaign=7"):
        refused(name, call(name, body, signature, other), trust)
    more = sign(name, body, "key", f"{URL}?b=2&a=&campaign=7")  # as the status callback of a message of ours
    VERIFY[name](call(name, body, more, "b=2&a=&campaign=7"), trust)
    elsewhere = sign(name, body, "key", f"{URL}?b=3&a=&campaign=7")
    refused(name, call(name, body, elsewhere, "b=3&a=&campaign=7"), trust)


def test_the_shop_must_be_the_one_that_is_meant() -> None:
    _, delivery, trust = case(SIGNED[0])
    shouting = replace(delivery, headers={**delivery.headers, "x-shopify-shop-domain": SHOP.upper()})
    for same in (SHOP, SHOP.upper()):
        signatures.shopify(delivery, replace(trust, shop_domain=same))
        signatures.shopify(shouting, replace(trust, shop_domain=same))
    assert "x-shopify-shop-domain" in refused("shopify", delivery, replace(trust, shop_domain="other.myshopify.com"))
    without = replace(delivery, headers={"x-shopify-hmac-sha256": delivery.headers["x-shopify-hmac-sha256"]})
    assert "shop_domain" in refused("shopify", without, replace(trust, shop_domain=SHOP))
    signatures.shopify(without, trust)


def test_the_account_must_be_the_one_that_is_meant() -> None:
    form, of_json = (
        case(one) for one in SIGNED if one["file"] in {"twilio/13_status_sent.form", "twilio/19_json_bodysha256.json"}
    )
    signatures.twilio(form[1], replace(form[2], account_sid=ACCOUNT))
    assert "AccountSid" in refused("twilio", form[1], replace(form[2], account_sid=ACCOUNT.upper()))
    signatures.twilio(
        of_json[1], replace(of_json[2], account_sid=ACCOUNT)
    )  # JSON that names none: the signature says whose it is
    for body in (b"AccountSid=AC1&AccountSid=AC2", b"AccountSid=AC2&AccountSid=AC1", b"accountsid=AC1"):
        refused("twilio", call("twilio", body, sign("twilio", body, "key")), Trust(("key",), URL, account_sid="AC1"))


@pytest.mark.parametrize(
    ("body", "is_theirs"),
    [
        (b'{"AccountSid": "AC1"}', True),
        (b'{"AccountSid": "AC2"}', False),
        (b'{"AccountSid": ["AC1"]}', False),
        (b'[{"data": {"accountSid": "AC1"}}, {"data": {"accountSid": "AC1"}}]', True),
        (b'{"event": "x"}', True),
        (b'[{"data": {"accountSid": "AC1"}}, {"data": {}}]', True),
        (b'[{"data": {"accountSid": "AC1"}}, {"data": {"accountSid": "AC2"}}]', False),
        (b'[{"data": {"accountSid": "AC1"}, "AccountSid": "AC2"}]', False),
        (b"[]", False),
        (b'["AC1"]', False),
        (b"{", False),
        (b"AccountSid=AC1", False),
    ],
)
def test_the_account_of_json(body: bytes, is_theirs: bool) -> None:
    query = f"bodySHA256={hashlib.sha256(body).hexdigest()}"
    delivery = call("twilio", body, sign("twilio", b"", "key", f"{URL}?{query}"), query)
    trust = Trust(("key",), URL, account_sid="AC1")
    if is_theirs:
        signatures.twilio(delivery, trust)
    else:
        assert "AccountSid" in refused("twilio", delivery, trust)
    signatures.twilio(delivery, replace(trust, account_sid=None))


def test_json_that_nothing_in_the_query_names_is_refused() -> None:
    """Twilio's signature of an address alone says nothing of a body."""
    for body in (b'{"From": "+15550123", "Body": "hi"}', b'{"Body":"a=b"}'):
        refused("twilio", call("twilio", body, sign("twilio", b"", "key")), Trust(("key",), URL))
        for named in ("bodySHA256=", "bodySHA256=x", "bodySHA256=%C3%A9"):
            signature = sign("twilio", b"", "key", f"{URL}?{named}")
            refused("twilio", call("twilio", body, signature, named), Trust(("key",), URL))


@pytest.mark.parametrize("configured", ["https://idr.example.com/hooks", "https://idr.example.com:443/hooks"])
@pytest.mark.parametrize("signed", ["https://idr.example.com/hooks", "https://idr.example.com:443/hooks"])
def test_the_port_may_be_signed_or_not(configured: str, signed: str) -> None:
    body = b"From=%2B15550123&Body="
    signatures.twilio(call("twilio", body, sign("twilio", body, "key", signed)), Trust(("key",), configured))


def test_twilios_shared_keys_sign_by_the_algorithm_that_they_name() -> None:
    body = b"From=%2B15550123"
    longer = base64.b64encode(hmac.new(b"key", (URL + said(body)).encode(), hashlib.sha256).digest()).decode()
    trust = Trust(("key",), URL)
    with_algorithm = {"x_twilio_webhooks_signature_settings": "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"}
    signatures.twilio(call("twilio", body, longer, **with_algorithm), trust)
    refused("twilio", call("twilio", body, longer), trust)
    refused("twilio", call("twilio", body, sign("twilio", body, "key"), **with_algorithm), trust)
    unknown = {"x_twilio_webhooks_signature_settings": "key=1,algorithm=NONE"}
    assert "x-twilio-webhooks-signature-settings" in refused("twilio", call("twilio", body, longer, **unknown), trust)


def test_all_values_of_a_repeated_field_are_signed() -> None:
    """https://github.com/twilio/twilio-python/issues/613: in order, each once."""
    trust = Trust(("key",), URL)
    signature = base64.b64encode(hmac.new(b"key", f"{URL}Bodya1a2c".encode(), hashlib.sha1).digest()).decode()
    signatures.twilio(call("twilio", b"a=2&Body=&a=1&c&a=2", signature), trust)
    for other in (b"Body=&a=1&c=", b"Body=&a=2&c=", b"Body=&a=2&a=3&c="):
        refused("twilio", call("twilio", other, signature), trust)


@pytest.mark.parametrize("body", [b"a=\xff", b"a=%FF", b"&".join([b"a=1"] * 1_001)])
def test_no_form_of_twilios_is_refused(body: bytes) -> None:
    signature = base64.b64encode(hmac.new(b"key", f"{URL}a1".encode(), hashlib.sha1).digest()).decode()
    assert "no form" in refused("twilio", call("twilio", body, signature), Trust(("key",), URL))


def test_a_signature_of_lightspeed_is_read_however_it_is_spaced() -> None:
    code = hmac.new(b"key", b"payload=%7B%7D", hashlib.sha256).hexdigest()
    for fine in (
        f"signature={code},algorithm=HMAC-SHA256",
        f"algorithm=HMAC-SHA256, signature={code}",
        f"Signature={code.upper()}, Algorithm=hmac-sha256",
    ):
        signatures.lightspeed(call("lightspeed", b"payload=%7B%7D", fine), Trust(("key",)))
    for odd in (code, f"signature={code}", f"signature={code},algorithm=HMAC-SHA1", "signature=,algorithm=HMAC-SHA256", ",=,"):
        assert "x-signature" in refused("lightspeed", call("lightspeed", b"payload=%7B%7D", odd), Trust(("key",)))


def test_toast_signs_the_timestamp_of_its_message_too() -> None:
    """As worked out from the code in its documentation, over a message as its documentation shows it."""
    body = b'{"timestamp":"2024-03-28T15:11:01.050Z","eventCategory":"order_updated","guid":"534bf25a"}'
    signature = base64.b64encode(hmac.new(b"key", body + b"2024-03-28T15:11:01.050Z", hashlib.sha256).digest()).decode()
    signatures.toast(call("toast", body, signature), Trust(("old", "key")))
    alone = base64.b64encode(hmac.new(b"key", body, hashlib.sha256).digest()).decode()
    assert "timestamp" in refused("toast", call("toast", body, alone), Trust(("key",)))


@pytest.mark.parametrize("secret", ["", " ", "\t"])
@every_provider
def test_nobody_signs_with_a_blank_secret(name: str, secret: str) -> None:
    refused(name, call(name, b"a=1", sign(name, b"a=1", secret)), Trust((secret,), URL))


def test_secrets_are_not_written_where_trust_is() -> None:
    assert "shpss" not in repr(Trust(("shpss_1",)))


@every_provider
def test_the_mark_before_a_body_is_signed(name: str) -> None:
    delivery = replace(call(name, b"a=1", sign(name, BOM + b"a=1", "key")), mark=BOM)
    VERIFY[name](delivery, Trust(("key",), URL))
    refused(name, replace(delivery, mark=b""), Trust(("key",), URL))


TEXTS = st.text(max_size=20)
SOME_SECRETS = st.text(min_size=1, max_size=40).filter(str.strip)
FORMS = st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=6).map(lambda pairs: urlencode(pairs).encode())


@every_provider
@given(data=st.data(), secret=SOME_SECRETS, other=SOME_SECRETS, path=TEXTS)
@settings(deadline=None)
def test_whatever_is_signed_holds_until_a_bit_is_changed(
    name: str, data: st.DataObject, secret: str, other: str, path: str
) -> None:
    assume(other.rstrip("\0") != secret.rstrip("\0"))  # HMAC fills a key up with zeros
    body = data.draw(FORMS if name == "twilio" else st.binary(min_size=1, max_size=80))
    url = f"{URL}/{urlencode({'p': path})}"
    delivery, trust = call(name, body, sign(name, body, secret, url)), Trust((other, secret), url)
    VERIFY[name](delivery, trust)
    changed = flipped(body, data.draw(st.integers(0, len(body) * 8 - 1)))
    if name != "twilio" or reads(changed) != reads(body):  # %2b reads as %2B does
        refused(name, replace(delivery, body=changed), trust)
    refused(name, delivery, Trust((other,), url))


def reads(form: bytes) -> list[tuple[str, str]] | None:
    try:
        return parse_qsl(form.decode(), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        return None


ODD = st.text(st.characters(), max_size=60) | st.from_regex(r"(?i)\A(signature=[0-9a-f]*|algorithm=[-a-z0-9]*|[,= ])*\Z")


@every_provider
@given(text=ODD, settings_of=ODD, body=st.binary(max_size=40), query=TEXTS, url=TEXTS | st.just(URL))
@settings(deadline=None)
def test_nothing_else_is_raised(name: str, text: str, settings_of: str, body: bytes, query: str, url: str) -> None:
    delivery = call(name, body, text, query, x_twilio_webhooks_signature_settings=settings_of)
    with pytest.raises((Unsigned, Forged)) as caught:
        VERIFY[name](delivery, Trust(("key",), url, SHOP, ACCOUNT))
    assert isinstance(caught.value, Forged if text.strip() else Unsigned)
    caught.value.detail.encode()


def test_the_signer_of_these_tests_agrees_with_the_payloads() -> None:
    for payload in SIGNED:
        name, delivery, trust = case(payload)
        form = delivery.body if payload["file"].endswith(".form") or name != "twilio" else b""
        url = payload.get("signed_url", "")
        assert urlsplit(url).scheme in {"https", ""}
        assert sign(name, form, trust.secrets[0], url) == delivery.headers[HEADERS[name]], payload["file"]
