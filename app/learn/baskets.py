"""What many customers bought, each product of a customer once, in four bytes each."""

from array import array
from collections.abc import Iterable

MOST_BOUGHT = 50  # a customer's latest products; longer baskets say little of each pair and cost their square


class Baskets:
    """Grows customer by customer. `products` names the columns; `columns` are the baskets one after the other, each as long
    as `lengths` says."""

    def __init__(self, customers: Iterable[Iterable[tuple[str, float]]] = ()) -> None:
        self.products: list[str] = []
        self.columns = array("i")
        self.lengths = array("i")
        self._place: dict[str, int] = {}
        for bought in customers:
            self.add(bought)

    def __len__(self) -> int:
        return len(self.lengths)

    def add(self, bought: Iterable[tuple[str, float]]) -> None:
        """One more customer: product keys with the days, in any order. The MOST_BOUGHT latest stay, each once."""
        days: dict[str, float] = {}
        for key, day in bought:
            days[key] = max(day, days.get(key, day))
        latest = sorted(days, key=lambda key: (-days[key], key))[:MOST_BOUGHT]
        self.columns.extend(self._column(key) for key in latest)
        self.lengths.append(len(latest))

    def _column(self, key: str) -> int:
        place = self._place.setdefault(key, len(self.products))
        if place == len(self.products):
            self.products.append(key)
        return place
