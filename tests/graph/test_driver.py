"""What Neo4j's own errors become."""

import asyncio
from contextlib import nullcontext
from functools import partial
from typing import Any

import pytest
from neo4j.exceptions import DatabaseError, Neo4jError, TransientError

from app.domain.errors import TooLarge, Unavailable
from app.graph.driver import Graph
from app.graph.embedded import Neo4jAddress
from app.graph.failures import LOCKED_OUT, CommitUnknown, said_plainly
from app.graph.neighbourhood import Touched, read_neighbourhood
from tests.ingest.looking import ask, looking_at
from tests.resolve.world import ids


class Refusing:
    """A driver, and its session, whose every commit fails. (To pass the limit only there takes Neo4j half a minute.)"""

    def __init__(self, error: Neo4jError) -> None:
        self.error = error
        self._pipelined_begin = nullcontext()

    def session(self, **settings: Any) -> "Refusing":
        return self

    async def __aenter__(self) -> "Refusing":
        return self

    async def __aexit__(self, *exception: object) -> None:
        pass

    async def execute_write(self, work: object) -> None:
        raise self.error


async def nothing(tx: object) -> None:
    pass


async def test_a_commit_past_the_memory_limit_is_too_large_whoever_tries_again() -> None:
    """As 503 it would be sent again for ever, and its neighbours in the batch never without it."""
    error = TransientError("The allocation would use more than the limit. db.memory.transaction.max threshold reached")
    with pytest.raises(TooLarge, match="send less"):
        await Graph(Refusing(error), None, None).write(nothing)  # type: ignore[arg-type]


async def test_what_passes_by_itself_is_unavailable() -> None:
    with pytest.raises(Unavailable, match="try again"):
        await Graph(Refusing(TransientError("a deadlock")), None, None).write(nothing)  # type: ignore[arg-type]


class Racing(Refusing):
    """Its first commits end in deadlocks, of which the driver has had enough each time."""

    def __init__(self, races: int) -> None:
        super().__init__(Neo4jError._hydrate_neo4j(code="Neo.TransientError.Transaction.DeadlockDetected", message="a deadlock"))
        self.left = races

    async def execute_write(self, work: object) -> None:
        self.left -= 1
        if self.left >= 0:
            raise self.error


async def test_a_deadlock_is_tried_again_as_long_as_its_caller_waits() -> None:
    """The driver waits ever longer between its tries, and gives up after some ten."""
    racing = Racing(12)
    await Graph(racing, None, None).write(nothing)  # type: ignore[arg-type]
    assert racing.left == -1
    with pytest.raises(Unavailable, match="look, or try again"):
        await Graph(Racing(1_000_000), None, None).write(nothing, 0.05)  # type: ignore[arg-type]


@pytest.mark.parametrize("how", ["look", "write"])
async def test_a_driver_that_cancels_once_more_is_no_wish_of_the_callers(graph: Graph, how: str) -> None:
    """As the driver does at the end of a deadline of its own, after the loop stood still: who waits is told that time is over."""
    task = asyncio.current_task()
    assert task is not None

    async def cancelled_twice(_: object) -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            task.cancel()
            await asyncio.sleep(0)

    with pytest.raises(Unavailable, match=r"did not answer within 0\.05 s"):
        await getattr(graph, how)(cancelled_twice, 0.05)
    await asyncio.sleep(0)
    assert task.cancelling() == 0


async def test_whoever_hangs_up_is_no_time_that_is_over(graph: Graph) -> None:
    begun = asyncio.Event()

    async def waits(_: object) -> None:
        begun.set()
        await asyncio.sleep(60)

    waiting = asyncio.create_task(graph.look(waits, 60))
    await begun.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_whom_anothers_wrong_passwords_lock_out_tries_again() -> None:
    error = Neo4jError._hydrate_neo4j(code=LOCKED_OUT, message="too many times in a row")
    with pytest.raises(Unavailable, match="five seconds"):
        await Graph(Refusing(error), None, None).write(nothing)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("said", "becomes"),
    [
        ("Transaction.TransactionCommitFailed", CommitUnknown),  # in the log already, it comes back with a restart
        ("Transaction.TransactionStartFailed", Unavailable),
        ("Statement.ExecutionFailed", DatabaseError),  # this statement's own
    ],
)
async def test_a_full_disk_is_no_fault_of_what_was_sent(said: str, becomes: type[Exception]) -> None:
    error = Neo4jError._hydrate_neo4j(code=f"Neo.DatabaseError.{said}", message="a critical error")
    with pytest.raises(becomes) as caught:
        await Graph(Refusing(error), None, None).write(nothing)  # type: ignore[arg-type]
    assert caught.type is becomes


WAITING = """
SHOW TRANSACTIONS YIELD transactionId, parameters, status
WHERE status STARTS WITH 'Blocked' AND parameters.touched.brand_id = $brand
RETURN transactionId AS id
"""


async def locked(brand_id: str, tx: Any) -> None:
    await read_neighbourhood(tx, brand_id, Touched(linkable=ids("m1")))


async def held(brand_id: str, holds: asyncio.Event, go_on: asyncio.Event, tx: Any) -> None:
    await locked(brand_id, tx)
    holds.set()
    await go_on.wait()


async def test_what_somebody_terminates_may_be_tried_again(graph: Graph, neo4j_address: Neo4jAddress, brand_id: str) -> None:
    """As an operator does with what seems to hang."""
    holds, go_on = asyncio.Event(), asyncio.Event()
    holder = asyncio.create_task(graph.write(partial(held, brand_id, holds, go_on)))
    await holds.wait()
    waiter = asyncio.create_task(graph.write(partial(locked, brand_id)))
    async with looking_at(neo4j_address) as database:
        while not (waiting := await ask(database, WAITING, brand=brand_id)):  # noqa: ASYNC110 - Neo4j tells nobody
            await asyncio.sleep(0.02)
        await ask(database, f"TERMINATE TRANSACTION '{waiting[0]['id']}'")
    with pytest.raises(Unavailable, match="try again"):
        await waiter
    go_on.set()
    await holder


async def test_who_waits_for_a_lock_until_its_time_is_over_may_try_again(
    graph: Graph, neo4j_address: Neo4jAddress, brand_id: str
) -> None:
    """Neo4j then says neither that it is transient nor that the time was over."""
    holds, go_on = asyncio.Event(), asyncio.Event()
    holder = asyncio.create_task(graph.write(partial(held, brand_id, holds, go_on)))
    await holds.wait()
    async with looking_at(neo4j_address) as database, database.session() as session:
        tx = await session.begin_transaction(timeout=0.1)
        with pytest.raises(Unavailable, match="try again"), said_plainly():
            await locked(brand_id, tx)
    go_on.set()
    await holder
