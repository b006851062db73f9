"""What a customer of Shopify's said to messages: by states, which have a time of their own, else by the boxes of the checkout."""

from collections.abc import Iterable

from app.sources.people import Attributes
from app.sources.reading import JsonObject

_MAX_STATE = 40  # characters of a state of consent


def consents(body: JsonObject, customer: JsonObject) -> Attributes:
    """What the buyer said to e-mail and SMS: by Shopify's states, else by the boxes of the checkout.

    Of another shape it says nothing: an order is not lost for it.
    """
    ticked = {
        "email": (body.get("buyer_accepts_marketing"), customer.get("accepts_marketing")),
        "sms": (body.get("buyer_accepts_sms_marketing"),),
    }
    return tuple(
        (f"{name}_consent", said)
        for name, boxes in ticked.items()
        if (said := _state(customer, name) or _state(body, name) or _box(boxes)) is not None
    )


def said_at(body: JsonObject) -> JsonObject:
    """When a state of consent was changed, of a body that tells nothing else."""
    for name in ("email_marketing_consent", "sms_marketing_consent"):
        asked = body.get(name)
        if isinstance(asked, dict) and asked.get("consent_updated_at"):
            return {"consent_updated_at": asked["consent_updated_at"]}
    return {}


def _state(data: JsonObject, name: str) -> str | None:
    asked = data.get(f"{name}_marketing_consent")
    state = asked.get("state") if isinstance(asked, dict) else None
    return state.lower() if isinstance(state, str) and 0 < len(state) <= _MAX_STATE else None


def _box(boxes: Iterable[object]) -> str | None:
    ticked = next((one for one in boxes if isinstance(one, bool)), None)
    return None if ticked is None else str(ticked).lower()
