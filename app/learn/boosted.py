"""A brand's own model from about a thousand customers: trees that know BG/NBD's answer, calibrated on the latest month."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from scipy.special import expit

from app.learn.classic import Classic
from app.learn.columns import COLUMNS, chosen, known, matrix
from app.learn.purchases import Floats, Purchases
from app.learn.scores import Scores, scored, spread
from app.learn.spending import Spending
from app.learn.trees import Trees


@dataclass(frozen=True, slots=True)
class Boosted:
    """`churn`: log-odds of no order within the horizon, before `platt` (slope, intercept; Platt 1999).

    Orders are those of `rhythm`, and so is money unless trees of its own (`money`) were of use when this was trained.
    """

    rhythm: Classic
    churn: Trees
    platt: tuple[float, float]
    money: Spending | None = None
    version: str = ""

    kind = "xgboost"

    @property
    def horizon(self) -> int:
        return self.rhythm.horizon

    def score(self, purchases: Purchases, mean_order_value: float | None = None) -> Scores:  # noqa: ARG002 - fitted to a brand
        def score(some: Purchases) -> Scores:
            simple = self.rhythm.score(some)
            everything = matrix(some, simple, self.horizon)
            slope, intercept = self.platt
            value = simple.value if self.money is None else self.money.corrected(everything, simple, self.horizon)
            churn = self.churn.margin(chosen(everything, self.churn.columns))
            return replace(simple, churn=expit(slope * churn + intercept), value=value)

        return scored(purchases, score)

    def contributions(self, purchases: Purchases) -> tuple[tuple[str, ...], Floats]:
        """TreeSHAP, in calibrated log-odds."""
        slope, intercept = self.platt
        some = purchases[purchases.known]
        everything = matrix(some, self.rhythm.score(some), self.horizon)
        found = slope * self.churn.contributions(chosen(everything, self.churn.columns))
        found[:, -1] += intercept
        return (*self.churn.columns, "base"), spread(purchases.known, found)

    def to_dict(self) -> dict[str, object]:
        return {
            "kind": self.kind,
            "version": self.version,
            "rhythm": self.rhythm.to_dict(),
            "columns": list(self.churn.columns),
            "churn": self.churn.to_dict(),
            "platt": list(self.platt),
            "money": None if self.money is None else self.money.to_dict(),
        }

    @classmethod
    def of(cls, content: Mapping[str, object]) -> "Boosted":
        """From what `to_dict` gave, also before there were names of columns and trees of money.

        KeyError, TypeError or ValueError when it is something else.
        """
        match content:
            case {
                "version": str(version), "rhythm": dict(rhythm), "churn": churn,
                "platt": [float(slope), float(intercept)],
            }:  # fmt: skip
                columns, money = known(content.get("columns", COLUMNS)), content.get("money")
                spending = Spending.of(money) if isinstance(money, dict) else None
                return cls(Classic.of(rhythm), Trees.of(columns, churn), (slope, intercept), spending, version)
        raise ValueError("not a boosted model")
