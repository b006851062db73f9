"""A brand's past as it is read: flat and in few bytes. Needs none of the models' libraries."""

import hashlib
import math
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.money import major
from app.graph.rows import DAY_MS

MOST_CUSTOMERS = 50_000  # by profile id, which is as good as by chance
# Of one customer, the latest. Who has more orders than are read would, before the first of those, pass for somebody new, so they
# are as good as all; of visits and the like trees know no difference beyond some hundreds.
MOST_ORDERS, MOST_OTHERS = 5_000, 500
MOST_IN_ALL = 10_000_000  # orders and other events together: some 200 MB


@dataclass(frozen=True, slots=True)
class Column:
    """What customers did, one customer after the other, each from the earliest on; `lengths` says how much is whose."""

    lengths: "array[int]"
    days: "array[float]"
    values: "array[float]"


@dataclass(frozen=True, slots=True)
class Afterwards:
    """What was told of orders after they were placed. `ended`: when each was called off, infinite for one that was not. The rest
    is money: whose (a place among customers), of which order (its place among orders; -1 for a refund), when it was told, what
    the order came to from then on (of a refund: what was paid back, negative), and when its order was called off. What is told of
    one order stands from the earliest on."""

    ended: "array[float]"
    owners: "array[int]"
    orders: "array[int]"
    days: "array[float]"
    values: "array[float]"
    until: "array[float]"


class Gathering:
    """Grows by rows of cypher/learn/histories; who never ordered is left out."""

    def __init__(self, at: int) -> None:
        self.orders = Column(array("i"), array("d"), array("d"))
        self.others = Column(array("i"), array("d"), array("d"))
        self.afterwards = Afterwards(array("d"), array("i"), array("i"), array("d"), array("d"), array("d"))
        self.window = at, at
        self._digest = hashlib.sha256()

    def __len__(self) -> int:
        return len(self.orders.lengths)

    @property
    def is_full(self) -> bool:
        entries = len(self.orders.days) + len(self.afterwards.days) + len(self.others.days)
        return len(self) >= MOST_CUSTOMERS or entries >= MOST_IN_ALL

    @property
    def digest(self) -> str:
        """SHA-256 of all that was gathered."""
        return self._digest.hexdigest()

    def add(self, row: Mapping[str, Any]) -> None:
        if not row["orders"]:
            return
        self._digest.update(repr((row["profile_id"], row["orders"], row["refunds"], row["others"])).encode())
        self.window = min(self.window[0], row["orders"][-1][0]), self.window[1]
        owner, currency = len(self), row["currency"]
        for placed in reversed(row["orders"]):
            self._order(owner, placed, currency)
        for moment, minor, paid_in, ended in reversed(row["refunds"]):
            self._told(owner, -1, moment, _money(minor, paid_in, currency), _day(ended))
        self.orders.lengths.append(len(row["orders"]))
        self.others.lengths.append(len(row["others"]))
        self.others.days.extend(moment / DAY_MS for moment in reversed(row["others"]))

    def _order(self, owner: int, placed: Sequence[Any], currency: str) -> None:
        moment, minor, paid_in, ended, edits = placed
        until = _day(ended)
        for edited, edited_minor, edited_in in edits:
            self._told(owner, len(self.orders.days), edited, _money(edited_minor, edited_in, currency), until)
        self.orders.days.append(moment / DAY_MS)
        self.orders.values.append(_money(minor, paid_in, currency))
        self.afterwards.ended.append(until)

    def _told(self, owner: int, order: int, moment: int, value: float, until: float) -> None:
        told = self.afterwards
        told.owners.append(owner)
        told.orders.append(order)
        told.days.append(moment / DAY_MS)
        told.values.append(value)
        told.until.append(until)


def _day(moment: int | None) -> float:
    return math.inf if moment is None else moment / DAY_MS


def _money(minor: int | None, currency: str | None, brands: str) -> float:
    """In the brand's currency; an order in another counts as one of 0."""
    return major(minor, brands) if minor is not None and currency == brands else 0.0
