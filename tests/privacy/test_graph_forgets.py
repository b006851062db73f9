"""Erasing in a real graph: random histories, compared with the fold in memory, and looked through for what must be gone."""

import asyncio
import json

from hypothesis import HealthCheck, given, settings
from neo4j import AsyncManagedTransaction

from app.domain.identifiers import Identifier
from app.graph.driver import Graph
from tests.conftest import new_brand
from tests.graph.test_regions import OPEN, Undoing, compare, taken
from tests.resolve.test_erasing import with_hubs
from tests.resolve.test_undo import RULES, played
from tests.resolve.world import ids


def test_the_graph_equals_the_fold_when_people_are_erased(graph: Graph, session_loop: asyncio.AbstractEventLoop) -> None:
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(with_hubs)
    def law(history: list[tuple[str, object]]) -> None:
        world, gone = Undoing(RULES, brand=new_brand()), set[Identifier]()
        for what, how in history:
            if what != "erase":
                played([(what, how)], RULES, world)
            elif everyone := holders(world):
                gone |= world.erase(everyone[how % len(everyone)]).identifiers  # type: ignore[operator]
        compare(world, session_loop.run_until_complete(taken(graph, world)))
        lost = {one for one in gone if one not in world.state.identifiers}
        assert not [one for one in lost if is_named(one, session_loop.run_until_complete(whole(graph, world.brand)))]

    law()


async def test_a_snapshot_of_before_a_split_forgets_who_came_out(graph: Graph) -> None:
    """The merge is of others, and stands; when it was made one of them still held what is erased."""
    world = Undoing(OPEN, brand=new_brand())
    for names in ("m0 p0", "m1", "m0 m1"):
        world.see(names)
    world.split(world.holder("m0"), ["m0 m1", "p0"])
    assert len(world.merges) == 1
    world.erase(world.holder("p0"))
    compare(world, await taken(graph, world))
    (one,) = ids("p0")
    assert not is_named(one, await whole(graph, world.brand))


async def test_what_a_hub_parted_does_not_name_it(graph: Graph) -> None:
    """It goes with the last who was seen with it; that they came apart by it stays told."""
    world = Undoing(RULES, brand=new_brand())
    for names in ("p0 c0", "m0", "m0 c0", "m1 c0"):
        world.see(names)
    assert world.plans[-1].rewrite is not None
    for name in ("p0", "m0", "m1"):
        world.erase(world.holder(name))
    compare(world, await taken(graph, world))
    (one,) = ids("c0")
    assert not is_named(one, await whole(graph, world.brand))


async def test_a_run_of_rules_that_ended_names_no_identifier_it_had_come_to(graph: Graph, brand_id: str) -> None:
    run = {"brand_id": brand_id, "run_id": "r1"}
    await graph.change("rules/run_begin", **run, kind="dry_run", version="1", by="admin", at=0, not_before=0)
    await graph.change("rules/run_came", **run, came={"after": f"shared {brand_id}|cookie|c0"})
    await graph.change("rules/run_end", **run, status="cancelled", partition=None)
    assert "cookie|c0" not in await whole(graph, brand_id)


def holders(world: Undoing) -> list[str]:
    return sorted({profile_id for one in world.state.identifiers for profile_id in world.state.holders(one)})


def is_named(one: Identifier, text: str) -> bool:
    return any(
        name in text for name in (f'"{one.value}"', f"{one.type}|{one.value}", f'\\"{one.value}\\"', f"{one.type}:{one.value}")
    )


async def whole(graph: Graph, brand_id: str) -> str:
    """All that the graph holds of a brand, but for identifiers that a look created and nothing carries."""

    async def read(tx: AsyncManagedTransaction) -> str:
        found = await tx.run(
            "MATCH (n) WHERE n.brand_id = $brand AND NOT (n:Identifier AND n.first_seen IS NULL) RETURN properties(n) AS node",
            brand=brand_id,
        )
        return json.dumps([record["node"] async for record in found], default=str)

    return await graph.look(read)


def test_a_name_is_found_wherever_it_stands() -> None:
    (one,) = ids("m0")
    assert all(
        is_named(one, text)
        for text in ('"value": "m0"', '"email:m0 is shared"', '["email|m0"]', '"before": "[{\\"value\\":\\"m0\\"}]"')
    )
    assert not is_named(one, '"m01" "phone|m0x"'.replace("phone|m0x", "x"))
