"""Boosted trees as one value: their columns and XGBoost's own JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import xgboost

from app.learn.purchases import Floats

Parameters = Mapping[str, object]

# The same rows give the same trees; and a page of people is too little to share: on a busy machine threads wait for each other.
ONE_THREAD = {"nthread": 1}


@dataclass(frozen=True, slots=True)
class Trees:
    """An ensemble over named columns; it gives margins (log-odds, logarithms), which its owner turns into what they mean."""

    columns: tuple[str, ...]
    booster: xgboost.Booster

    def margin(self, matrix: Floats) -> Floats:
        """`matrix`: rows x columns -> one margin a row."""
        if not len(matrix):
            return np.empty(0)
        return self.booster.predict(self._data(matrix), output_margin=True).astype(float)

    def contributions(self, matrix: Floats) -> Floats:
        """Rows x (columns and `base`): what each adds to the margin (TreeSHAP, Lundberg et al. 2018)."""
        if not len(matrix):
            return np.empty((0, len(self.columns) + 1))
        return self.booster.predict(self._data(matrix), pred_contribs=True).astype(float)

    def _data(self, matrix: Floats) -> xgboost.DMatrix:
        return xgboost.DMatrix(matrix.astype(np.float32), nthread=1)

    def to_dict(self) -> object:
        """XGBoost's own JSON as Python has it."""
        return json.loads(self.booster.save_raw("json"))

    @classmethod
    def of(cls, columns: Sequence[str], model: object) -> "Trees":
        return cls(tuple(columns), xgboost.Booster(ONE_THREAD, model_file=bytearray(json.dumps(model).encode())))


def fitted(columns: Sequence[str], matrix: Floats, labels: Floats, parameters: Parameters) -> Trees:
    """Trained on one thread, so that the same rows and `parameters` (with `rounds` and `seed`) give the same trees."""
    settings = {**ONE_THREAD, "tree_method": "hist", "max_bin": 256, "verbosity": 0, **parameters}
    rounds, bins = int(str(settings.pop("rounds"))), int(str(settings["max_bin"]))
    data = xgboost.QuantileDMatrix(matrix.astype(np.float32), labels, max_bin=bins, nthread=1)
    return Trees(tuple(columns), xgboost.train(settings, data, num_boost_round=rounds))
