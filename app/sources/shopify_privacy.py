"""Shopify's privacy webhooks: what a customer may ask a shop for, and what Shopify asks for a shop that let the app go."""

from collections.abc import Mapping

from app.domain.identifiers import Identifier
from app.sources.base import Defaults, Delivery, Wanted, Wish
from app.sources.people import Named, people
from app.sources.reading import first_text, header, load_object, obj

WANTED: Mapping[str, Wanted] = {
    "customers/redact": Wanted.ERASURE,
    "customers/data_request": Wanted.EXPORT,
    "shop/redact": Wanted.SHOP_ERASURE,
}


def wish(topic: str, delivery: Delivery, defaults: Defaults) -> Wish:
    """Whom it is about: by Shopify's id and the e-mail, which are a customer's own; by the phone where nobody has either, since
    a household may share one. A shop's own names nobody. Raises BadInput."""
    body = load_object(delivery.body)
    customer = obj(body, "customer")
    own = _named((("shopify_customer_id", customer.get("id")), ("email", customer.get("email"))), defaults.country)
    shared = _named((("phone", customer.get("phone")),), defaults.country)
    key = header(delivery, "x-shopify-webhook-id") or first_text(obj(body, "data_request"), "id") or delivery.request_id
    groups = tuple(group for group in (own, shared) if group)
    return Wish(WANTED[topic], topic, key, groups, first_text(body, "shop_domain"))


def _named(named: tuple[Named, ...], country: str) -> tuple[Identifier, ...]:
    return people(named, country).identifiers
