"""A brand's past as it is read: flat and in few bytes. Needs none of the models' libraries."""

import hashlib
from array import array
from collections.abc import Mapping
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


class Gathering:
    """Grows by rows of cypher/learn/histories; who never ordered is left out."""

    def __init__(self, at: int) -> None:
        self.orders = Column(array("i"), array("d"), array("d"))
        self.others = Column(array("i"), array("d"), array("d"))
        self.window = at, at
        self._digest = hashlib.sha256()

    def __len__(self) -> int:
        return len(self.orders.lengths)

    @property
    def is_full(self) -> bool:
        return len(self) >= MOST_CUSTOMERS or len(self.orders.days) + len(self.others.days) >= MOST_IN_ALL

    @property
    def digest(self) -> str:
        """SHA-256 of all that was gathered."""
        return self._digest.hexdigest()

    def add(self, row: Mapping[str, Any]) -> None:
        if not row["orders"]:
            return
        self._digest.update(repr((row["profile_id"], row["orders"], row["others"])).encode())
        self.window = min(self.window[0], row["orders"][-1][0]), self.window[1]
        self.orders.lengths.append(len(row["orders"]))
        self.others.lengths.append(len(row["others"]))
        for moment, minor, currency in reversed(row["orders"]):
            self.orders.days.append(moment / DAY_MS)
            self.orders.values.append(_money(minor, currency, row["currency"]))
        self.others.days.extend(moment / DAY_MS for moment in reversed(row["others"]))


def _money(minor: int | None, currency: str | None, brands: str) -> float:
    """In the brand's currency; an order in another counts as one of 0."""
    return major(minor, brands) if minor is not None and currency == brands else 0.0
