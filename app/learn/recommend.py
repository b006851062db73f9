"""Two lists a customer: what to buy again, and what is new."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from app.learn.baskets import Baskets

HALF_LIFE_DAYS = 90.0  # a purchase this long ago counts half of one today; chosen before the hold-out of `make bench-ml`
MOST_PRODUCTS = 5_000  # the brand's most popular; others have too few buyers to have neighbours
MOST_NEIGHBOURS = 30
FEWEST_TOGETHER = 2  # customers who bought both; one is chance
ROWS_AT_ONCE = 500

Neighbours = Mapping[str, list[tuple[str, float]]]


class Purchase(NamedTuple):
    """`key`: of the product, unique in the brand; `day`: since the epoch."""

    key: str
    name: str
    day: float


def buy_again(purchases: Iterable[Purchase], at: float, k: int) -> list[str]:
    """Names of the customer's own products by how often and how lately: every purchase counts 2^(-days ago / HALF_LIFE_DAYS).

    Purchases later than `at` count as of now. Equal weights go by the latest day, then by key. A product bought under several
    names has its latest one.
    """
    weight: dict[str, float] = defaultdict(float)
    latest: dict[str, Purchase] = {}
    for one in purchases:
        weight[one.key] += 2.0 ** (-max(0.0, at - one.day) / HALF_LIFE_DAYS)
        latest[one.key] = max(one, latest.get(one.key, one), key=lambda held: held.day)
    best = sorted(weight, key=lambda key: (-weight[key], -latest[key].day, key))
    return [latest[key].name for key in best[:k]]


def new_for_you(own: Iterable[str], neighbours: Neighbours, k: int, otherwise: Iterable[str] = ()) -> list[str]:
    """Keys of products never bought, by the sum of their similarities to what was (item-kNN); equal ones by key.

    `otherwise`: by what keys what was bought is known as well, where somebody sells it without its name.
    """
    bought = set(own)
    similar: dict[str, float] = defaultdict(float)
    for key in sorted(bought):
        for other, similarity in neighbours.get(key, ()):
            similar[other] += similarity
    return sorted(similar.keys() - bought - set(otherwise), key=lambda key: (-similar[key], key))[:k]


def neighbours(baskets: Baskets, k: int = MOST_NEIGHBOURS) -> Neighbours:
    """The k products most alike to each: cosine of who bought them (Sarwar et al. 2001).

    Bounded: the MOST_PRODUCTS with the most customers; pairs with fewer than FEWEST_TOGETHER common customers are chance.
    """
    columns = np.frombuffer(baskets.columns, np.intc) if baskets.columns else np.empty(0, np.intc)
    popular = np.bincount(columns, minlength=len(baskets.products))
    ranked = sorted(range(popular.size), key=lambda at: (-popular[at], baskets.products[at]))[:MOST_PRODUCTS]
    if not ranked:
        return {}
    keys = [baskets.products[at] for at in ranked]
    place = np.full(popular.size, -1, np.intc)
    place[ranked] = np.arange(len(ranked))
    rows = np.repeat(np.arange(len(baskets), dtype=np.intc), baskets.lengths)
    kept = place[columns] >= 0
    cells = (np.ones(int(kept.sum()), np.float32), (place[columns[kept]], rows[kept]))
    products = csr_array(cells, shape=(len(keys), len(baskets)))
    bought = csr_array(products.T)
    length = np.sqrt(popular[ranked].astype(float))
    found: dict[str, list[tuple[str, float]]] = {}
    for start in range(0, len(keys), ROWS_AT_ONCE):
        together = (products[start : start + ROWS_AT_ONCE] @ bought).toarray()
        together[np.arange(together.shape[0]), start + np.arange(together.shape[0])] = 0
        together[together < FEWEST_TOGETHER] = 0
        cosine = together / length / length[start : start + together.shape[0], None]
        for row, similar in enumerate(cosine):
            best = np.argsort(-similar, kind="stable")[:k]
            if top := [(keys[at], float(similar[at])) for at in best if similar[at] > 0]:
                found[keys[start + row]] = top
    return found
