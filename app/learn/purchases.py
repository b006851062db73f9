"""What models see of a customer at a moment: a few sums over the orders and visits until then."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from app.learn.features import FADES
from app.learn.gathering import Gathering

Floats = NDArray[np.float64]
Whole = NDArray[np.intp]

# Days further away than this say that a clock is wrong, and no model needs to know by how much (27 years).
LONGEST = 10_000.0
LARGEST = 1e12


@dataclass(frozen=True, slots=True)
class Purchases:
    """One entry a customer, all of one length. A day is in days since the epoch, with a fraction; money in major units."""

    orders: Floats
    first_day: Floats
    last_day: Floats
    previous_day: Floats  # of the last order but one; nan when there is none
    gap_squares: Floats  # sum of the squared gaps between one order and the next, days^2
    spend: Floats
    activities: Floats  # other events: visits, messages, carts
    last_activity_day: Floats  # nan when there is none
    at: Floats | float  # the cut: nothing later was counted
    order_pulses: Floats | None = None  # customers x FADES: faded orders, as of the last one; None where nobody looked
    money_pulses: Floats | None = None  # their money

    def __len__(self) -> int:
        return int(self.orders.size)

    def __getitem__(self, which: NDArray[np.bool_] | Whole | slice) -> "Purchases":
        columns = {field.name: getattr(self, field.name) for field in fields(self)}
        return Purchases(**{name: one[which] if isinstance(one, np.ndarray) else one for name, one in columns.items()})

    @property
    def known(self) -> NDArray[np.bool_]:
        """Who has ordered; only they can be scored."""
        return self.orders >= 1

    @property
    def recency(self) -> Floats:
        """Days since the last order, from 0 (an order of the future is one of now) to LONGEST; nan without an order."""
        return _days(self.at - self.last_day, self.known)

    @property
    def span(self) -> Floats:
        """Days from the first order to the last; nan without an order."""
        return _days(self.last_day - self.first_day, self.known)

    @property
    def tenure(self) -> Floats:
        """Days since the first order; nan without an order."""
        return self.recency + self.span

    @property
    def repeats(self) -> Floats:
        """Orders after the first; nan without an order."""
        return np.where(self.known, np.clip(self.orders, 1, LARGEST) - 1, np.nan)

    @property
    def mean_value(self) -> Floats:
        """Money an order, never below 0 (refunds may exceed what was spent); nan without an order."""
        spend = np.clip(np.nan_to_num(self.spend), 0, LARGEST)
        return np.where(self.known, spend / np.maximum(self.orders, 1), np.nan)

    def faded(self, pulses: Floats | None) -> Floats:
        """Customers x FADES: orders, or money, of lately, from their pulses; nan if nobody looked."""
        if pulses is None:
            return np.full((len(self), len(FADES)), np.nan)
        faded: Floats = pulses * np.exp(-self.recency[:, None] / np.array(FADES, float))
        return faded


def _days(between: Floats, known: NDArray[np.bool_]) -> Floats:
    return np.where(known, np.clip(np.nan_to_num(between), 0, LONGEST), np.nan)


def joined(parts: Sequence[Purchases]) -> Purchases:
    """Several one after the other; `at` becomes an array. Pulses are left out."""
    columns = {
        field.name: np.concatenate([np.broadcast_to(np.asarray(getattr(part, field.name), float), len(part)) for part in parts])
        for field in fields(Purchases)
        if not field.name.endswith("_pulses")
    }
    return Purchases(**columns)


@dataclass(frozen=True, slots=True)
class History:
    """All that one customer did, in any order."""

    order_days: Sequence[float] | Floats
    order_values: Sequence[float] | Floats
    activity_days: Sequence[float] | Floats = ()


@dataclass(frozen=True, slots=True)
class Afterwards:
    """What was told of orders after they were placed, as `gathering.Afterwards` has it."""

    ended: Floats
    owner: Whole
    order: Whole
    day: Floats
    value: Floats
    until: Floats

    def heard(self, by: float) -> "Afterwards":
        """What of it was told until a day."""
        told = self.day <= by
        ended, until = (np.where(days <= by, days, np.inf) for days in (self.ended, self.until[told]))
        return Afterwards(ended, self.owner[told], self.order[told], self.day[told], self.value[told], until)


@dataclass(frozen=True, slots=True)
class Histories:
    """Many customers' histories, flat and sorted by customer, then day, so that any cut is a few vector operations. A `value` is
    what an order came to when it was placed; without `afterwards` that is all that was told of it."""

    customers: int
    owner: Whole
    day: Floats
    value: Floats
    activity_owner: Whole
    activity_day: Floats
    afterwards: Afterwards | None = None

    @classmethod
    def of(cls, histories: Sequence[History]) -> "Histories":
        owner, day, value = _flat([(one.order_days, one.order_values) for one in histories])
        activity_owner, activity_day, _ = _flat([(one.activity_days, one.activity_days) for one in histories])
        return cls(len(histories), owner, day, value, activity_owner, activity_day)

    @classmethod
    def flat(cls, past: Gathering) -> "Histories":
        """From columns that are in order already: nothing is copied but who owns what."""
        customers, orders, others, told = len(past), past.orders, past.others, past.afterwards
        owner, activity_owner = (np.repeat(np.arange(customers), one.lengths) for one in (orders, others))
        whose, which = (np.asarray(one, np.intp) for one in (told.owners, told.orders))
        ended, *money = (np.asarray(one) for one in (told.ended, told.days, told.values, told.until))
        day, value, activity_day = (np.asarray(one) for one in (orders.days, orders.values, others.days))
        return cls(customers, owner, day, value, activity_owner, activity_day, Afterwards(ended, whose, which, *money))

    def heard(self, by: float) -> "Histories":
        """As it looked on a day to whoever asks of nothing that happened later: what was told of orders since is left out."""
        return self if self.afterwards is None else replace(self, afterwards=self.afterwards.heard(by))

    def between(self, after: float, until: float) -> tuple[Floats, Floats]:
        """Orders and money of each customer in (after, until]: what was placed then and never called off, as it was told last,
        less what was paid back then."""
        inside = (self.day > after) & (self.day <= until) & self.stands(np.inf)
        money = self._sum(self.owner[inside], self.worth(np.inf)[inside])
        return self._sum(self.owner[inside], None), money + self.paid_back(np.inf, after, until)

    def stands(self, cut: float) -> NDArray[np.bool_]:
        """Which orders were not called off by a day (inf: to this day)."""
        return np.full(self.day.size, True) if self.afterwards is None else ~self._over(self.afterwards.ended, cut)

    def worth(self, cut: float) -> Floats:
        """What each order came to, as it was told last by a day."""
        if self.afterwards is None:
            return self.value
        told = self.afterwards
        edits = (told.order >= 0) & (told.day <= cut)
        worth = self.value.copy()
        worth[told.order[edits]] = told.value[edits]  # of one order the last wins
        return worth

    def paid_back(self, cut: float, after: float, until: float) -> Floats:
        """Each customer's refunds in (after, until] (negative), of orders that were not called off by the day `cut`."""
        if self.afterwards is None:
            return np.zeros(self.customers)
        told = self.afterwards
        counts = (told.order < 0) & (told.day > after) & (told.day <= until) & ~self._over(told.until, cut)
        return self._sum(told.owner[counts], told.value[counts])

    @staticmethod
    def _over(ended: Floats, cut: float) -> NDArray[np.bool_]:
        over: NDArray[np.bool_] = (ended <= cut) & np.isfinite(ended)
        return over

    def _sum(self, owner: Whole, weights: Floats | None) -> Floats:
        return np.bincount(owner, weights, minlength=self.customers).astype(float)

    def _at(self, owner: Whole, values: Floats) -> Floats:
        """Each customer's one value (the last wins); nan without one."""
        found = np.full(self.customers, np.nan)
        found[owner] = values
        return found


