"""Any order of one history, through HTTP and Neo4j. (tests/resolve/test_any_order.py: 200 orders over the core.)"""

from typing import Any

import httpx

from tests.conftest import new_brand
from tests.resolve.test_any_order import arrived

ORDERS = 12


async def told(client: httpx.AsyncClient, order: int) -> list[dict[str, Any]]:
    """The people of a new brand that was sent the history in an order of its own."""
    header = {"x-brand-id": new_brand()}
    answer = await client.post("/api/events", json=arrived(order), headers=header)
    assert answer.status_code == 200, answer.text
    found = (await client.get("/api/profiles", headers=header)).json()["data"]
    return sorted((of_answer(one) for one in found), key=lambda one: str(one["identifiers"]))


def of_answer(profile: dict[str, Any]) -> dict[str, Any]:
    identifiers = sorted((one["type"], one["value"], one["first_seen"], one["last_seen"]) for one in profile["all_identifiers"])
    kept = ("lifetime_value", "total_orders", "first_seen", "last_seen", "attributes")
    return {"identifiers": identifiers, **{name: profile[name] for name in kept}}


async def test_through_the_graph_any_order_makes_the_same_people(client: httpx.AsyncClient) -> None:
    expected = await told(client, 0)
    assert [len(one["identifiers"]) for one in expected] == [4] * 6
    assert [one["lifetime_value"] for one in expected] == [sum(10 * n + n_th for n_th in (1, 3, 5)) for n in range(6)]
    for order in range(1, ORDERS):
        assert await told(client, order) == expected, f"order {order}"
