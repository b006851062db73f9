"""The graph around a person, through HTTP."""

from collections import Counter
from typing import Any

import pytest

from tests.api.brand import Brand
from tests.api.test_queue import conflict

PHONE = "+442071234567"


def labels(seen: Any) -> Counter[str]:
    return Counter(node["label"] for node in seen["nodes"])


def kinds(seen: Any) -> Counter[str]:
    return Counter(edge["type"] for edge in seen["edges"])


def assert_whole(seen: Any) -> None:
    """Every edge joins two nodes of the answer, and no node or edge is told twice."""
    names = [node["id"] for node in seen["nodes"]]
    assert len(names) == len(set(names))
    assert {edge[end] for edge in seen["edges"] for end in ("source", "target")} <= set(names)
    told = [(edge["source"], edge["target"], edge["type"]) for edge in seen["edges"]]
    assert told == sorted(set(told))


async def test_all_that_hangs_on_the_first_scenarios_customer(brand: Brand) -> None:
    sarah = await brand.omnichannel()
    seen = await brand.data(f"/api/profiles/{sarah}/graph")
    assert labels(seen) == {
        "Profile": 1, "MergedProfile": 1, "Identifier": 5, "Event": 5, "MergeHistory": 1, "StoreVisit": 1, "ProductIntent": 2,
    }  # fmt: skip
    assert kinds(seen) == {
        "HAS_IDENTIFIER": 5, "ATTACHED_TO": 5, "MERGED_INTO": 1, "KEPT": 1, "ABSORBED": 1, "RECORDED": 1, "SHOWED": 2,
        "CARRIES": await carried(brand),
    }  # fmt: skip
    assert seen["truncated"] is False
    assert seen["nodes"][0]["id"] == f"profile:{sarah}"
    assert {"source": f"profile:{sarah}", "target": "identifier:loyalty_id:LOY-789456", "type": "HAS_IDENTIFIER"} in seen["edges"]
    assert_whole(seen)
    (merge,) = await brand.data("/api/merges")
    moved = [edge for edge in seen["edges"] if edge.get("merge_id") == merge["merge_id"]]
    assert {edge["type"] for edge in moved} == {"ATTACHED_TO", "HAS_IDENTIFIER", "MERGED_INTO"}
    (gone,) = merge["merged_profile_ids"]
    assert await brand.data(f"/api/profiles/{gone}/graph") == seen


async def carried(brand: Brand) -> int:
    (row,) = await brand.cypher("MATCH (:Event {brand_id: $brand})-[r:CARRIES]->() RETURN count(r) AS n")
    return int(row["n"])


async def test_depth_one_is_what_touches_the_person_and_the_order_never_changes(brand: Brand) -> None:
    sarah = await brand.omnichannel()
    near = await brand.data(f"/api/profiles/{sarah}/graph", depth=1)
    assert set(labels(near)) == {"Profile", "MergedProfile", "Identifier", "Event", "MergeHistory"}
    assert_whole(near)
    far = await brand.data(f"/api/profiles/{sarah}/graph", depth=2)
    assert far["nodes"][: len(near["nodes"])] == near["nodes"]
    assert await brand.data(f"/api/profiles/{sarah}/graph", depth=2) == far


async def test_others_are_found_through_what_both_hold(brand: Brand) -> None:
    for name in ("p-1", "p-2"):
        await brand.bring(profile_id=name, identifiers={"email": "family@x.org"})
    seen = await brand.data("/api/profiles/p-1/graph")
    assert {"profile:p-1", "profile:p-2", "identifier:email:family@x.org"} <= {node["id"] for node in seen["nodes"]}
    assert labels(seen)["ProfileImport"] == 2
    assert "profile:p-2" not in {node["id"] for node in (await brand.data("/api/profiles/p-1/graph", depth=1))["nodes"]}


async def test_the_review_a_person_waits_in_is_there_with_the_other_who_waits(brand: Brand) -> None:
    review_id, members = await conflict(brand, "a")
    seen = await brand.data(f"/api/profiles/{members[0]}/graph")
    assert f"mergereview:{review_id}" in {node["id"] for node in seen["nodes"]}
    for member in members:
        assert {"source": f"mergereview:{review_id}", "target": f"profile:{member}", "type": "CANDIDATE"} in seen["edges"]


@pytest.mark.parametrize("limit", [1, 2, 5])
async def test_a_limit_keeps_the_nearest_and_says_so(brand: Brand, limit: int) -> None:
    sarah = await brand.omnichannel()
    whole = await brand.data(f"/api/profiles/{sarah}/graph")
    seen = await brand.data(f"/api/profiles/{sarah}/graph", limit=limit)
    assert seen["nodes"] == whole["nodes"][:limit]
    assert seen["truncated"] is True
    assert_whole(seen)
    exact = await brand.data(f"/api/profiles/{sarah}/graph", limit=len(whole["nodes"]))
    assert exact == whole


async def test_a_hub_costs_no_more_than_anybody(brand: Brand) -> None:
    """3,000 people at one browser: what is read is bounded in the statement, so the answer is, and says it was cut."""
    told = await brand.see(user_id="u-0", cookie="kiosk")
    await brand.cypher(
        """MATCH (i:Identifier {brand_id: $brand, value: 'kiosk'})
           UNWIND range(1, 3000) AS n
           CREATE (p:ProfileId:Profile {key: $brand + '|x' + n, brand_id: $brand, profile_id: 'x' + n})-[:HAS_IDENTIFIER]->(i)
           CREATE (p)<-[:ATTACHED_TO]-(:Event {key: $brand + '|y' + n, brand_id: $brand, event_id: 'y' + n})-[:CARRIES]->(i)"""
    )
    for depth in (2, 4):
        seen = await brand.data(f"/api/profiles/{told['profile_id']}/graph", depth=depth, limit=1000)
        assert seen["truncated"] is True
        assert 100 <= len(seen["nodes"]) <= 1000
        assert_whole(seen)
    assert labels(await brand.data(f"/api/profiles/{told['profile_id']}/graph"))["Profile"] == 101


async def test_nobodys_identifiers_lead_nowhere(brand: Brand) -> None:
    one = await brand.see(email="noreply@shop.com", user_id="u-1")
    await brand.see(email="noreply@shop.com", user_id="u-2")
    seen = await brand.data(f"/api/profiles/{one['profile_id']}/graph", depth=4)
    assert labels(seen)["Profile"] == 1
    (blocked,) = [node for node in seen["nodes"] if node.get("standing") == "blocked"]
    assert blocked["value"] == "noreply@shop.com"


async def test_who_is_not_there_and_what_is_too_much(brand: Brand, stranger: Brand) -> None:
    told = await brand.see(email="a@x.org")
    path = f"/api/profiles/{told['profile_id']}/graph"
    assert (await brand.get("/api/profiles/nobody/graph")).status_code == 404
    assert (await stranger.get(path)).status_code == 404
    for params in ({"depth": 0}, {"depth": 5}, {"limit": 0}, {"limit": 1001}):
        assert (await brand.get(path, **params)).status_code == 422
