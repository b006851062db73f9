"""Two lists a customer: what to buy again, and what is new."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

HALF_LIFE_DAYS = 90.0  # a purchase this long ago counts half of one today; chosen before the hold-out of `make bench-ml`
MOST_PRODUCTS = 5_000  # the brand's most popular; others have too few buyers to have neighbours
MOST_BOUGHT = 50  # a customer's latest products; longer baskets say little of each pair and cost their square
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


def new_for_you(own: Iterable[str], neighbours: Neighbours, k: int) -> list[str]:
    """Keys of products never bought, by the sum of their similarities to what was (item-kNN); equal ones by key."""
    bought = set(own)
    similar: dict[str, float] = defaultdict(float)
    for key in sorted(bought):
        for other, similarity in neighbours.get(key, ()):
            similar[other] += similarity
    return sorted(similar.keys() - bought, key=lambda key: (-similar[key], key))[:k]


def neighbours(customers: Iterable[Sequence[tuple[str, float]]], k: int = MOST_NEIGHBOURS) -> Neighbours:
    """The k products most alike to each: cosine of who bought them (Sarwar et al. 2001).

    `customers`: what each one bought, as (key, day). A customer counts once a product. Bounded: the MOST_PRODUCTS with the most
    customers, the MOST_BOUGHT latest of each customer; pairs with fewer than FEWEST_TOGETHER common customers are chance.
    """
    baskets = [_latest(one) for one in customers]
    popular = Counter(key for basket in baskets for key in basket)
    keys = sorted(popular, key=lambda key: (-popular[key], key))[:MOST_PRODUCTS]
    place = {key: at for at, key in enumerate(keys)}
    pairs = [(row, place[key]) for row, basket in enumerate(baskets) for key in basket if key in place]
    if not pairs:
        return {}
    rows, columns = np.array(pairs).T
    bought = csr_array((np.ones(len(pairs)), (rows, columns)), shape=(len(baskets), len(keys)))
    length = np.sqrt(np.array([popular[key] for key in keys], float))
    products = csr_array(bought.T)
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


def _latest(bought: Sequence[tuple[str, float]]) -> list[str]:
    """A customer's MOST_BOUGHT latest products, each once, the latest first."""
    days: dict[str, float] = {}
    for key, day in bought:
        days[key] = max(day, days.get(key, day))
    return sorted(days, key=lambda key: (-days[key], key))[:MOST_BOUGHT]
