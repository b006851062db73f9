"""L7 on the real graph: whatever happened, a rebuild finds that all stands as the evidence says."""

import asyncio

from hypothesis import HealthCheck, given, settings

from app.graph.driver import Graph
from app.graph.rulebook import RuleBook
from app.ingest.transaction import Brand
from app.review.rehearse import Rehearsal
from tests.conftest import new_brand
from tests.graph.test_graph_equals_fold import Mirror, in_the_graph
from tests.resolve.test_laws import RULES, act, histories


def test_the_live_state_equals_the_rebuild(graph: Graph, session_loop: asyncio.AbstractEventLoop) -> None:
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(histories)
    def law(history: list[tuple[str, object]]) -> None:
        world = Mirror(RULES, brand=new_brand())
        for what, how in history:
            act(world, what, how)
        book = RuleBook(world.rules)

        async def lived_and_rebuilt() -> dict[str, object]:
            await in_the_graph(graph, Brand(world.brand, "USD", book), world.todo)
            return await Rehearsal(graph, book, "USD").rebuild(world.brand, lambda _: None)

        found = session_loop.run_until_complete(lived_and_rebuilt())
        assert (found["mended"], found["skipped"]) == (0, 0), found

    law()
