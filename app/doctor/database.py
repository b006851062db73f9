"""Checks of the Neo4j that the service would use, if one runs: does it let us in, which is it, what was applied there?"""

import asyncio
import time

from app.doctor.finding import Finding, fail, ok, warn
from app.domain.errors import ConstIntelError
from app.graph.driver import Graph, Rows
from app.graph.embedded import Neo4jAddress
from app.graph.migration_files import Migration, migrations

PATIENCE_S = 10.0
MEND = "start it, or mend NEO4J_URI, NEO4J_USERNAME and NEO4J_PASSWORD"
APART_S = (2.0, 60.0)  # clocks: to be looked at, not to be borne


async def database(address: Neo4jAddress, name: str | None, mend: str = MEND) -> list[Finding]:
    """What is found at this address; `mend` is for when it does not let us in. Never raises what Neo4j or the network does."""
    graph = Graph.connect(address.uri, address.username, address.password, name)
    try:
        async with asyncio.timeout(PATIENCE_S):
            await graph.read("read/ready")  # connecting takes time, which is none of the clocks'
            before = time.time()
            (server,) = await graph.read("doctor/server")
            apart_s = abs(server["ms"] / 1000 - (before + time.time()) / 2)
            applied = await graph.read("doctor/migrations")
    except (ConstIntelError, TimeoutError, ValueError) as error:
        detail = error.detail if isinstance(error, ConstIntelError) else f"no answer within {PATIENCE_S:.0f} s"
        return [fail("neo4j", f"{address.uri}: {detail}", mend)]
    finally:
        await graph.close()
    return [judge_version(server["version"], server["edition"]), judge_migrations(applied, migrations()), judge_apart(apart_s)]


def judge_version(version: str, edition: str) -> Finding:
    says = f"Neo4j {version} ({edition}) lets us in"
    if version.split(".", maxsplit=1)[0] == "5":
        return ok("neo4j", says)
    return fail("neo4j", f"{says}, but this program speaks to Neo4j 5", "point NEO4J_URI to a Neo4j 5, 5.26 at best")


def judge_migrations(applied: Rows, known: tuple[Migration, ...]) -> Finding:
    sums = {migration.version: migration for migration in known}
    for row in applied:
        if row["version"] not in sums:
            return fail(
                "migrations", f"the graph is at {row['version']}, this program knows {len(known)}", "start the newer program"
            )
        if row["checksum"] != sums[row["version"]].checksum:
            name = f"V{row['version']:04d}__{sums[row['version']].name}.cypher"
            return fail("migrations", f"{name} was edited after it was applied", "restore it: git checkout graph_migrations")
    if len(applied) < len(known):
        return warn(
            "migrations", f"{len(known) - len(applied)} of {len(known)} are not applied yet", "make migrate, or start the service"
        )
    return ok("migrations", f"all {len(known)} are applied")


def judge_apart(apart_s: float) -> Finding:
    look, fault = APART_S
    if apart_s <= look:
        return ok("clocks", f"ours and Neo4j's are {apart_s:.1f} s apart")
    found = fail if apart_s > fault else warn
    return found("clocks", f"ours and Neo4j's are {apart_s:.0f} s apart", "keep both right with chrony or systemd-timesyncd")
