"""The change feed is complete: who reads it, crashes and reads again knows where every id ever issued leads, exactly."""

import asyncio
from dataclasses import dataclass, field
from random import Random
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.domain.state import State
from app.graph.driver import Graph
from app.publish.stream import read_stream
from tests.conftest import new_brand
from tests.graph.test_regions import Undoing, taken
from tests.resolve.test_shared import RULES
from tests.resolve.test_undo import FREE, played, with_hubs

# What random histories seldom come to: a merge, its undo, that taken back, and a split; a hub that takes all its evidence along.
UNDONE: list[tuple[str, object]] = [
    *(("see", names) for names in (["m0"], ["p0"], ["m0", "p0"])),
    ("undo", 0),
    ("retract", 0),
    ("split", 0),
]
CROSSED: list[tuple[str, object]] = [("see", names) for names in (["c0"], ["m0", "c0"], ["m1", "c0"], ["m2", "c0"])]
Map = dict[str, str | None]


@dataclass
class Consumer:
    """Keeps the map and its cursor; `saved` is what a crash leaves of them."""

    graph: Graph
    brand_id: str
    random: Random
    led: Map = field(default_factory=dict)
    after: int = 0
    saved: tuple[int, Map] = (0, {})
    first: dict[str, str] = field(default_factory=dict)  # by id, the type of the first entry about it

    async def read(self, pages: int) -> None:
        """So many pages at the most, and perhaps a crash after one."""
        for _ in range(pages):
            page = await read_stream(self.graph, self.brand_id, "identity.changes", self.after, self.random.randint(1, 5))
            if not page.entries:
                return
            for entry in page.entries:
                self.apply(entry)
            self.after = page.last
            match self.random.randrange(4):
                case 0:
                    self.saved = self.after, dict(self.led)
                case 1:  # back to what was saved
                    self.after, self.led = self.saved[0], dict(self.saved[1])
                case 2 if not self.random.randrange(4):  # the map survived, the cursor did not
                    self.after, self.saved = 0, (0, {})

    async def catch_up(self) -> None:
        while True:
            page = await read_stream(self.graph, self.brand_id, "identity.changes", self.after, 1_000)
            if not page.entries:
                return
            for entry in page.entries:
                self.apply(entry)
            self.after = page.last

    def apply(self, entry: dict[str, Any]) -> None:
        for profile_id in (entry.get("profile_id"), entry.get("into"), *(entry.get("profile_ids") or ())):
            if profile_id is not None:
                self.first.setdefault(profile_id, entry["type"])
        if "into" in entry:
            self.led[entry["profile_id"]] = entry["into"]

    def survivor(self, profile_id: str) -> str | None:
        into = self.led[profile_id]
        return into if into is None or into == profile_id else self.survivor(into)


def truth(state: State) -> Map:
    """Who answers for every id ever issued, as the graph has it."""
    assert state.region is not None
    placed = state.region.placed

    def find(profile_id: str | None) -> str | None:
        return find(placed[profile_id].into) if profile_id in placed else profile_id

    return {profile_id: find(profile_id) for profile_id in state.region.issued}


def test_a_consumer_that_crashes_ends_with_the_map(graph: Graph, session_loop: asyncio.AbstractEventLoop) -> None:
    seen: set[str] = set()

    @settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(with_hubs, st.integers(0, 10_000))
    @example(UNDONE, 0)
    @example(CROSSED, 1)
    def law(history: list[tuple[str, object]], seed: int) -> None:
        rules = RULES if seed % 2 else FREE
        world = Undoing(rules, brand=new_brand())
        played(history, rules, world)
        random = Random(seed)
        consumer = Consumer(graph, world.brand, random)
        todo = world.todo

        async def lived() -> State:
            at = 0
            while True:
                step = random.randint(3, 9)
                world.todo, at = todo[at : at + step], at + step
                state = await taken(graph, world)
                await consumer.read(random.randint(0, 6))
                if at >= len(todo):
                    await consumer.catch_up()
                    return state

        state = session_loop.run_until_complete(lived())
        assert {profile_id: consumer.survivor(profile_id) for profile_id in consumer.led} == truth(state)
        assert set(consumer.first.values()) <= {"profile.created"}
        seen.update(entry for entry in types(session_loop, graph, world.brand))

    law()
    told = {"created", "merged", "unmerged", "reassigned", "split"}
    assert {f"profile.{one}" for one in told} <= seen


def types(loop: asyncio.AbstractEventLoop, graph: Graph, brand_id: str) -> list[str]:
    page = loop.run_until_complete(read_stream(graph, brand_id, "identity.changes", None, 1_000))
    return [entry["type"] for entry in page.entries]
