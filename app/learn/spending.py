"""What trees say of a brand's money: an expectation, beside that of BG/NBD and Gamma-Gamma."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from app.learn.classic import SURE
from app.learn.columns import EVERYTHING, chosen, known
from app.learn.purchases import LARGEST, Floats
from app.learn.scores import Scores
from app.learn.trees import Trees

FAR = 50.0  # logarithms further away than this are those of nobody
_FADED = np.array(["lately" in name for name in EVERYTHING])


@dataclass(frozen=True, slots=True)
class Spending:
    """`trees`: the logarithm of the expected money of the model's horizon, in `unit`s. What is said is the mean of theirs and of
    the rhythm's expectation, theirs with weight `share` (above 0, to 1): of two expectations, so it is one itself."""

    trees: Trees
    unit: float
    share: float

    def expected(self, everything: Floats) -> Floats:
        """What the trees say alone, of rows of `columns.matrix`."""
        margin = self.trees.margin(chosen(everything, self.trees.columns))
        return np.clip(self.unit * np.exp(np.clip(margin, -FAR, FAR)), 0, LARGEST)

    def corrected(self, everything: Floats, simple: Scores, horizon: int) -> Floats:
        """The money of one order, so that that of the horizon is what is said here; longer ones keep their ratio to it.

        As it was in `simple` for who is not expected to spend, and where nobody looked for the faded sums that trees want.
        """
        before = simple.spend(horizon)
        told = (before > SURE * self.unit) & np.isfinite(everything).all(axis=1, where=_FADED)
        factor = np.divide(self.expected(everything), before, out=np.ones(before.size), where=told)
        return simple.value * (1 + self.share * (factor - 1))

    def to_dict(self) -> dict[str, object]:
        return {
            "columns": list(self.trees.columns),
            "trees": self.trees.to_dict(),
            "unit": self.unit,
            "share": self.share,
        }

    @classmethod
    def of(cls, content: Mapping[str, object]) -> "Spending":
        """From what `to_dict` gave. KeyError, TypeError or ValueError when it is something else."""
        match content:
            case {"columns": columns, "trees": trees, "unit": float(unit), "share": float(share)}:
                return cls(Trees.of(known(columns), trees), unit, share)
        raise ValueError("no trees of money")
