"""What a customer of Shopify's said to messages: by states, which have a time of their own, else by the boxes of the checkout."""

from collections.abc import Iterable

from app.sources.people import Attributes
from app.sources.reading import JsonObject, hint

_MAX_STATE = 40  # characters of a state of consent
_STATES = {"email": "email_marketing_consent", "sms": "sms_marketing_consent", "whatsapp": "whats_app_marketing_consent"}
_CHANGED_AT = ("consent_updated_at", "updated_at")


def consents(body: JsonObject, customer: JsonObject) -> Attributes:
    """What the buyer said to e-mail, SMS and WhatsApp: by Shopify's states, else by the boxes of the checkout.

    Of another shape it says nothing: an order is not lost for it.
    """
    ticked: dict[str, tuple[object, ...]] = {
        "email": (body.get("buyer_accepts_marketing"), customer.get("accepts_marketing")),
        "sms": (body.get("buyer_accepts_sms_marketing"),),
        "whatsapp": (),
    }
    return tuple(
        (f"{name}_consent", said)
        for name, boxes in ticked.items()
        if (said := _state(customer, name) or _state(body, name) or _box(boxes)) is not None
    )


def said_at(body: JsonObject) -> JsonObject:
    """When a state of consent was changed, of a body that tells nothing else."""
    asked = [hint(body, name) for name in _STATES.values()]
    told = [one[name] for one in asked for name in _CHANGED_AT if one.get(name)]
    return {"consent_updated_at": told[0]} if told else {}


def _state(data: JsonObject, name: str) -> str | None:
    state = hint(data, _STATES[name]).get("state")
    return state.lower() if isinstance(state, str) and 0 < len(state) <= _MAX_STATE else None


def _box(boxes: Iterable[object]) -> str | None:
    ticked = next((one for one in boxes if isinstance(one, bool)), None)
    return None if ticked is None else str(ticked).lower()
