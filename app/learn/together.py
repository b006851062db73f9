"""What a brand's customers buy together, worked out once a day from the features of a bounded number of them."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import orjson

from app.graph.driver import Graph, Rows
from app.graph.pace import pages
from app.graph.rows import DAY_MS, key
from app.learn.baskets import Baskets

if TYPE_CHECKING:
    from app.learn.recommend import Neighbours

PAGE = 1_000
MOST_CUSTOMERS = 50_000  # by profile id, which is as good as by chance
AT_ONCE = 100  # products read or stored in one go, a few KB each
MOST_REMEMBERED = 20_000  # products, with neighbours or without


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


class Around:
    """The neighbours of a brand's products and the names of all that are named, read once a run, as they are asked for."""

    def __init__(self, graph: Graph, brand_id: str) -> None:
        self._graph = graph
        self._brand_id = brand_id
        self._near: dict[str, list[tuple[str, float]]] = {}
        self._names: dict[str, str] = {}

    async def of(self, products: Iterable[str]) -> tuple["Neighbours", Mapping[str, str]]:
        """Those of at least these products."""
        if len(self._near) > MOST_REMEMBERED:
            self._near, self._names = {}, {}
        new = sorted(set(products) - self._near.keys())
        for start in range(0, len(new), AT_ONCE):
            asked = new[start : start + AT_ONCE]
            self._near |= {product: [] for product in asked}
            for row in await self._graph.read("learn/together", brand_id=self._brand_id, products=asked):
                listed = orjson.loads(row["neighbours"])
                self._names |= {other: name for other, name, _ in listed}
                self._near[row["product_key"]] = [(other, alike) for other, _, alike in listed]
        return self._near, self._names


async def _baskets(graph: Graph, brand_id: str) -> tuple[Baskets, dict[str, str]]:
    baskets, names = Baskets(), dict[str, str]()

    async def bought_by(after: str, limit: int) -> Rows:
        return await graph.read("learn/baskets", brand_id=brand_id, after=after, limit=limit)

    async for page in pages(bought_by, PAGE):
        for row in page:
            bought = orjson.loads(row["products"])
            if bought:
                baskets.add((product, times[0] / DAY_MS) for product, _, _, times in bought)
                names |= {product: name for product, name, *_ in bought}
        if len(baskets) >= MOST_CUSTOMERS:
            break
    return baskets, names


def _neighbours(baskets: Baskets) -> "Neighbours":
    from app.learn.recommend import neighbours

    return neighbours(baskets)
