"""Portions are halved after a refusal, down to one, and grown again slowly; who is too much alone is set aside."""

from collections.abc import Sequence
from typing import cast

import pytest

from app.domain.errors import QueryTooExpensive, TooLarge, Unavailable
from app.graph.driver import Graph, Rows
from app.learn.portions import SHOWN, Portions

HEAVY = "p13"
PEOPLE = [f"p{n:02}" for n in range(40)]


class FakeGraph:
    """Answers whether it is there."""

    def __init__(self, up: bool = True) -> None:
        self.up = up

    async def read(self, name: str) -> Rows:
        assert name == "read/ready"
        if not self.up:
            raise Unavailable("Neo4j did not answer; try again")
        return []


class Worker:
    """Bears `bears` people at once, the heavy one never; says what it did."""

    def __init__(self, bears: int, refuses: Exception) -> None:
        self.bears, self.refuses = bears, refuses
        self.tried: list[int] = []
        self.done: list[str] = []

    async def __call__(self, portion: Sequence[str]) -> int:
        self.tried.append(len(portion))
        if len(portion) > self.bears or HEAVY in portion:
            raise self.refuses
        self.done += portion
        return len(portion)


def portions(up: bool = True, most: int = 16) -> Portions:
    return Portions(cast("Graph", FakeGraph(up)), most)


REFUSALS = (Unavailable("too slow"), QueryTooExpensive("too much memory"), TooLarge("too much to write"))


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda one: type(one).__name__)
async def test_everybody_is_done_but_who_is_too_much_alone(refusal: Exception) -> None:
    worker, handed = Worker(8, refusal), portions()
    assert await handed.each(PEOPLE, worker, str) == 39
    assert worker.done == [one for one in PEOPLE if one != HEAVY]
    told = handed.set_aside
    assert told == {"set_aside": 1, "set_aside_first": [{"profile_id": HEAVY, "reason": str(refusal)}]}


async def test_a_refused_size_is_not_tried_again_at_once() -> None:
    worker = Worker(8, Unavailable("too slow"))
    await portions().each(PEOPLE[:8] + PEOPLE[20:], worker, str)
    assert worker.tried[:4] == [16, 8, 9, 4]


async def test_what_was_learnt_of_a_size_holds_for_the_next_page() -> None:
    worker, handed = Worker(4, Unavailable("too slow")), portions()
    await handed.each(PEOPLE[:4], worker, str)
    await handed.each(PEOPLE[20:], worker, str)
    assert worker.tried.count(16) == 1


async def test_a_graph_that_answers_nobody_is_nobodys_fault() -> None:
    worker, handed = Worker(0, Unavailable("gone")), portions(up=False)
    with pytest.raises(Unavailable, match="gone"):
        await handed.each(PEOPLE, worker, str)
    assert worker.tried == [16, 8, 4, 2, 1]
    assert handed.set_aside["set_aside"] == 0


async def test_another_error_is_no_question_of_size() -> None:
    with pytest.raises(ZeroDivisionError):
        await portions().each(PEOPLE, Worker(0, ZeroDivisionError()), str)


async def test_of_many_set_aside_the_first_are_named() -> None:
    handed = portions()
    await handed.each(PEOPLE, Worker(0, QueryTooExpensive("no")), str)
    told = handed.set_aside
    assert told["set_aside"] == len(PEOPLE)
    assert isinstance(told["set_aside_first"], list)
    assert len(told["set_aside_first"]) == SHOWN
