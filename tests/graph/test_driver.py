"""What Neo4j's own errors become."""

from contextlib import nullcontext
from typing import Any

import pytest
from neo4j.exceptions import DatabaseError, Neo4jError, TransientError

from app.domain.errors import TooLarge, Unavailable
from app.graph.driver import Graph
from app.graph.failures import CommitUnknown


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
