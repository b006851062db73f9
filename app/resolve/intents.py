"""Product intents: what a person seems about to buy, as their events show it."""

from dataclasses import dataclass
from itertools import accumulate

from app.domain.events import CART_ADDS, Event, Item, stable_id
from app.domain.plan import Intent
from app.domain.profiles import OpenIntent, Profile

SCORE_BOUGHT_BEFORE = 85
SCORE_FIRST_TIME = 60
SCORE_PURCHASE = 100

# Bounds, so that a robot's profile costs no more than a person's (docs/decisions.md): how many product keys
# "bought before" remembers and how long they are together, and how many open intents a profile keeps before the oldest expires.
MAX_BOUGHT = 1_000
MAX_BOUGHT_CHARACTERS = 128_000
MAX_OPEN = 100


def cap_bought(keys: tuple[str, ...]) -> tuple[str, ...]:
    """The most recently bought product keys, each once, as many as fit."""
    newest_first = list(dict.fromkeys(reversed(keys)))[:MAX_BOUGHT]
    fitting = sum(together <= MAX_BOUGHT_CHARACTERS for together in accumulate(map(len, newest_first)))
    return tuple(reversed(newest_first[:fitting]))


def cap_open(intents: tuple[OpenIntent, ...]) -> tuple[OpenIntent, ...]:
    return tuple(sorted(intents))[-MAX_OPEN:] if len(intents) > MAX_OPEN else tuple(sorted(intents))


@dataclass(frozen=True, slots=True)
class Interest:
    """What one event did to a profile's intents: new ones, those it closed, and what the profile remembers after."""

    shown: tuple[Intent, ...]
    closed: tuple[tuple[str, str, str | None], ...]
    bought: tuple[str, ...]
    waiting: tuple[OpenIntent, ...]


def interest(profile: Profile, event: Event, matched: bool) -> Interest | None:
    """What the event says of products, or None when it says nothing.

    A cart add shows an active intent, 85 when the product was bought before; a purchase closes the open intents of its
    products, and by a profile that was already there (`matched`) is an intent itself.
    """
    items = tuple(item for item in event.items if item.keys)
    if not items:
        return None
    if event.type in CART_ADDS:
        return _cart_add(profile, event, items)
    return _purchase(profile, event, items, matched) if event.is_purchase else None


def _cart_add(profile: Profile, event: Event, items: tuple[Item, ...]) -> Interest:
    known = frozenset(profile.bought)
    shown = tuple(
        _intent(event, place, item, SCORE_FIRST_TIME if known.isdisjoint(item.keys) else SCORE_BOUGHT_BEFORE, "active")
        for place, item in enumerate(items)
    )
    added = profile.intents + tuple(
        OpenIntent(event.received_at, new.intent_id, item.keys) for new, item in zip(shown, items, strict=True)
    )
    kept = cap_open(added)
    dropped = tuple((gone.intent_id, "expired", None) for gone in sorted(set(added) - set(kept)))
    return Interest(shown, dropped, profile.bought, kept)


def _purchase(profile: Profile, event: Event, items: tuple[Item, ...], matched: bool) -> Interest:
    shown = tuple(_intent(event, place, item, SCORE_PURCHASE, "converted") for place, item in enumerate(items)) if matched else ()
    return bought(profile, event.products, event.event_id, shown)


def bought(profile: Profile, products: tuple[str, ...], event_id: str, shown: tuple[Intent, ...] = ()) -> Interest:
    """What it does that a person bought these: whatever they wanted of them is closed, and they are remembered."""
    keys = frozenset(products)
    closed = tuple(wanted for wanted in profile.intents if not keys.isdisjoint(wanted.keys))
    return Interest(
        shown,
        tuple((wanted.intent_id, "converted", event_id) for wanted in closed),
        cap_bought(profile.bought + products),
        tuple(wanted for wanted in profile.intents if wanted not in closed),
    )


def _intent(event: Event, place: int, item: Item, score: int, status: str) -> Intent:
    intent_id = stable_id(event.brand_id, "intent", event.event_id, str(place))
    converted_by = event.event_id if status == "converted" else None
    return Intent(intent_id, event.event_id, item.product_id, item.name, score, status, converted_by)
