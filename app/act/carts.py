"""Which cart adds are one cart. Pure: the order in which events arrived, and how often anybody looks, change nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

ABANDONED_AFTER = timedelta(hours=2)
TOO_OLD_AFTER = timedelta(hours=24)  # since its last add; also what a silence within one cart may last
LOOK_BACK = timedelta(days=30)  # how far a cart that is still added to is followed back

_AFTER_MS = ABANDONED_AFTER // timedelta(milliseconds=1)
_OLD_MS = TOO_OLD_AFTER // timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Did:
    """A cart add of a person, or a purchase. `at` in epoch milliseconds; `products` are names."""

    event_id: str
    at: int
    is_purchase: bool
    products: tuple[str, ...] = ()
    told: frozenset[str] = frozenset()  # ids of automations that have an execution for this event
    backfill: bool = False  # it was brought in after the fact


@dataclass(frozen=True, slots=True)
class Cart:
    """Consecutive adds of a person: no purchase between them, and no silence longer than a day."""

    adds: tuple[Did, ...]

    @property
    def began(self) -> int:
        return self.adds[0].at

    @property
    def last(self) -> int:
        return self.adds[-1].at

    @property
    def last_live(self) -> int | None:
        """When the last add came that was no backfill; None when all of it was brought in after the fact."""
        return max((add.at for add in self.adds if not add.backfill), default=None)

    @property
    def products(self) -> tuple[str, ...]:
        """The names of what is in it, the last added first, each once."""
        return tuple(dict.fromkeys(name for add in reversed(self.adds) for name in add.products))

    @property
    def told(self) -> frozenset[str]:
        """Automations that had an execution for any part of it: it is the same cart, whatever arrived since."""
        return frozenset().union(*(add.told for add in self.adds))


def carts(history: Iterable[Did]) -> list[Cart]:
    """The carts of one person's history that no purchase ended, the oldest first. One at the time of an add ends it."""
    found: list[Cart] = []
    open_adds: list[Did] = []
    for did in sorted(history, key=lambda one: (one.at, one.is_purchase, one.event_id)):
        if did.is_purchase:
            # An earlier cart that was left alone for a day is over for its own part; a purchase now answers all of them.
            found.clear()
            open_adds.clear()
            continue
        if open_adds and did.at - open_adds[-1].at > _OLD_MS:
            found.append(Cart(tuple(open_adds)))
            open_adds.clear()
        open_adds.append(did)
    if open_adds:
        found.append(Cart(tuple(open_adds)))
    return found


def abandoned(history: Iterable[Did], clock: int) -> list[Cart]:
    """Carts that were left alone for two hours at `clock` (epoch milliseconds), and not for more than a day.

    What was brought in after the fact is in them as it was in life, but makes none: a cart is as old as the last that was not.
    """
    past = [did for did in history if did.at <= clock]
    waited = [cart for cart in carts(past) if clock - cart.last >= _AFTER_MS]
    return [cart for cart in waited if cart.last_live is not None and clock - cart.last_live <= _OLD_MS]
