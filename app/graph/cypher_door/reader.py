"""Runs one read-only query and gives its answer as JSON bytes. Lives in a reader process, see `worker`."""

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

import orjson
from neo4j import READ_ACCESS, Driver, GraphDatabase, Record, Result, Transaction
from neo4j.exceptions import BrokenRecordError, DriverError, Neo4jError, ServiceUnavailable, SessionExpired, TransientError

from app.domain.errors import BadInput, ConstIntelError, QueryRefused, QueryTooExpensive, Unavailable, Unprocessable
from app.graph.cypher_door.memory import ending_when_out_of_memory
from app.graph.cypher_door.plan import check_plan, database_of
from app.graph.cypher_door.values import plain
from app.graph.cypher_door.words import check_words

CONNECT_S = 1.5
ACQUIRE_S = 2.0
FETCH_ROWS = 1_000

_PREFIX = "EXPLAIN\n"
_POSITION = re.compile(r"\(line (\d+), column (\d+) \(offset: (\d+)\)\)")


@dataclass(frozen=True, slots=True)
class Question:
    """One query, as it crosses the pipe."""

    query: str
    parameters: dict[str, Any]
    limit: int


class Reader:
    """One connection to Neo4j for reading. `most_bytes` bounds an answer's JSON, `seconds` Neo4j's time for it."""

    def __init__(self, address: Mapping[str, Any], seconds: float, most_bytes: int) -> None:
        self._driver = _driver(address)
        self._database: str | None = address["database"]
        self._seconds = seconds
        self._most_bytes = most_bytes
        self._home: str | None = None

    def answer(self, question: Question) -> bytes:
        """`{"data": {columns, rows, truncated, ms}}`. Raises a ConstIntelError."""
        began = time.monotonic()
        check_words(question.query, question.parameters)
        with _spoken(self._seconds), self._transaction(_fetch_rows(question.limit)) as tx, ending_when_out_of_memory():
            self._judge(tx, question)
            result = tx.run(question.query, question.parameters)
            rows, truncated = self._rows(result, question.limit)
            columns = orjson.dumps(result.keys())
        ms = round((time.monotonic() - began) * 1000, 1)
        tail = orjson.dumps({"truncated": truncated, "ms": ms})
        return b"".join((b'{"data":{"columns":', columns, b',"rows":[', rows, b"],", tail[1:], b"}"))

    @contextmanager
    def _transaction(self, fetch_rows: int) -> Iterator[Transaction]:
        """Always rolled back, which ends the query where it stands; closing an auto-commit one would run it to its end."""
        with self._driver.session(database=self._database, default_access_mode=READ_ACCESS, fetch_size=fetch_rows) as session:
            tx = session.begin_transaction(timeout=self._seconds, metadata={"by": "constintel cypher door"})
            try:
                yield tx
            finally:
                tx.close()

    def _judge(self, tx: Transaction, question: Question) -> None:
        if self._home is None:
            self._home = database_of(cast("Any", tx.run("EXPLAIN RETURN 1").consume().plan))
        summary = tx.run(cast("Any", _PREFIX + question.query), question.parameters).consume()
        check_plan(summary.query_type, cast("Any", summary.plan), self._home)

    def _rows(self, result: Result, limit: int) -> tuple[bytearray, bool]:
        """At most `limit` rows as JSON, and whether there were more. Raises QueryTooExpensive for too many bytes."""
        # One growing array: each bytes object that orjson gives holds on to megabytes of address space.
        rows = bytearray()
        for count, record in enumerate(result):
            if count == limit:
                return rows, True
            if count:
                rows += b","
            rows += _row(record)
            if len(rows) > self._most_bytes:
                raise QueryTooExpensive(
                    f"the answer is larger than {self._most_bytes // 1024 // 1024} MB at row {count + 1:,}; return "
                    "fewer or smaller values, aggregate, or add LIMIT",
                    limit="size",
                )
        return rows, False


def _fetch_rows(limit: int) -> int:
    """How many rows to ask for at a time, so that hardly a row more than limit + 1 has to be found."""
    wanted = limit + 1
    batches = -(-wanted // FETCH_ROWS)
    return -(-wanted // batches)


def _row(record: Record) -> bytes:
    try:
        return orjson.dumps(record.values(), default=plain)
    except orjson.JSONEncodeError as error:
        raise Unprocessable(f"the answer cannot be written as JSON: {error}; return a simpler value") from error


def _driver(address: Mapping[str, Any]) -> Driver:
    return GraphDatabase.driver(
        address["uri"],
        auth=(address["username"], address["password"]),
        connection_timeout=CONNECT_S,
        connection_acquisition_timeout=ACQUIRE_S,
        liveness_check_timeout=0,  # Neo4j may have been restarted since the last query
        max_connection_pool_size=2,
        notifications_min_severity="OFF",
        telemetry_disabled=True,
        user_agent="constintel-cypher-door",
    )


@contextmanager
def _spoken(seconds: float) -> Iterator[None]:
    """Neo4j's errors in the domain's words."""
    try:
        yield
    except (ServiceUnavailable, SessionExpired) as error:
        raise Unavailable(f"Neo4j did not answer ({type(error).__name__}); try again") from error
    except Neo4jError as error:
        raise domain_error(error, seconds) from error
    except BrokenRecordError as error:  # such as a date of a year that Python's have not
        raise Unprocessable(f"a value of the answer cannot be read ({error}); return toString(...) of it") from error
    except DriverError as error:
        raise Unavailable(f"Neo4j could not be read ({type(error).__name__}: {error}); try again") from error
    except OverflowError as error:  # an integer of more than 64 bits
        raise BadInput(f"a parameter cannot be sent to Neo4j: {error}") from error


def domain_error(error: Neo4jError, seconds: float) -> ConstIntelError:
    """The domain's word for what Neo4j said about a query."""
    code, message = error.code or "", _repositioned(error.message or str(error))
    if "OutOfMemory" in code or "StackOverFlow" in code:
        text = f"the query needs more memory than Neo4j grants one query; aggregate earlier, or add LIMIT: {message}"
        return QueryTooExpensive(text, limit="memory")
    if "TransactionTimedOut" in code:
        return too_long(seconds)
    if "AccessMode" in code or "Security" in code or "TransactionStartFailed" in code:
        return QueryRefused(f"Neo4j does not let the query through: {message}")
    if isinstance(error, TransientError):
        return Unavailable(f"Neo4j could not finish the query: {message}; try again")
    if code.startswith("Neo.DatabaseError"):
        return Unprocessable(f"Neo4j failed at the query: {message}")
    return BadInput(message)


def too_long(seconds: float) -> QueryTooExpensive:
    return QueryTooExpensive(
        f"the query took longer than {seconds:g} s; begin at an indexed property, bound variable-length paths, or add LIMIT",
        limit="time",
    )


def _repositioned(message: str) -> str:
    """Neo4j counts the EXPLAIN that we put in front; the caller did not write it."""

    def moved(found: re.Match[str]) -> str:
        line, column, offset = (int(number) for number in found.groups())
        return f"(line {line - 1}, column {column} (offset: {offset - len(_PREFIX)}))" if line > 1 else found.group()

    return _POSITION.sub(moved, message)
