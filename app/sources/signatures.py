"""Who sent a call: each provider's signature is made anew from what was sent, with each secret that may have made it.

One function a provider, for a source's `verify`: nothing when the call is theirs, else Unsigned (no signature) or Forged
(another one, or none that could be checked). Messages go to whoever called: none tells a secret, or what would have been right.
"""

import base64
import hmac
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import parse_qs, parse_qsl, urlparse

from twilio.request_validator import (
    HMAC_SHA1,
    HMAC_SHA256,
    SIGNATURE_SETTINGS_HEADER,
    RequestValidator,
    add_port,
    get_signature_algorithm,
    remove_port,
)

from app.domain.errors import BadInput, Forged, Unsigned
from app.sources.base import Delivery, Trust
from app.sources.reading import MAX_FIELDS, body_text, form_pairs, header, hint, load_object
from app.sources.twilio_stream import told

__all__ = ["Trust", "lightspeed", "shopify", "square", "toast", "twilio"]

_BODY_HASH = "bodySHA256"
_SHOP = "x-shopify-shop-domain"


@dataclass(frozen=True, slots=True)
class _Sender:
    """A provider in the words of its own documentation: the header with its signature, what it signs with, and over what."""

    name: str
    header: str
    secret: str
    covers: str

    @property
    def settings(self) -> str:
        return f"PUT /api/sources/{self.name.lower()}"

    @property
    def given(self) -> str:
        """What of its settings a signature depends on."""
        if "public_url" not in self.covers:
            return "the secret"
        return "the secret, and public_url to the letter: https or http, the port, a slash at its end"

    def forged(self, why: str) -> Forged:
        return Forged(f"the {self.header} header {why}")


_BODY = "the body, byte for byte"
_SHOPIFY = _Sender("Shopify", "x-shopify-hmac-sha256", "the app's client secret", _BODY)
_TWILIO = _Sender("Twilio", "x-twilio-signature", "the account's auth token", "public_url, the query and all fields of the body")
_SQUARE = _Sender("Square", "x-square-hmacsha256-signature", "the subscription's signature key", f"public_url and {_BODY}")
_TOAST = _Sender("Toast", "toast-signature", "the subscription's secret", f"{_BODY}, and the timestamp in it")
_LIGHTSPEED = _Sender("Lightspeed", "x-signature", "the app's client secret", _BODY)


def shopify(delivery: Delivery, trust: Trust) -> None:
    """Base64 of the HMAC-SHA256 of the raw body; and the shop, if it must be a certain one.

    Shopify signs with the old secret for up to an hour after it was replaced. The shop's name is not signed: it tells the shops
    of one app apart, and keeps nobody out. https://shopify.dev/docs/apps/build/webhooks/verify-deliveries
    """
    given = _given(delivery, _SHOPIFY)
    _check(given, (_base64(key, delivery.sent) for key in _keys(trust)), _SHOPIFY)
    if trust.shop_domain and (header(delivery, _SHOP) or "").casefold() != trust.shop_domain.strip().casefold():
        raise Forged(
            f"the {_SHOP} header does not name the shop whose calls are taken here; send that shop's, or set the right "
            f"shop_domain with {_SHOPIFY.settings}"
        )


def as_shopify(secret: str, shop: str | None, body: bytes) -> dict[str, str]:
    """The headers with which a body comes from Shopify, as far as `shopify` looks: for what a shop brings in itself."""
    return {_SHOPIFY.header: _base64(secret.encode(), body), **({_SHOP: shop} if shop else {})}


def square(delivery: Delivery, trust: Trust) -> None:
    """Base64 of the HMAC-SHA256 of the notification URL and the raw body.

    https://developer.squareup.com/docs/webhooks/step3validate
    """
    given = _given(delivery, _SQUARE)
    signed = _address(delivery, trust, _SQUARE).encode() + delivery.sent
    _check(given, (_base64(key, signed) for key in _keys(trust)), _SQUARE)


