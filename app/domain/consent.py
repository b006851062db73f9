"""What people say of messages: the channels they go by, the attributes that are a yes or a no, and what such a value means."""

from collections.abc import Mapping

GENERAL = ("accepts_marketing", "marketing_consent")
# By channel the types of identifiers that are its addresses, the one it goes to first.
ADDRESSES: Mapping[str, tuple[str, ...]] = {"email": ("email",), "sms": ("phone",), "whatsapp": ("whatsapp", "phone")}
CHANNELS = tuple(ADDRESSES)
CONSENTS = frozenset({*GENERAL, *(f"{channel}_consent" for channel in CHANNELS)})

_NO = frozenset({
    "false", "no", "0", "off", "n", "none", "never", "denied", "declined", "refused", "revoked", "withdrawn", "unsubscribed",
    "not_subscribed", "opted_out", "opt_out", "optout", "redacted", "invalid",
})  # fmt: skip
_YES = frozenset({
    "true", "yes", "1", "on", "y", "granted", "given", "subscribed", "opted_in", "opt_in", "optin", "confirmed",
})  # fmt: skip


def address_types() -> list[str]:
    """The types of identifiers that any message goes to."""
    return sorted({one for types in ADDRESSES.values() for one in types})


def meant(value: str | None) -> bool | None:
    """True for a yes, False for a no, None for what says neither."""
    plain = (value or "").strip().lower().replace(" ", "_").replace("-", "_")
    if plain in _NO:
        return False
    return True if plain in _YES else None
