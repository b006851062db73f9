"""Training a brand's own models on its own past. The days after the cut are never seen here: they are what judges them."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from sklearn.linear_model import LogisticRegression

from app.learn import bgnbd, classic, gamma_gamma
from app.learn.boosted import Boosted
from app.learn.classic import Classic
from app.learn.columns import COLUMNS, EVERYTHING, chosen, matrix
from app.learn.measures import mean_absolute_error
from app.learn.purchases import LARGEST, Floats, Histories, History, Whole, purchases_at
from app.learn.scores import HORIZON
from app.learn.spending import Spending
from app.learn.trees import Trees, fitted

LEAST_FOR_CLASSIC = 100  # customers with an order
LEAST_FOR_TREES = 1_000
PAST_DAYS = 30  # that a snapshot has at least
STEP_DAYS = 15  # from one snapshot to the next; against 30, a little better before the hold-out of Complete Journey
MOST_SNAPSHOTS = 12  # the latest ones; older months are of another shop
MOST_ROWS = 120_000
FOLDS = 3
PARAMETERS: dict[str, object] = {
    "objective": "binary:logistic", "rounds": 100, "max_depth": 3, "eta": 0.05, "min_child_weight": 20, "subsample": 0.7,
    "colsample_bytree": 0.7,
}  # fmt: skip
# Tweedie's deviance is least at the expectation, and stands money with many noughts and a long tail.
MONEY: dict[str, object] = {**PARAMETERS, "objective": "reg:tweedie", "tweedie_variance_power": 1.5}
SHARES = tuple(at / 10 for at in range(11))  # that the trees of money may have in what is said
# All that a candidate depends on beside its data, the cut and the seed.
SETTINGS: dict[str, object] = {
    "least_for_trees": LEAST_FOR_TREES, "past_days": PAST_DAYS, "step_days": STEP_DAYS, "snapshots": MOST_SNAPSHOTS,
    "rows": MOST_ROWS, "folds": FOLDS, "trees": PARAMETERS, "money": MONEY,
    "shares": SHARES, "bgnbd_ridge": bgnbd.RIDGE, "bgnbd_repeats": bgnbd.MOST_REPEATS,
    "gamma_gamma_ridge": gamma_gamma.RIDGE,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rows:
    """Customers at several cuts. `quiet`: 1 without an order in the horizon after the cut; `age`: days to the latest cut.

    `inputs` are customers x EVERYTHING; `spent` is their money in the horizon, refunds beyond it being none, and `expected` what
    BG/NBD and Gamma-Gamma said of it.
    """

    inputs: Floats
    customer: Whole
    quiet: Floats
    age: Floats
    spent: Floats

    def __getitem__(self, which: Whole) -> "Rows":
        return Rows(*(getattr(self, field.name)[which] for field in fields(self)))

    @property
    def latest(self) -> "np.typing.NDArray[np.bool_]":
        latest: np.typing.NDArray[np.bool_] = self.age == 0
        return latest

    @property
    def expected(self) -> Floats:
        return self.inputs[:, EVERYTHING.index("rhythm_spend")]


def train(
    histories: Histories | Sequence[History], until_day: float, seed: int, horizon: int = HORIZON
) -> list[Classic | Boosted]:
    """Candidates, from what happened until `until_day`: none with few customers, then BG/NBD, then that and trees.

    `horizon`: days that churn looks ahead. Trees also want both outcomes and a snapshot with PAST_DAYS of past and a whole
    horizon of future.
    """
    flat = (histories if isinstance(histories, Histories) else Histories.of(histories)).heard(until_day)
    now = purchases_at(flat, until_day)
    customers = int(now.known.sum())
    if customers < LEAST_FOR_CLASSIC:
        return []
    rhythm = classic.fit(now, horizon)
    if customers < LEAST_FOR_TREES:
        return [rhythm]
    rows = snapshots(flat, until_day, rhythm, seed)
    return [rhythm] if rows is None else [rhythm, boosted(rows, rhythm, seed)]


def snapshots(flat: Histories, until_day: float, rhythm: Classic, seed: int) -> Rows | None:
    """The training rows: the latest cut is a horizon before `until_day`, each other one STEP_DAYS earlier.

    None when the latest cut has no PAST_DAYS of past, or fewer than FOLDS customers of either outcome.
    """
    first = flat.day.min() + PAST_DAYS
    cuts = [cut for at in range(MOST_SNAPSHOTS) if (cut := until_day - rhythm.horizon - at * STEP_DAYS) >= first]
    parts = [_at(flat, cut, rhythm, cuts[0] - cut) for cut in cuts]
    if not parts or min(parts[0].quiet.sum(), (1 - parts[0].quiet).sum()) < FOLDS * 10:
        return None
    rows = Rows(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Rows)))
    if rows.quiet.size <= MOST_ROWS:
        return rows
    return rows[np.sort(np.random.default_rng(seed).choice(rows.quiet.size, MOST_ROWS, replace=False))]


def _at(flat: Histories, cut: float, rhythm: Classic, age: float) -> Rows:
    purchases = purchases_at(flat, cut)
    known = purchases.known
    orders, money = (one[known] for one in flat.between(cut, cut + rhythm.horizon))
    inputs = matrix(purchases[known], rhythm.score(purchases[known]), rhythm.horizon)
    quiet, spent = (orders == 0).astype(float), np.clip(np.nan_to_num(money), 0, LARGEST)
    return Rows(inputs, np.flatnonzero(known), quiet, np.full(orders.size, age), spent)


def boosted(rows: Rows, rhythm: Classic, seed: int) -> Boosted:
    """Trees on all snapshots. Platt's calibration is on the latest one, of trees that did not see the customer in question:
    on rows that trees were fitted to, they are too sure."""
    fold = np.random.default_rng(seed).integers(0, FOLDS, int(rows.customer.max()) + 1)[rows.customer]
    margins = np.zeros(rows.quiet.size)
    for one in range(FOLDS):
        others, asked = np.flatnonzero(fold != one), np.flatnonzero((fold == one) & rows.latest)
        margins[asked] = _churn(rows[others], seed).margin(chosen(rows.inputs[asked], COLUMNS))
    latest = rows.latest
    platt = LogisticRegression(C=1e3).fit(margins[latest, None], rows.quiet[latest] > 0)
    calibration = float(platt.coef_[0, 0]), float(platt.intercept_[0])
    return Boosted(rhythm, _churn(rows, seed), calibration, spending(rows, rhythm.horizon, seed))


def _churn(rows: Rows, seed: int) -> Trees:
    return fitted(COLUMNS, chosen(rows.inputs, COLUMNS), rows.quiet, {**PARAMETERS, "seed": seed})


def spending(rows: Rows, horizon: int, seed: int) -> Spending | None:
    """Trees of money, with the share that errs least on the latest snapshot when they know only what had ended by then.

    None when that is no share at all, or too little is known to tell. A share of the expectation keeps what all of them spend
    together, whatever is chosen.
    """
    before, latest = rows[np.flatnonzero(rows.age >= horizon)], rows[np.flatnonzero(rows.latest)]
    if before.quiet.size < LEAST_FOR_TREES or (before.spent > 0).sum() < LEAST_FOR_CLASSIC:
        return None
    trial = _money(before, seed).expected(latest.inputs)
    errors = [mean_absolute_error(latest.spent, latest.expected + one * (trial - latest.expected)) for one in SHARES]
    share = SHARES[int(np.argmin(errors))]
    return replace(_money(rows, seed), share=share) if share > 0 else None


def _money(rows: Rows, seed: int) -> Spending:
    unit = float(rows.spent[rows.spent > 0].mean())
    return Spending(fitted(EVERYTHING, rows.inputs, rows.spent / unit, {**MONEY, "seed": seed}), unit, 1.0)
