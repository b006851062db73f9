"""People to look at: somebody who has every identifier type, and a hub, where many meet at one browser."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from app.domain.events import Event, Money, event_id, stable_id
from app.domain.identifiers import TYPES, Identifier

START = datetime(2024, 1, 1, tzinfo=UTC)
KIOSK = Identifier("cookie", "kiosk-at-the-door")
# A number can be no opaque value; everything else may.
VALUES = {"email": "ada.everything@example.net", "phone": "447700900123", "whatsapp": "+447700900124"}
EVERYTHING = tuple(Identifier(name, VALUES.get(name, f"bench-{name.replace('_', '-')}-1")) for name in TYPES)


def known_by_everything(brand_id: str) -> Iterator[Event]:
    """One event of one person."""
    yield _event(brand_id, "everything", 0, "purchase", EVERYTHING)


def hub(brand_id: str, people: int) -> Iterator[Event]:
    """Each looks at a page of the kiosk with an address of their own, then buys with it, where nobody else is."""
    for number in range(people):
        address = Identifier("email", f"h{number}@example.net")
        yield _event(brand_id, f"look-{number}", 2 * number, "page_view", (address, KIOSK))
        yield _event(brand_id, f"buy-{number}", 2 * number + 1, "purchase", (address,))


def _event(brand_id: str, name: str, minute: int, kind: str, identifiers: tuple[Identifier, ...]) -> Event:
    at = START + timedelta(minutes=minute)
    return Event(
        brand_id=brand_id,
        event_id=event_id(brand_id, "bench", name),
        delivery_id=stable_id(brand_id, "delivery", name),
        source="bench",
        type=kind,
        occurred_at=at,
        received_at=at,
        identifiers=identifiers,
        total=Money(1_000, "USD") if kind == "purchase" else None,
        order_id=name if kind == "purchase" else None,
    )
