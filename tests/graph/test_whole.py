"""Who is erased while they are read: seen without some of what they always have, they are read again, never shown in part."""

import pytest

from app.domain.errors import NotFound
from app.domain.events import Event
from app.domain.plan import Answer
from app.domain.rules import Rules
from app.graph.driver import Graph
from app.graph.people import find_profile, list_profiles, three_sixty
from app.graph.rulebook import RuleBook
from app.graph.whole import ALWAYS, Vanished, settled
from app.ingest.transaction import Brand, ingest
from tests.resolve.world import event


async def person(graph: Graph, brand_id: str) -> str:
    seen: Event = event(1, "m1 p1", brand=brand_id)
    (answer,) = await ingest(graph, Brand(brand_id, "USD", RuleBook(Rules())), [seen])
    assert isinstance(answer, Answer)
    return str(answer.profile_id)


@pytest.mark.parametrize("lost", [f"REMOVE p.{name}" for name in ALWAYS] + ["REMOVE i.value", "REMOVE i.type"])
async def test_nobody_is_shown_in_part(graph: Graph, brand_id: str, lost: str) -> None:
    profile_id = await person(graph, brand_id)
    await graph.run(f"MATCH (p:Profile {{brand_id: $brand}})-[:HAS_IDENTIFIER]->(i:Identifier) {lost}", brand=brand_id)
    for read in (
        find_profile(graph, brand_id, profile_id),
        list_profiles(graph, brand_id, (), None, "", 10),
        three_sixty(graph, brand_id, profile_id, 10),
    ):
        with pytest.raises(Vanished, match="at this very moment; try again"):
            await read


@pytest.mark.parametrize("error", [Vanished(), KeyError("raw"), ValueError("None is no Standing"), TypeError("None")])
async def test_what_cannot_be_understood_is_read_again_and_told_when_it_stays_so(error: Exception) -> None:
    times = 0

    @settled
    async def read(understood_at: int) -> int:
        nonlocal times
        times += 1
        if times < understood_at:
            raise error
        return times

    assert await read(5) == 5
    times = 0
    with pytest.raises(type(error)):
        await read(understood_at=6)
    assert times == 5


async def test_what_is_wrong_with_a_call_is_told_at_once() -> None:
    times = 0

    @settled
    async def read() -> None:
        nonlocal times
        times += 1
        raise NotFound("nobody")

    with pytest.raises(NotFound):
        await read()
    assert times == 1
