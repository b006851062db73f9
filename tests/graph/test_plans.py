"""How Neo4j would run each statement of cypher/: from an index, never by looking at everything there is.

The plans are those of the real Neo4j with the real indexes (`EXPLAIN` runs nothing), so a statement that lost its index
fails here, not at a million events.
"""

import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio
from neo4j import AsyncDriver, AsyncGraphDatabase

from app.graph.driver import Graph
from app.graph.embedded import Neo4jAddress
from app.graph.queries import names, query

# What the service gives its statements, by a parameter's name: Neo4j plans for the types of parameters, so that with others
# the plan looked at would not be the one that runs, and every statement would be planned twice in a run of the tests.
# A name that is not here holds text.
GIVEN: dict[str, Any] = {
    **{name: {} for name in ("asked", "came", "plan", "touched")},
    **{name: [] for name in ("automations", "campaigns", "classes", "events", "fresh", "groups", "identifiers", "ids")},
    **{name: [] for name in ("jobs", "judgements", "known", "message_keys", "nodes", "products", "profile_ids", "ranges")},
    **{name: [] for name in ("statuses", "types")},
    **dict.fromkeys(("as_of", "at", "before", "characters", "day", "each", "fan_out", "least", "limit", "looked_at", "most"), 10),
    **dict.fromkeys(("ms", "not_before", "now", "rank", "rows", "schema", "since", "until"), 10),
    **dict.fromkeys(("goes_back", "whole"), True),
}
GIVEN_TO: dict[str, dict[str, Any]] = {  # where a name means another thing, or nothing is asked as a rule
    "act/automations": {"after": 10},
    "act/campaigns_by_status": {"automation_id": None},
    "act/campaigns_of_person": {"automation_id": None},
    "act/executions_by_status": {"automation_id": None},
    "act/executions_of_person": {"automation_id": None, "status": None},
    "act/reports_waiting": {"after": 10},
    "explain/near": {"events": 10, "identifiers": 10},
    "migrate/lock": {"version": 10},
    "publish/changes_page": {"after": 10},
    "publish/oldest": {"events": "text"},
    "publish/page": {"after": 10},
    "read/profiles_found": {"segment": None},
    "read/profiles_holding": {"segment": None},
    "read/profiles_like": {"segment": None},
    "rules/run_end": {"partition": None},
}

# What a statement may do though the rule forbids it. Each excuse says why.
STREAMS = "RANGE INDEX s:Stream(key) WHERE key IS NOT NULL, cache[s.key]"
SCANS = {
    ("publish/lag", STREAMS): "one node a brand whose stream is read; the rows come from the index, up to the limit",
}
PRODUCTS = {
    "past/learnt": "joins a person's features and prediction, one row each",
    "past/messages": "joins two subqueries of one row each (each collects)",
    "region/entries": "joins two subqueries of one row each (each collects)",
    "region/judged": "joins two subqueries of one row each (each collects)",
    "resolve/absorb": "joins, for one row of the plan, what the absorbed profile has with one profile found by its key",
    "resolve/adopt": "joins, for one row of the plan, an event and a profile, each found by its key",
    "resolve/write": "joins, for one row of the plan, a profile and an identifier, each found by its key",
}


def operators(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("children", ()):
        yield from operators(child)


def wrongs(name: str, plan: dict[str, Any]) -> list[str]:
    """What the plan of a statement does that does not stay quick while the graph grows."""
    found = []
    for one in operators(plan):
        operator, details = one["operatorType"].split("@")[0], str(one["args"].get("Details", ""))
        # Of labels, of relationship types, of all nodes, or of an index from end to end.
        if operator.endswith("Scan") and (name, details) not in SCANS:
            found.append(f"{operator} of {details}")
        if operator == "CartesianProduct" and name not in PRODUCTS:
            found.append(operator)
    return found


async def explained(driver: AsyncDriver, statement: str, name: str = "") -> dict[str, Any]:
    said = "\n".join(line for line in statement.splitlines() if not line.strip().startswith("//"))
    given = GIVEN | GIVEN_TO.get(name, {})
    parameters = {parameter: given.get(parameter, "text") for parameter in re.findall(r"\$(\w+)", said)}
    async with driver.session() as session:
        summary = await (await session.run("EXPLAIN " + said, parameters)).consume()
    assert summary.plan is not None
    return summary.plan


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def planner(graph: Graph, neo4j_address: Neo4jAddress) -> AsyncIterator[AsyncDriver]:
    """The migrated Neo4j, whose indexes are there and filled."""
    auth = (neo4j_address.username, neo4j_address.password)
    async with AsyncGraphDatabase.driver(neo4j_address.uri, auth=auth, notifications_min_severity="OFF") as driver:
        await driver.execute_query("CALL db.awaitIndexes(60)")
        yield driver


@pytest.mark.parametrize("name", names())
async def test_a_statement_stays_quick_while_the_graph_grows(planner: AsyncDriver, name: str) -> None:
    assert wrongs(name, await explained(planner, query(name), name)) == []


@pytest.mark.parametrize(
    ("statement", "wrong"),
    [
        ("MATCH (n) WHERE n.brand_id = $brand_id RETURN n", "AllNodesScan of n"),
        ("MATCH (e:Event {type: $type}) RETURN e", "NodeByLabelScan of e:Event"),
        ("MATCH (o:Outbox {event_id: $id}) RETURN o", "NodeByLabelScan of o:Outbox"),
        ("MATCH ()-[a:ATTACHED_TO {merge_id: $id}]->() RETURN a", "DirectedRelationshipTypeScan of ()-[a:ATTACHED_TO]->()"),
        ("MATCH (b:Brand {brand_id: $a}), (p:ProfileId {key: $b}) RETURN b, p", "CartesianProduct"),
    ],
)
async def test_a_planted_violation_is_found(planner: AsyncDriver, statement: str, wrong: str) -> None:
    found = wrongs("planted", await explained(planner, statement))
    assert any(one.startswith(wrong.split(" of ", maxsplit=1)[0]) for one in found), found


async def test_no_excuse_is_left_over(planner: AsyncDriver) -> None:
    """An excuse without a statement that needs it would excuse the next one."""
    needed_scans: set[tuple[str, str]] = set()
    needed_products: set[str] = set()
    for name in {*(name for name, _ in SCANS), *PRODUCTS}:
        for one in operators(await explained(planner, query(name), name)):
            operator = one["operatorType"].split("@")[0]
            if operator.endswith("Scan"):
                needed_scans.add((name, str(one["args"].get("Details", ""))))
            if operator == "CartesianProduct":
                needed_products.add(name)
    assert needed_scans == SCANS.keys()
    assert needed_products == PRODUCTS.keys()


async def test_a_statement_is_planned_once_whatever_its_lists_hold(planner: AsyncDriver) -> None:
    """A plan for each size of each list costs each of them a second of somebody's delivery."""

    async def rows_expected(given: int) -> float:
        async with planner.session() as session:
            result = await session.run("EXPLAIN UNWIND $rows AS row RETURN row.key AS key", rows=[{"key": "k"}] * given)
            plan = (await result.consume()).plan
        assert plan is not None
        return float(plan["args"]["EstimatedRows"])

    assert await rows_expected(1) == await rows_expected(50) == await rows_expected(5000)
