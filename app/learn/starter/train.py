"""Trains the starter model and writes `model.json` and `CARD.md`: `make train-starter`. The same versions give the same bytes."""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import scipy
import xgboost

from app.learn.model import to_json
from app.learn.starter.card import card
from app.learn.starter.model import CHURN_LAW, COLUMNS, FILE, HEADS, Starter, matrix
from app.learn.starter.simulate import BUYERS, ORDER_VALUE, labels, simulated
from app.learn.trees import fitted

SEED = 20_250
CUSTOMERS = 60_000
ROUNDS = 300
PARAMETERS: dict[str, object] = {"max_depth": 5, "eta": 0.1, "max_bin": 1024, "reg_lambda": 0.0, "min_child_weight": 0.1}
CARD = FILE.with_name("CARD.md")


def built(customers: int = CUSTOMERS, rounds: int = ROUNDS, seed: int = SEED) -> Starter:
    """A starter model from so many simulated customers, each seen twice."""
    seen = simulated(customers, seed)
    inputs = matrix(seen.orders, seen.recency, seen.span)
    quiet, logs = labels(seen)
    heads = {}
    for name, target in zip(HEADS, (quiet, *logs), strict=True):
        churn = name == "churn"
        law = str(tuple(sign if churn else -sign for sign in CHURN_LAW))
        objective = "reg:logistic" if churn else "reg:squarederror"
        parameters = {**PARAMETERS, "objective": objective, "monotone_constraints": law, "seed": seed, "rounds": rounds}
        heads[name] = fitted(COLUMNS, inputs, target, parameters)
    metadata = {
        "seed": seed,
        "customers": customers,
        "rounds": rounds,
        "parameters": PARAMETERS,
        "pareto_nbd": {"r": BUYERS.r, "alpha_days": BUYERS.alpha, "s": BUYERS.s, "beta_days": BUYERS.beta},
        "columns": list(COLUMNS),
        "monotone_churn": list(CHURN_LAW),
        "libraries": {"numpy": np.__version__, "scipy": scipy.__version__, "xgboost": xgboost.__version__},
    }
    trees = json.dumps([heads[name].to_dict() for name in HEADS])
    version = f"starter-{hashlib.sha256(trees.encode()).hexdigest()[:12]}"
    return Starter(version, heads, ORDER_VALUE, metadata)


def write(starter: Starter, file: Path, card_file: Path) -> None:
    file.write_text(to_json(starter), encoding="utf-8")
    card_file.write_text(card(starter), encoding="utf-8")


if __name__ == "__main__":
    write(built(), FILE, CARD)
    sys.stdout.write(f"wrote {FILE.name} and {CARD.name}\n")