def _flat(rows: Sequence[tuple[Sequence[float] | Floats, Sequence[float] | Floats]]) -> tuple[Whole, Floats, Floats]:
    """The owner of each entry and the two concatenated columns, sorted by owner and then by the first column."""
    owner = np.repeat(np.arange(len(rows)), [len(first) for first, _ in rows])
    first, second = (np.concatenate([np.empty(0), *(np.asarray(row[at], float) for row in rows)]) for at in (0, 1))
    order = np.lexsort((first, owner))
    return owner[order], first[order], second[order]


def purchases_at(histories: Histories | Sequence[History], cut: float) -> Purchases:
    """What was known of each customer on day `cut`, in the same order; those without an order until then have 0 orders. What
    was told of orders later is not in it."""
    flat = histories if isinstance(histories, Histories) else Histories.of(histories)
    before = (flat.day <= cut) & flat.stands(cut)
    owner, day, value = flat.owner[before], flat.day[before], flat.worth(cut)[before]
    seen = flat.activity_day <= cut
    same = owner[1:] == owner[:-1]
    gaps = np.where(same, day[1:] - day[:-1], 0.0)
    last = np.append(~same, True)[: owner.size]
    last_day = flat._at(owner, day)
    faded = [np.exp((day - last_day[owner]) / fade) for fade in FADES]
    return Purchases(
        orders=flat._sum(owner, None),
        first_day=flat._at(owner[::-1], day[::-1]),
        last_day=last_day,
        previous_day=flat._at(owner[1:][same & last[1:]], day[:-1][same & last[1:]]),
        gap_squares=flat._sum(owner[1:], gaps**2),
        spend=flat._sum(owner, value) + flat.paid_back(cut, -np.inf, cut),
        activities=flat._sum(flat.activity_owner[seen], None),
        last_activity_day=flat._at(flat.activity_owner[seen], flat.activity_day[seen]),
        at=cut,
        order_pulses=np.stack([flat._sum(owner, one) for one in faded], axis=1),
        money_pulses=np.stack([flat._sum(owner, one * value) for one in faded], axis=1),
    )
