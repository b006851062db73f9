"""Migrations and the connection's limits, on the Neo4j that nobody else uses: its schema is dropped, and it is made to hang."""

import asyncio
import os
import re
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from neo4j import AsyncDriver, AsyncGraphDatabase

from app.domain.errors import SetUpError, Unavailable
from app.graph.driver import Graph
from app.graph.embedded import EmbeddedNeo4j
from app.graph.embedded.login import can_log_in
from app.graph.failures import CommitUnknown
from app.graph.migration_files import FOLDER, migrations
from app.graph.migrations import migrate, until_newer
from tests.processes import hold_still


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def driver(embedded: EmbeddedNeo4j) -> AsyncIterator[AsyncDriver]:
    where = embedded.address
    async with AsyncGraphDatabase.driver(where.uri, auth=(where.username, where.password)) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def pair(embedded: EmbeddedNeo4j) -> AsyncIterator[tuple[Graph, Graph]]:
    """Two connections, as two processes have."""
    where = embedded.address
    opened = tuple(Graph.connect(where.uri, where.username, where.password, patience_s=60) for _ in range(2))
    yield opened[0], opened[1]
    for graph in opened:
        await graph.close()


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the first migration alone, for what is the same for each of them."""
    folder = tmp_path_factory.mktemp("first")
    path = min(FOLDER.glob("*.cypher"))
    (folder / path.name).write_text(path.read_text())
    return folder


async def forget(driver: AsyncDriver) -> None:
    """As fresh as on its first day."""
    await driver.execute_query("MATCH (n) DETACH DELETE n")
    for kind, kinds in (("CONSTRAINT", "CONSTRAINTS"), ("INDEX", "INDEXES")):
        found = await driver.execute_query(f"SHOW {kinds} YIELD name, type WHERE type <> 'LOOKUP' RETURN name")  # type: ignore[arg-type]
        for record in found.records:
            await driver.execute_query(f"DROP {kind} {record['name']}")  # type: ignore[arg-type]


async def test_nobody_waits_for_a_migration_so_it_may_take_its_time(driver: AsyncDriver) -> None:
    """As on a machine so busy that a look at what is applied takes longer than whoever sends an event would wait."""
    impatient = Graph(driver, None, None, patience_s=0)
    with pytest.raises(Unavailable):
        await impatient.read("migrate/newest")
    await migrate(impatient)


async def test_two_processes_migrate_at_once(pair: tuple[Graph, Graph], driver: AsyncDriver, first: Path) -> None:
    """Two services of one rollout, on a database that nobody has used."""
    for folder in (first, first, FOLDER):
        await forget(driver)
        applied = await asyncio.gather(*(migrate(graph, folder) for graph in pair))
        assert sum(applied) == len(migrations(folder))


async def test_a_program_that_runs_is_told_that_a_newer_one_migrated_the_graph(
    pair: tuple[Graph, Graph], driver: AsyncDriver, first: Path
) -> None:
    """Left behind by a rollout, it wrote for ever beside what it does not know: keys, signatures, who was erased."""
    older, newer = pair
    await forget(driver)
    await migrate(older, first)
    waiting = asyncio.create_task(until_newer(older, first, every_s=0.05))
    await asyncio.wait([waiting], timeout=0.5)
    assert not waiting.done()
    await migrate(newer)
    told = await asyncio.wait_for(waiting, 30)
    assert re.fullmatch(r"the graph is at migration \d+, this program knows 1; start the newer program", told.detail)


async def test_a_statement_that_neo4j_refuses_is_named(pair: tuple[Graph, Graph], tmp_path: Path) -> None:
    for path in FOLDER.glob("*.cypher"):
        (tmp_path / path.name).write_text(path.read_text())
    number = len(migrations()) + 1
    (tmp_path / f"V{number:04d}__broken.cypher").write_text("CREATE NONSENSE IF NOT EXISTS")
    with pytest.raises(SetUpError, match=rf"migration V{number:04d}__broken: (?s:.)*NONSENSE"):
        await migrate(pair[0], tmp_path)


async def test_what_an_interrupted_migration_left_behind_is_cleared_away(
    pair: tuple[Graph, Graph], driver: AsyncDriver, first: Path
) -> None:
    """An index of a constraint's name without the constraint: a uniqueness constraint fills its index first."""
    for leftover in ("FOR (n:Brand) ON (n.other)", "FOR (n:Brand) ON (n.brand_id)"):
        await forget(driver)
        await driver.execute_query(f"CREATE INDEX brand_id {leftover}")  # type: ignore[arg-type]
        said: list[str] = []
        await migrate(pair[0], first, say=said.append)
        assert any("brand_id was left behind" in line for line in said)
    await forget(driver)
    await driver.execute_query("CREATE INDEX brand_id FOR (n:Theirs) ON (n.own)")
    with pytest.raises(SetUpError, match=r"migration V0001__identity: .*brand_id"):
        await migrate(pair[0], first)
    await forget(driver)


async def test_purchases_of_old_are_known_by_their_orders(pair: tuple[Graph, Graph], driver: AsyncDriver, tmp_path: Path) -> None:
    """Stored by a program that knew no orders: more than one part of the migration, two of one order, one of none."""
    await forget(driver)
    folder = [path for path in sorted(FOLDER.glob("*.cypher")) if path.name < "V0011"]
    for path in folder:
        (tmp_path / path.name).write_text(path.read_text())
    await migrate(pair[0], tmp_path)
    await driver.execute_query(
        "UNWIND range(0, 1500) AS n CREATE (e:Event {key: 'b|' + n, brand_id: 'b', source: 'shop', outcome: 'created'}) "
        "SET e.order_id = CASE n WHEN 0 THEN null WHEN 1 THEN 'o2' ELSE 'o' + n END"
    )
    await migrate(pair[0])
    found = await driver.execute_query(
        "MATCH (o:Order {brand_id: 'b', source: 'shop'}) "
        "RETURN count(o), min(COUNT { (o)<-[:OF_ORDER]-(:Event) }), max(COUNT { (o)<-[:OF_ORDER]-(:Event) }), "
        "COUNT { (:Order {key: 'b|shop|o2', order_id: 'o2'})<-[:OF_ORDER]-(:Event) }"
    )
    assert found.records[0].values() == [1499, 1, 1, 1]


async def test_while_neo4j_hangs_every_wait_has_an_end(embedded: EmbeddedNeo4j, driver: AsyncDriver) -> None:
    """Connections stay open and nothing answers: none of the driver's own limits ends that."""
    await driver.verify_connectivity()
    graph = Graph(driver, None, None, patience_s=0.3)
    pid = embedded.status().pid
    assert pid is not None

    async def work(tx: Any) -> None:
        await tx.run("RETURN 1")

    hold_still(pid)
    try:
        began = time.monotonic()
        with pytest.raises(Unavailable, match=r"within 0\.3 s"):
            await graph.read("read/ready")
        with pytest.raises(CommitUnknown, match=r"within 0\.3 s"):
            await graph.write(work)
        with pytest.raises(CommitUnknown, match=r"within 0\.2 s"):
            await graph.write(work, patience_s=0.2)
        assert time.monotonic() - began < 3
        assert not await asyncio.to_thread(can_log_in, embedded.address, 0.3)
        assert time.monotonic() - began < 5
    finally:
        os.kill(pid, signal.SIGCONT)
