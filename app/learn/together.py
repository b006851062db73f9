"""What a brand's customers buy together, worked out once a day from the features of a bounded number of them."""

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING

import orjson

from app.graph.driver import Graph
from app.graph.rows import DAY_MS, key

if TYPE_CHECKING:
    from app.learn.recommend import Neighbours

PAGE = 1_000
MOST_CUSTOMERS = 50_000  # by profile id, which is as good as by chance
AT_ONCE = 500

Basket = list[tuple[str, float]]
"""What one customer bought: product key and day."""


async def refresh(graph: Graph, brand_id: str, at: int) -> int | None:
    """Works it out anew unless that was done for the day of `at` (epoch milliseconds); how many products have neighbours."""
    (row,) = await graph.read("learn/together_made", brand_id=brand_id)
    if row["made_at"] is not None and row["made_at"] // DAY_MS == at // DAY_MS:
        return None
    baskets, names = await _baskets(graph, brand_id)
    found = await asyncio.to_thread(_neighbours, baskets)
    stored = [
        {
            "key": key(brand_id, product),
            "product_key": product,
            "product_name": names[product],
            "neighbours": orjson.dumps([[other, names[other], round(alike, 4)] for other, alike in near]).decode(),
        }
        for product, near in found.items()
    ]
    made = {"brand_id": brand_id, "made_at": at}
    for start in range(0, len(stored), AT_ONCE):
        await graph.change("learn/together_write", plan={**made, "rows": stored[start : start + AT_ONCE]})
    # The marker comes last: killed before it, the next run works it out again.
    marker = {"key": key(brand_id, ""), "product_key": "", "product_name": "", "neighbours": "[]"}
    await graph.change("learn/together_write", plan={**made, "rows": [marker]})
    while (await graph.change("learn/together_trim", plan={**made, "limit": AT_ONCE}))[0]["gone"]:
        pass
    return len(stored)


async def around(graph: Graph, brand_id: str, products: Iterable[str]) -> tuple["Neighbours", dict[str, str]]:
    """The neighbours of these products, and the names of all that are named."""
    found = await graph.read("learn/together", brand_id=brand_id, products=sorted(set(products)))
    near = {row["product_key"]: orjson.loads(row["neighbours"]) for row in found}
    names = {other: name for listed in near.values() for other, name, _ in listed}
    return {product: [(other, alike) for other, _, alike in listed] for product, listed in near.items()}, names


async def _baskets(graph: Graph, brand_id: str) -> tuple[list[Basket], dict[str, str]]:
    after, baskets, names = "", list[Basket](), dict[str, str]()
    while len(baskets) < MOST_CUSTOMERS:
        page = await graph.read("learn/baskets", brand_id=brand_id, after=after, limit=PAGE)
        for row in page:
            bought = orjson.loads(row["products"])
            if bought:
                baskets.append([(product, times[0] / DAY_MS) for product, _, _, times in bought])
                names |= {product: name for product, name, *_ in bought}
        if len(page) < PAGE:
            break
        after = page[-1]["profile_id"]
    return baskets, names


def _neighbours(baskets: list[Basket]) -> "Neighbours":
    from app.learn.recommend import neighbours

    return neighbours(baskets)
