"""Shopify's `customers/merge`: two customers that the shop, or Shopify, made one (shopify.dev/docs/api/webhooks, that topic)."""

from app.domain.events import CUSTOMERS_MERGED
from app.sources.base import Delivery, Parsed
from app.sources.envelope import Envelope
from app.sources.people import people
from app.sources.reading import JsonObject, body_key, body_text, first_text, header, load_object

MERGE = "customers/merge"

_KEPT, _GONE = "admin_graphql_api_customer_kept_id", "admin_graphql_api_customer_deleted_id"
_DONE = frozenset({"completed", None})  # a merge that is under way, or failed, is told as well


def merged(delivery: Delivery) -> Parsed:
    """The event of a merge that was done, which joins the two; none of any other. Raises BadInput."""
    body = load_object(delivery.body)
    status = first_text(body, "status")
    named = [("shopify_customer_id", body.get(name)) for name in (_KEPT, _GONE)]
    if (status and status.lower()) not in _DONE or not all(one for _, one in named):
        return Parsed((), ignored=(MERGE,))
    envelope = Envelope(delivery, "shopify", _key(delivery, body), body_text(delivery.body))
    said: JsonObject = {"kept": body[_KEPT], "deleted": body[_GONE]}
    return Parsed((envelope.event(CUSTOMERS_MERGED, delivery.received_at, people(named, ""), said, joins=True),))


def _key(delivery: Delivery, body: JsonObject) -> str:
    """Shopify's delivery id, else the job's, else the body itself."""
    delivered, job = header(delivery, "x-shopify-webhook-id"), first_text(body, "admin_graphql_api_job_id")
    return f"webhook:{delivered}" if delivered else f"{MERGE}:{job or body_key(delivery.body)}"
