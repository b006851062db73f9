"""Applies graph migrations, each once and in order."""

import asyncio
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from neo4j import AsyncManagedTransaction
from neo4j.exceptions import ClientError

from app.domain.errors import SetUpError, Unavailable
from app.graph.driver import Graph, Rows, rows
from app.graph.migration_files import FOLDER, Migration, migrations
from app.graph.queries import query

LOCK_CONSTRAINT = "CREATE CONSTRAINT migration_version IF NOT EXISTS FOR (n:Migration) REQUIRE n.version IS UNIQUE"
INDEX_STANDS = frozenset(f"Neo.ClientError.Schema.Index{what}AlreadyExists" for what in ("", "WithName"))
_CONSTRAINT = re.compile(r"CREATE CONSTRAINT (\w+) IF NOT EXISTS FOR \(\w*:(\w+)\)")
PATIENCE_S = 300.0  # a constraint over a full store is filled before it stands
LOOKED_EVERY_S = 60.0


async def migrate(graph: Graph, folder: Path = FOLDER, say: Callable[[str], object] = str) -> int:
    """Applies what is missing and returns how many. Two processes may start at once: one waits for the other.

    Raises SetUpError when a migration that was applied has been edited since, or the graph is newer than this program.
    Statements must be idempotent (IF NOT EXISTS): schema changes cannot share the transaction that records them.
    """
    try:
        async with asyncio.timeout(PATIENCE_S):
            return await _migrate(graph, folder, say)
    except TimeoutError as error:
        raise SetUpError(
            f"the graph migrations did not end within {PATIENCE_S:.0f} s; see what Neo4j does (its logs), and start again"
        ) from error


async def _migrate(graph: Graph, folder: Path, say: Callable[[str], object]) -> int:
    # The lock node's own constraint must stand first: without it two processes could make two lock nodes.
    await _change_schema(graph, "the migrations' own constraint", LOCK_CONSTRAINT, say)
    applied = 0
    wanted = migrations(folder)
    for migration in wanted:
        applied += await _apply(graph, migration, say)
    if (newer := await _newer(graph, len(wanted))) is not None:
        raise newer
    return applied


async def until_newer(graph: Graph, folder: Path = FOLDER, every_s: float = LOOKED_EVERY_S) -> SetUpError:
    """Returns once a newer program has migrated the graph, with what to tell of it. What that program asks of whoever writes
    this one does not know: it would bring erased people back, or take what must be signed."""
    known = len(migrations(folder))
    while True:
        await asyncio.sleep(every_s)
        with suppress(Unavailable):  # a graph that does not answer is told of by others
            if (newer := await _newer(graph, known)) is not None:
                return newer


async def _newer(graph: Graph, known: int) -> SetUpError | None:
    newest = (await _asked(graph, "migrate/newest"))[0]["version"]
    if newest <= known:
        return None
    return SetUpError(f"the graph is at migration {newest}, this program knows {known}; start the newer program")


async def _apply(graph: Graph, migration: Migration, say: Callable[[str], object]) -> int:
    async def under_lock(tx: AsyncManagedTransaction) -> int:
        (row,) = await rows(tx, "migrate/lock", {"version": migration.version})
        if row["checksum"] == migration.checksum:
            return 0
        if row["checksum"] is not None:
            raise SetUpError(
                f"migration V{migration.version:04d}__{migration.name} was edited after it was applied; "
                "restore the file and put the change into a new migration"
            )
        say(f"migration {migration.version}: {migration.name}")
        # Another process waits at the lock meanwhile. The statements run beside it.
        await _change_schemas(graph, f"migration V{migration.version:04d}__{migration.name}", migration.statements, say)
        await rows(
            tx,
            "migrate/applied",
            {"version": migration.version, "name": migration.name, "checksum": migration.checksum},
        )
        return 1

    return await graph.write(under_lock, patience_s=PATIENCE_S)


async def _change_schemas(graph: Graph, whose: str, statements: Sequence[str], say: Callable[[str], object]) -> None:
    """All at once, as on a new store; where that fails one by one, which says what fails, tries again, and clears away."""
    try:
        await graph.run_together(statements)
    except (ClientError, Unavailable):
        for statement in statements:
            await _change_schema(graph, whose, statement, say)


async def _change_schema(graph: Graph, whose: str, statement: str, say: Callable[[str], object]) -> None:
    try:
        try:
            await graph.run(statement)
        except ClientError as error:
            if error.code not in INDEX_STANDS or not await _drop_leftover(graph, statement, say):
                raise
            await graph.run(statement)
    except ClientError as error:
        raise SetUpError(f"Neo4j refuses a statement of {whose}: {error.message}") from error


async def _drop_leftover(graph: Graph, statement: str, say: Callable[[str], object]) -> bool:
    """Whether an index was in the constraint's way and is gone now.

    Neo4j fills a constraint's index first; killed meanwhile, it leaves the index without the constraint, and every later
    start would fail. Only an index of the constraint's name and label, which no constraint owns, can be one of those.
    """
    match = _CONSTRAINT.match(statement)
    found = await _asked(graph, "migrate/ownerless", index=match[1]) if match else []
    if match is None or not found or found[0]["labels"] != [match[2]]:
        return False
    say(f"the index {match[1]} was left behind by a constraint that was never finished; dropping it and beginning again")
    await graph.run(query("migrate/drop_index"), index=match[1])
    return True


async def _asked(graph: Graph, name: str, **parameters: object) -> Rows:
    async def work(tx: AsyncManagedTransaction) -> Rows:
        return await rows(tx, name, parameters)

    return await graph.look(work, PATIENCE_S)