def lightspeed(delivery: Delivery, trust: Trust) -> None:
    """`signature=HEX,algorithm=HMAC-SHA256`, of the raw body. https://x-series-api.lightspeedhq.com/docs/webhooks"""
    parts = (part.partition("=") for part in _given(delivery, _LIGHTSPEED).split(","))
    told = {name.strip().lower(): value.strip() for name, _, value in parts}
    if told.get("algorithm", "").upper() != "HMAC-SHA256" or not told.get("signature"):
        raise _LIGHTSPEED.forged("does not read signature=HEX,algorithm=HMAC-SHA256; send it as Lightspeed made it")
    expected = (_hmac(key, delivery.sent).hex() for key in _keys(trust))
    _check(told["signature"].lower(), expected, _LIGHTSPEED)


def toast(delivery: Delivery, trust: Trust) -> None:
    """Base64 of the HMAC-SHA256 of the raw body and, behind it, the message's own `timestamp`, where it has one.

    https://doc.toasttab.com/doc/devguide/apiMessageSigning.html
    """
    given = _given(delivery, _TOAST)
    try:
        told = load_object(delivery.body).get("timestamp")
    except BadInput:
        told = None
    signed = delivery.sent + (told.encode() if isinstance(told, str) else b"")
    _check(given, (_base64(key, signed) for key in _keys(trust)), _TOAST)


def twilio(delivery: Delivery, trust: Trust) -> None:
    """Twilio's own validator over the address and the form's fields; and the account, if it must be a certain one.

    Of a body that is no form the address holds the SHA-256, as `bodySHA256`. Whether the port belongs to the address Twilio does
    not always say alike, so either counts. Its SharedKeys sign alike, by the algorithm that another header names.
    https://www.twilio.com/docs/usage/webhooks/webhooks-security
    """
    given = _given(delivery, _TWILIO)
    algorithm = _algorithm(delivery)
    addresses = _with_and_without_port(_address(delivery, trust, _TWILIO))
    hashed = parse_qs(addresses[0].partition("?")[2]).get(_BODY_HASH)
    fields = _Fields() if hashed else _form(delivery.sent)
    validators = [RequestValidator(secret) for secret in _secrets(trust)]
    _check(given, (one.compute_signature(address, fields, algorithm) for one in validators for address in addresses), _TWILIO)
    if hashed and not _same(hashed[0], sha256(delivery.sent).hexdigest()):
        raise _TWILIO.forged(f"is of another body: this one's SHA-256 is not the query's {_BODY_HASH}; send it as Twilio made it")
    if trust.account_sid and not _is_of(trust.account_sid, delivery, None if hashed else fields):
        raise Forged(
            "the body's AccountSid is not the account whose calls are taken here; send that account's, or set the right "
            f"account_sid with {_TWILIO.settings}"
        )


class _Fields(dict[str, list[str]]):
    """A form's fields, with all values of a repeated one, as Twilio's validator asks for them."""

    def getlist(self, name: str) -> list[str]:
        return self[name]


def _form(body: bytes) -> _Fields:
    """Raises Forged for what Twilio never sends: bytes that are no text would all be read, and signed, as the same one sign."""
    try:
        pairs = form_pairs(body_text(body))
    except BadInput as error:
        raise _TWILIO.forged(
            f"cannot be of this body, which is no form in UTF-8 of at most {MAX_FIELDS:,} fields, and which no {_BODY_HASH} "
            "in the query names; send it as Twilio made it"
        ) from error
    fields = _Fields()
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    return fields


def _algorithm(delivery: Delivery) -> str:
    named: str = get_signature_algorithm(header(delivery, SIGNATURE_SETTINGS_HEADER.lower())).upper()
    if named not in (HMAC_SHA1, HMAC_SHA256):
        raise Forged(
            f"the {SIGNATURE_SETTINGS_HEADER.lower()} header names an algorithm that is not known here; choose {HMAC_SHA256} in "
            "Twilio's webhook rules"
        )
    return named


