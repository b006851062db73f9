"""The connection to Neo4j: transactions with short deadlines, whose failures speak the domain's language."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any, TypeVar

from neo4j import READ_ACCESS, WRITE_ACCESS, AsyncDriver, AsyncGraphDatabase, AsyncManagedTransaction, AsyncSession
from neo4j.api import AsyncBookmarkManager
from neo4j.exceptions import ClientError, ConstraintError, DriverError, TransientError

from app.domain.errors import ConstIntelError, QueryTooExpensive, SetUpError, TooLarge, Unavailable
from app.graph.failures import CommitUnknown, said_plainly
from app.graph.queries import query

T = TypeVar("T")
Rows = list[dict[str, Any]]
Work = Callable[[AsyncManagedTransaction], Awaitable[T]]

# A caller waits 4.5 s at the most (settings, `request_deadline_s`), so the driver must have given up before: it begins its
# last delay before RETRY_S has passed, and that may be another half of it (by the multiplier) and a fifth more (by chance).
CONNECT_S = 1.5
ACQUIRE_S = 2.0
RETRY_S = 2.5
CONSTRAINT_RETRIES = 5
DEADLOCK = "Neo.TransientError.Transaction.DeadlockDetected"
DEADLOCK_DELAY_S = 0.01
# None of the driver's limits ends the wait for an answer on a connection that stays open while nobody answers.
PATIENCE_S = 4.5
SCHEMA_TRIES = 8
SCHEMA_DELAY_S = 0.05
SCHEMA_STANDS = frozenset(f"Neo.ClientError.Schema.{what}AlreadyExists" for what in ("EquivalentSchemaRule", "Constraint"))
# Neo4j calls it transient, but the same work meets the same limit again (of one transaction, not of all together).
MEMORY_LIMIT = "db.memory.transaction.max"


class Graph:
    """One Neo4j, reached through a pool of connections. Holds no other state, so replicas need not agree on anything."""

    def __init__(
        self, driver: AsyncDriver, database: str | None, bookmarks: AsyncBookmarkManager | None, patience_s: float = PATIENCE_S
    ) -> None:
        self._driver = driver
        self._database = database
        self._bookmarks = bookmarks
        self._patience_s = patience_s

    @classmethod
    def connect(
        cls, uri: str, username: str, password: str, database: str | None = None, patience_s: float = PATIENCE_S
    ) -> "Graph":
        """Opens nothing yet: the first transaction does. `patience_s` is how long a read or a write may take unless told.

        Raises SetUpError for a URI that the driver does not take.
        """
        try:
            with said_plainly():
                driver = cls._driver_of(uri, username, password)
        except ValueError as error:
            raise SetUpError(f"NEO4J_URI is not one that the Neo4j driver takes: {error}") from error
        # Only a cluster can answer from a replica that lags behind; bookmarks make it wait for our own writes.
        routed = uri.startswith("neo4j")
        return cls(driver, database, AsyncGraphDatabase.bookmark_manager() if routed else None, patience_s)

    @staticmethod
    def _driver_of(uri: str, username: str, password: str) -> AsyncDriver:
        return AsyncGraphDatabase.driver(
            uri,
            auth=(username, password),
            connection_timeout=CONNECT_S,
            connection_acquisition_timeout=ACQUIRE_S,
            max_transaction_retry_time=RETRY_S,
            initial_retry_delay=0.02,
            retry_delay_multiplier=1.5,
            max_connection_lifetime=600,
            liveness_check_timeout=10,
            notifications_min_severity="OFF",
            telemetry_disabled=True,
            user_agent="constintel",
        )

    async def close(self) -> None:
        await self._driver.close()

    async def write(self, work: Work[T], patience_s: float | None = None) -> T:
        """Runs `work` in one transaction, again after a deadlock or a lost race. Nothing is half-written.

        Raises Unavailable; its CommitUnknown when the commit may or may not have happened (also when no answer came within
        `patience_s`): whoever must know has to read. Raises TooLarge when one transaction has not the memory for the work.
        """
        within_s = self._patience_s if patience_s is None else patience_s
        try:
            return await _within(within_s, self._again_after_races(work))
        except TimeoutError as error:
            raise CommitUnknown(
                f"Neo4j did not answer within {within_s:g} s; not acknowledged, though it may be stored: look, or try again"
            ) from error

    async def change(self, name: str, patience_s: float | None = None, **parameters: object) -> Rows:
        """The rows of one statement of `cypher/` that writes, in a transaction of its own. Raises as `write`."""

        async def work(tx: AsyncManagedTransaction) -> Rows:
            return await rows(tx, name, parameters)

        return await self.write(work, patience_s)

    async def read(self, name: str, **parameters: object) -> Rows:
        """The rows of one statement of `cypher/`, read only. Raises as `look`."""

        async def work(tx: AsyncManagedTransaction) -> Rows:
            return await rows(tx, name, parameters)

        return await self.look(work)

    async def look(self, work: Work[T], patience_s: float | None = None) -> T:
        """Runs `work`, which reads only, in one transaction.

        Raises Unavailable, and QueryTooExpensive when it needs more memory than one transaction may take.
        """
        within_s = self._patience_s if patience_s is None else patience_s
        try:
            return await _within(within_s, self._managed(work, READ_ACCESS))
        except TimeoutError as error:
            raise Unavailable(f"Neo4j did not answer within {within_s:g} s; try again") from error

    async def run(self, statement: str, **parameters: object) -> None:
        """Runs one schema statement by itself, as migrations need; one that stands already is done.

        Two processes that change the schema at once deadlock easily, and outside of managed transactions nobody else
        tries again. Raises Unavailable, SetUpError, or the driver's ClientError for a statement that Neo4j refuses.
        """
        for left in reversed(range(SCHEMA_TRIES)):
            try:
                with said_plainly():
                    return await self._run_once(statement, parameters)
            except Unavailable as error:
                if not left or not isinstance(error.__cause__, TransientError):
                    raise
            except ClientError as error:
                if error.code in SCHEMA_STANDS:
                    return None
                raise
            await asyncio.sleep(SCHEMA_DELAY_S * (SCHEMA_TRIES - left) * random.uniform(0.5, 1.5))  # noqa: S311 - no secret
        raise AssertionError("unreachable")

    async def run_together(self, statements: Sequence[str]) -> None:
        """Runs schema statements in one transaction: all of them or none, and once: whoever fails here goes step by step.

        Each by itself costs a new store a tenth of a second, most of it the commit. Raises Unavailable, or the driver's
        ClientError.
        """
        with said_plainly():
            async with (
                self._session() as session,
                await session.begin_transaction() as tx,
            ):
                for statement in statements:
                    await (await tx.run(statement)).consume()

    def _session(self, access: str = WRITE_ACCESS) -> AsyncSession:
        return self._driver.session(database=self._database, bookmark_manager=self._bookmarks, default_access_mode=access)

    async def _run_once(self, statement: str, parameters: Mapping[str, object]) -> None:
        async with self._session() as session:
            result = await session.run(statement, dict(parameters))
            await result.consume()

    async def _again_after_races(self, work: Work[T]) -> T:
        """Until the caller's patience is over, if need be: in a deadlock one of two gets through each time, and the driver, which
        waits ever longer, would give up after some ten of them."""
        races = 0
        while True:
            try:
                return await self._managed(work, WRITE_ACCESS)
            except Unavailable as error:
                if not _is_deadlock(error.__cause__):
                    raise
                await asyncio.sleep(DEADLOCK_DELAY_S)
            except ConstraintError:
                # Another process created the same key between our read and our write. Reading again sees it.
                races += 1
                if races == CONSTRAINT_RETRIES:
                    raise
                await asyncio.sleep(0.0025 * 2**races)

    async def _managed(self, work: Work[T], access: str) -> T:
        with said_plainly():
            async with self._session(access) as session:
                execute = session.execute_write if access == WRITE_ACCESS else session.execute_read
                try:
                    # BEGIN travels with the first statement, as the driver's own `execute_query` does: a round trip less.
                    with session._pipelined_begin:
                        return await execute(_bounded(work, access))
                except (TransientError, DriverError) as error:  # at the commit
                    if refusal := _past_the_memory_limit(error, access):
                        raise refusal from error
                    raise


async def _within(seconds: float, work: Coroutine[Any, Any, T]) -> T:
    """Raises TimeoutError when the work takes longer.

    A driver that is cancelled at the very end of a deadline of its own cancels its task once more (`_wait_for_io`), which
    `asyncio.timeout` takes for somebody else's wish: callers would hang up without a word.
    """
    task = asyncio.current_task()
    assert task is not None
    wishes = task.cancelling()
    try:
        async with asyncio.timeout(seconds) as patience:
            return await work
    except asyncio.CancelledError:
        if not patience.expired():
            raise
        while task.cancelling() > wishes:
            task.uncancel()
        raise TimeoutError from None


def _bounded(work: Work[T], access: str) -> Work[T]:
    """The work, whose memory limit is not a reason for the driver to try the very same again."""

    async def bounded(tx: AsyncManagedTransaction) -> T:
        try:
            return await work(tx)
        except TransientError as error:
            refusal = _past_the_memory_limit(error, access)
            if refusal is None:
                raise
            raise refusal from error

    return bounded


def _is_deadlock(error: BaseException | None) -> bool:
    return isinstance(error, TransientError) and error.code == DEADLOCK


def _past_the_memory_limit(error: Exception, access: str) -> ConstIntelError | None:
    """What to say when the error is one transaction's memory limit, which a commit may meet too."""
    if MEMORY_LIMIT not in str(error):
        return None
    too_much = "this needs more memory than one transaction of the graph may take"
    if access == READ_ACCESS:
        return QueryTooExpensive(f"{too_much}; ask for less, such as with a lower limit")
    return TooLarge(f"{too_much}; send less a call")


class _Unsaid(dict[str, Any]):
    """A parameter that says nothing of what it holds.

    For each statement the driver makes the text of a log line that holds all parameters, whether anybody logs it or not:
    a tenth of a batch's time, and people's data when somebody does.
    """

    def __repr__(self) -> str:
        return f"{{{len(self)} parameters}}"


def _unsaid(value: object) -> object:
    return _Unsaid(value) if isinstance(value, dict) else value


async def rows(tx: AsyncManagedTransaction, name: str, parameters: Mapping[str, Any]) -> Rows:
    """The rows of one statement of `cypher/` inside a transaction."""
    result = await tx.run(query(name), {given: _unsaid(value) for given, value in parameters.items()})
    # Not result.data(): it walks every value looking for nodes, which costs more than the query at 100 rows.
    return [dict(record.items()) async for record in result]  # type: ignore[no-untyped-call]