def _is_of(account: str, delivery: Delivery, fields: _Fields | None) -> bool:
    """Whether a form names this account, and JSON no other, whichever of several values is read.

    Twilio's forms always name it, its JSON (the steps of a Studio flow) need not: there the signature alone says whose it is.
    """
    if fields is not None:
        return set(fields.get("AccountSid", ())) == {account}
    try:
        named = [(one.get("AccountSid"), hint(one, "data").get("accountSid")) for one in told(delivery.body)]
    except BadInput:
        return False
    return all(one in (account, None) for either in named for one in either)


def _with_and_without_port(address: str) -> list[str]:
    try:
        parts = urlparse(address)
        return list(dict.fromkeys((address, remove_port(parts), add_port(parts))))
    except ValueError as error:  # a port or a host that cannot be one
        raise _no_address(_TWILIO, "is none") from error


def _address(delivery: Delivery, trust: Trust, sender: _Sender) -> str:
    """Where the sender thinks it sent this: `public_url`, with the query of this very call where that says more.

    What is read of a query must be signed. So a call that has one keeps to `public_url`'s, in any order (Twilio sorts what it
    sends, not what it signs), and may add to it what a body's hash or a callback of ours adds; one that has none passed somebody
    who took it away. Raises Forged.
    """
    if not trust.public_url:
        raise _no_address(sender, "is not set")
    path, _, own = trust.public_url.partition("?")
    if not delivery.raw_query:
        return trust.public_url
    wanted, sent = _pairs(own), _pairs(delivery.raw_query)
    if not wanted <= sent:
        raise sender.forged(
            f"cannot be of this address: its query is not the one of public_url; send it as {sender.name} did, or set public_url "
            f"to where {sender.name} sends, with {sender.settings}"
        )
    return trust.public_url if own and wanted == sent else f"{path}?{delivery.raw_query}"


def _pairs(query: str) -> Counter[tuple[str, str]]:
    return Counter(parse_qsl(query, keep_blank_values=True))


def _no_address(sender: _Sender, why: str) -> Forged:
    return sender.forged(
        f"cannot be checked: it covers the address that {sender.name} sends to, and this source's public_url {why}; set it with "
        f"{sender.settings} to the address as {sender.name} has it, such as "
        f"https://id.example.com/api/integrations/{sender.name.lower()}/webhook/my-shop"
    )


def _given(delivery: Delivery, sender: _Sender) -> str:
    """The signature that came. Raises Unsigned."""
    given = header(delivery, sender.header)
    if given is None:
        raise Unsigned(
            f"the {sender.header} header is missing: only what {sender.name} signed is taken here; send from {sender.name}, and "
            "let nothing on the way drop the header"
        )
    return given


def _check(given: str, expected: Iterable[str], sender: _Sender) -> None:
    """Raises Forged unless one is the other. All are made and compared, so that the time tells nobody which was close."""
    matches = [_same(given, one) for one in expected]
    if not any(matches):
        raise sender.forged(
            f"is not what {sender.secret} makes of this call: it covers {sender.covers}; check what {sender.settings} was given "
            f"({sender.given}), and that nothing on the way changes the call"
        )


def _same(given: str, expected: str) -> bool:
    """In constant time. What is no text (a lone surrogate) becomes a question mark, which no signature has."""
    return hmac.compare_digest(given.encode(errors="replace"), expected.encode())


def _secrets(trust: Trust) -> list[str]:
    """Never a blank one, with which everybody could sign."""
    return [secret for secret in trust.secrets if secret.strip()]


def _keys(trust: Trust) -> list[bytes]:
    return [secret.encode() for secret in _secrets(trust)]


def _hmac(key: bytes, signed: bytes) -> bytes:
    return hmac.digest(key, signed, "sha256")


def _base64(key: bytes, signed: bytes) -> str:
    return base64.b64encode(_hmac(key, signed)).decode()
