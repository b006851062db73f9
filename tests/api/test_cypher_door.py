"""The read-only Cypher door, on a real Neo4j: what it refuses, its limits, and that its accidents stay its own."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psutil
import pytest
from fastapi import FastAPI, Request, Response
from httpx import ASGITransport, AsyncClient
from httpx import Response as Answer
from neo4j import AsyncDriver, AsyncGraphDatabase

from app.api.cypher import cypher_router
from app.domain import errors
from app.domain.errors import ConstIntelError, QueryRefused
from app.graph.cypher_door import CypherDoor, Limits
from app.graph.cypher_door.door import DEFAULT_ROWS, MOST_ROWS
from app.graph.cypher_door.plan import Plan, check_plan
from app.graph.cypher_door.words import check_words
from app.graph.embedded import Neo4jAddress
from app.problems import STATUS, problem, status_of

BRAND = "door-brand"


READS: Plan = {"operatorType": "ProduceResults@neo4j", "children": [{"operatorType": "AllNodesScan@neo4j", "children": []}]}


@pytest.mark.parametrize(
    ("query_type", "plan", "says"),
    [
        ("r", None, "gave no plan"),
        ("rw", READS, "type 'rw'"),
        (None, READS, "type None"),
        ("r", {**READS, "operatorType": "ProduceResults@other"}, "the database other"),
        ("r", {**READS, "children": [{"operatorType": "Create@neo4j", "children": []}]}, "Create"),
    ],
)
def test_a_plan_that_is_not_known_to_read_is_refused(query_type: str | None, plan: Plan | None, says: str) -> None:
    """Whatever the words of a query were: this is what Neo4j makes of it."""
    check_plan("r", READS, "neo4j")
    with pytest.raises(QueryRefused, match=says):
        check_plan(query_type, plan, "neo4j")


@dataclass
class Caller:
    http: AsyncClient
    door: CypherDoor

    async def post(self, query: str, **body: object) -> Answer:
        return await self.http.post("/api/cypher", json={"query": query, **body}, headers={"x-brand-id": BRAND})

    async def rows(self, query: str, **body: object) -> list[list[Any]]:
        answer = await self.post(query, **body)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["data"]["rows"])


def service(door: CypherDoor) -> AsyncClient:
    """The router with the service's own table of statuses, and nothing else of the service."""
    app = FastAPI()
    app.include_router(cypher_router(door.read))

    async def refused(_: Request, error: Exception) -> Response:
        assert isinstance(error, ConstIntelError)
        return problem(status_of(error), error.title, error.detail, error.extra)

    app.add_exception_handler(ConstIntelError, refused)
    return AsyncClient(transport=ASGITransport(app), base_url="http://door")


@pytest.fixture(scope="module")
async def driver(neo4j_address: Neo4jAddress) -> AsyncIterator[AsyncDriver]:
    auth = (neo4j_address.username, neo4j_address.password)
    async with AsyncGraphDatabase.driver(neo4j_address.uri, auth=auth) as driver:
        yield driver


@pytest.fixture(scope="module")
async def graph(driver: AsyncDriver) -> AsyncIterator[None]:
    """Two nodes and an edge of our brand, one node of another's."""
    await driver.execute_query(
        "CREATE (:DoorTest {brand_id: $brand, n: 1, at: datetime('2026-01-02T03:04:05Z')})-[:DOOR_EDGE {w: 2}]->"
        "(:DoorTest {brand_id: $brand, n: 2}), (:DoorTest {brand_id: 'someone-else', n: 3})",
        brand=BRAND,
    )
    yield
    await driver.execute_query("MATCH (n:DoorTest) DETACH DELETE n")


@pytest.fixture(scope="module")
async def caller(neo4j_address: Neo4jAddress, graph: None) -> AsyncIterator[Caller]:
    """The usual door, but patient: a busy machine is no failure."""
    limits = Limits(seconds=30, wait_s=30)
    door = CypherDoor(neo4j_address.uri, neo4j_address.username, neo4j_address.password, limits=limits)
    async with service(door) as http:
        yield Caller(http, door)
    await door.close()


@pytest.fixture
async def narrow(neo4j_address: Neo4jAddress) -> AsyncIterator[Caller]:
    """A patient door whose readers have little memory."""
    limits = Limits(seconds=30, wait_s=30, memory_bytes=160 * 1024 * 1024)
    door = CypherDoor(neo4j_address.uri, neo4j_address.username, neo4j_address.password, limits=limits)
    async with service(door) as http:
        yield Caller(http, door)
    await door.close()


@pytest.fixture
async def hasty(neo4j_address: Neo4jAddress) -> AsyncIterator[Caller]:
    """A door with a short deadline and a single reader."""
    limits = Limits(seconds=1.5, grace_s=0.1, readers=1, wait_s=30)
    door = CypherDoor(neo4j_address.uri, neo4j_address.username, neo4j_address.password, limits=limits)
    async with service(door) as http:
        yield Caller(http, door)
    await door.close()


async def test_a_query_as_curl_sends_it(caller: Caller) -> None:
    headers = {"x-brand-id": BRAND, "content-type": "application/x-www-form-urlencoded"}
    answer = await caller.http.post("/api/cypher", content='{"query": "RETURN $brand"}', headers=headers)
    assert answer.json()["data"]["rows"] == [[BRAND]], answer.text


REFUSED = {
    "CREATE (n:DoorHole)": "Create",
    "MERGE (n:DoorHole) RETURN n": "Merge",
    "MATCH (n:DoorTest) SET n.x = 1": "SetProperty",
    "MATCH (n:DoorTest) DELETE n": "Delete",
    "MATCH (n:DoorTest) DETACH DELETE n": "DetachDelete",
    "MATCH (n:DoorTest) REMOVE n:DoorTest": "RemoveLabels",
    "FOREACH (x IN [1] | CREATE (:DoorHole))": "Foreach",
    "CREATE INDEX FOR (n:DoorHole) ON (n.x)": "CreateIndex",
    "CREATE USER eve SET PASSWORD 'longenough'": "AdministrationCommand",
    "ALTER CURRENT USER SET PASSWORD FROM 'a' TO 'b'": "AdministrationCommand",
    "SHOW USERS": "AdministrationCommand",
    "SHOW DATABASES": "AdministrationCommand",
    "SHOW TRANSACTIONS": "ShowTransactions",
    "SHOW SETTINGS": "ShowSettings",
    "SHOW PROCEDURES YIELD name RETURN name": "ShowProcedures",
    "TERMINATE TRANSACTIONS 'neo4j-transaction-1'": "TerminateTransactions",
    "LOAD CSV FROM 'http://127.0.0.1/' AS row RETURN row": "LOAD CSV",
    "load/* x */csv FROM $url AS row RETURN row": "LOAD CSV",
    # Neo4j's plan shows these two as text in a Projection only.
    "RETURN [x IN [1] | COLLECT { LOAD CSV FROM 'file:///x' AS r RETURN r }]": "LOAD CSV",
    "RETURN [x IN [1] | COUNT { CALL dbms.components() YIELD name RETURN name }]": "dbms.components",
    "CALL dbms.killConnection('bolt-1')": "dbms.killConnection",
    "CALL dbms.queryJmx('*:*')": "dbms.queryJmx",
    "CALL `dbms` . /* x */ queryJmx ('*:*')": "dbms.queryJmx",
    "CALL dbms.components": "dbms.components",
    "CALL db.createLabel('DoorHole')": "db.createLabel",
    "CALL apoc.load.json('x') YIELD value RETURN value": "apoc.load.json",
    "RETURN apoc.cypher.runFirstColumnSingle('CREATE (n)', {})": "apoc.cypher.runFirstColumnSingle",
    "MATCH (n) CALL (n) { MATCH (n)-->(m) RETURN m } IN TRANSACTIONS RETURN m": "TransactionApply",
    "EXPLAIN RETURN 1": "EXPLAIN",
    "/* x */ // y\n PROFILE RETURN 1": "PROFILE",
    "CYPHER runtime=slotted EXPLAIN RETURN 1": "CYPHER",
    "\\u0043REATE (n)": "escape",
    "// a comment\nCREATE (n:DoorHole)": "Create",
    # What Neo4j cannot stop, or what ends it.
    "RETURN range(1, 100000000)": "100,000,000",
    "RETURN size([x IN range(1, 1000000000) | x])": "range",
    "RETURN all(x IN range(1, $big) WHERE x > 0)": "range",
    "RETURN [x IN range(1, 1000) | [y IN range(1, 1000) | y]]": "1,000,000 elements",
    "RETURN [x IN range(1, toInteger(10 ^ 9)) | x]": "cannot be told",
    "UNWIND range(1, 2) + range(1, 1000000000) AS x RETURN x": "range",
    "RETURN reduce(s = 'x', i IN range(1, 40) | s + s)": "reduce",
    "RETURN all(a IN $list WHERE any(b IN $list WHERE a = b + 1))": "25,000,000 rounds",
    "RETURN [a IN $list | [b IN $list WHERE a < b | 1]]": "25,000,000 rounds",
    "WITH $map.of AS l RETURN single(a IN l WHERE none(b IN l WHERE a > b))": "25,000,000 rounds",
    "RETURN reduce(t = 0, a IN $list | t + reduce(u = 0, b IN $list | u + b))": "25,000,000 rounds",
    "RETURN [a IN [1, 2] | [b IN $list | [c IN [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11] | c]]]": "110,000 rounds",
    "WITH range(1, 1000) AS l RETURN [a IN l | [b IN l | 1]]": "rounds",
    f"RETURN {'[a IN [1] | ' * 30}1{']' * 30}": "deep",
    r"RETURN $url =~ '(a+)+\\1b'": "repeated as a whole",
    "RETURN $url =~ '(a|aa){1,90}b'": "repeated as a whole",
    "RETURN $url =~ ('(?:a?b)' + '*')": "repeated as a whole",
    "RETURN $url =~ '((a+)b)*'": "repeated as a whole",
    r"RETURN $url =~ '(a)\\1'": "refers back",
    r"RETURN $url =~ '(?<x>a)\\k<x>'": "refers back",
    r"RETURN $url =~ '(a)\1'": "refers back",
    "RETURN $url =~ '.*.*.*=.*'": "4 parts of any length",
    "RETURN $url =~ $endless": "4 parts of any length",
    "RETURN [x IN ['a'] WHERE x =~ '.*a{2,}.+b+'][0]": "4 parts of any length",
    "WITH '(a+)+b' AS p RETURN $url =~ p": "a text or a parameter",
    "RETURN $url =~ ['(a+)+b'][0]": "a text or a parameter",
    "RETURN $url =~ $map.pattern": "a text or a parameter",
    "RETURN $url =~ replace('x', 'x', '(a+)+b')": "a text or a parameter",
    "RETURN $url =~ ('a' + toString('(a+)+b'))": "a text or a parameter",
    "RETURN $url =~ ": "a text or a parameter",
}


LISTS = {"list": list(range(5000)), "map": {"of": list(range(5000))}, "few": [1, 2, 3]}


@pytest.mark.parametrize("query", REFUSED)
async def test_refused_by_name(caller: Caller, query: str) -> None:
    given = {"big": 10**9, "url": "file:///x", "endless": ".*a.*b.*c.*", **LISTS}
    answer = await caller.post(query, parameters=given)
    said = answer.json()
    assert (answer.status_code, said["title"]) == (400, QueryRefused.title), said
    assert REFUSED[query] in said["detail"]


async def test_nothing_was_written(caller: Caller) -> None:
    assert await caller.rows("MATCH (n:DoorHole) RETURN count(n)") == [[0]]
    assert await caller.rows("MATCH (n:DoorTest) RETURN count(n)") == [[3]]


INVALID = {
    "RETURN 1; RETURN 2": "one statement",
    "RETURN 1; CREATE (n)": "one statement",
    "RETRUN 1": "(line 1, column 1 (offset: 0))",
    "RETURN $missing": "missing",
    "RETURN 1 / 0": "zero",
    "RETURN date('yesterday')": "Date",
    "": "empty",
    "// only a comment": "empty",
    "RETURN 1 /* not closed": "close it with */",
    "/*": "close it with */",
    "RETURN 1 UNION RETURN 2": "",
    "USE nosuchdatabase RETURN 1": "",
}


@pytest.mark.parametrize("query", INVALID)
async def test_invalid_carries_what_neo4j_said(caller: Caller, query: str) -> None:
    answer = await caller.post(query)
    assert answer.status_code == 400
    assert INVALID[query] in answer.json()["detail"]
    assert "EXPLAIN" not in answer.json()["detail"] or "Query" in answer.json()["detail"]


ALLOWED = [
    "MATCH (n:DoorTest {brand_id: $brand}) RETURN n.n ORDER BY n.n SKIP 1 LIMIT 1;",
    "MATCH (a:DoorTest)-[:DOOR_EDGE*1..3]->(b) RETURN b",
    "MATCH p = shortestPath((a:DoorTest {n: 1})-[*..4]-(b:DoorTest {n: 2})) RETURN length(p)",
    "MATCH p = ANY SHORTEST (a:DoorTest {n: 1})-[:DOOR_EDGE]->+(b:DoorTest) RETURN p",
    "MATCH (a:DoorTest) WHERE EXISTS { (a)-->(:DoorTest) } RETURN count { (a)--() }, collect { MATCH (a)--(b) RETURN b.n }",
    "MATCH (a:DoorTest) OPTIONAL MATCH (a)-->(b) WITH a, collect(b) AS bs RETURN [b IN bs WHERE b.n > 1 | b.n]",
    "MATCH (a:DoorTest) RETURN a.brand_id AS brand, avg(a.n) AS mean, percentileCont(a.n, 0.5) AS median",
    "CALL { MATCH (a:DoorTest) RETURN a UNION ALL MATCH (a:DoorTest) RETURN a } RETURN DISTINCT a.n",
    "UNWIND range(0, 23) AS hour RETURN hour, datetime.truncate('hour', datetime()), duration.between(date(), date())",
    "WITH [3, 1, 2] AS l RETURN [i IN range(0, size(l) - 2) | l[i + 1] - l[i]], reduce(t = 0, x IN l | t + x)",
    "RETURN reduce(m = 0, x IN [1, 3, 2] | CASE WHEN x > m THEN x ELSE m END)",
    "RETURN point.distance(point({x: 1, y: 1}), point({x: 1, y: 2}))",
    "CALL db.labels() YIELD label RETURN label",
    "CALL db.relationshipTypes",
    "CALL db.schema.visualization()",
    "RETURN 'LOAD CSV' AS text, \"CALL dbms.queryJmx(1)\" AS other // LOAD CSV",
    "MATCH (call:DoorTest) RETURN call.n AS `load csv`",
    "RETURN [a IN range(1, 1000) | [b IN range(1, 50) | 1]][0][0]",
    "RETURN [a IN $few | [b IN $list WHERE a < b | 1]][0][0]",
    "RETURN size([a IN [b IN $list WHERE b > 1 | b + 1] WHERE a IN $few | a])",
    "MATCH (n:DoorTest) WHERE n.brand_id =~ '(?i).*door.*' RETURN [x IN ['a', 'b'] WHERE x =~ ('(a|c)' + $t) | x]",
    r"RETURN 'a@b.co' =~ '[a-z0-9._%+-]+@[a-z0-9.-]+\\.[a-z]{2,}' AND '5550123' =~ '\\+?\\d{7,15}' || '' AS both",
    r"RETURN 'x' =~ '(?:[*+]{2}\\Q(a+)+\\E)*' OR 'x' =~ $t + '[a+&&[^b]]*?'",
    "MATCH (n:DoorTest) WITH collect(n.n) AS l, $few AS few RETURN [a IN l | [b IN l WHERE b > a | b]]",
]


@pytest.mark.parametrize("query", ALLOWED)
async def test_reading_is_allowed(caller: Caller, query: str) -> None:
    given = {**LISTS, "t": ".*"}
    answer = await caller.post(query, parameters={name: value for name, value in given.items() if f"${name}" in query})
    assert answer.status_code == 200, answer.text


async def test_answer_has_the_contract_s_form(caller: Caller) -> None:
    answer = await caller.post("MATCH (n:DoorTest {brand_id: $brand}) RETURN count(n) AS people, $brand_id AS brand")
    data = answer.json()["data"]
    assert set(data) == {"columns", "rows", "truncated", "ms"}
    assert (data["columns"], data["rows"], data["truncated"]) == (["people", "brand"], [[2, BRAND]], False)
    assert 0 < data["ms"] < 30_000


@pytest.mark.parametrize("name", ["brand", "brand_id"])
async def test_brand_parameter_is_the_caller_s(caller: Caller, name: str) -> None:
    answer = await caller.post(f"RETURN ${name}", parameters={name: "someone-else"})
    assert answer.status_code == 400
    assert await caller.rows(f"RETURN ${name}", parameters={name: BRAND}) == [[BRAND]]


async def test_brand_header_is_required(caller: Caller) -> None:
    answer = await caller.http.post("/api/cypher", json={"query": "RETURN 1"})
    assert answer.status_code == 400


async def test_parameters_travel(caller: Caller) -> None:
    given = {"text": "ä'\"`$", "list": [1, [2.5, None]], "map": {"a": True}, "big": 2**63 - 1}
    rows = await caller.rows("RETURN $text, $list, $map, $big", parameters=given)
    assert rows == [list(given.values())]
    too_big = await caller.post("RETURN $n", parameters={"n": 2**63})
    assert too_big.status_code == 400


async def test_every_type_becomes_json(caller: Caller) -> None:
    (row,) = await caller.rows(
        "RETURN 9007199254740993, 0.0 / 0.0, date('2026-01-02'), time('03:04:05Z'), localtime('03:04:05'), "
        "datetime('2026-01-02T03:04:05.000000006+01:00'), localdatetime('2026-01-02T03:04:05'), duration('P1M2DT3S'), "
        "point({longitude: 1.5, latitude: 2}), {a: [null, true]}"
    )
    assert row == [
        9007199254740993,
        None,
        "2026-01-02",
        "03:04:05.000000000+00:00",
        "03:04:05.000000000",
        "2026-01-02T03:04:05.000000006+01:00",
        "2026-01-02T03:04:05.000000000",
        "P1M2DT3S",
        {"srid": 4326, "coordinates": [1.5, 2.0]},
        {"a": [None, True]},
    ]


@pytest.mark.parametrize("value", ["date('+12345-01-01')", "datetime('-0001-01-01T00:00:00Z')"])
async def test_a_time_beyond_the_calendar_is_no_failure_of_the_database(caller: Caller, value: str) -> None:
    answer = await caller.post(f"RETURN 1 AS n, {value} AS at")
    assert answer.status_code == STATUS[errors.Unprocessable]
    assert "toString" in answer.json()["detail"]
    assert len(await caller.rows(f"RETURN toString({value})")) == 1


async def test_graph_values_become_json(caller: Caller, driver: AsyncDriver) -> None:
    path = "MATCH p = (a:DoorTest)-[e:DOOR_EDGE]->(b) "
    await driver.execute_query("MATCH (b:DoorTest {n: 2}) SET b.bytes = $bytes", bytes=b"\x00\xff")
    ((node, edge, whole),) = await caller.rows(path + "RETURN b, e, p")
    assert node["labels"] == ["DoorTest"]
    assert node["properties"] == {"brand_id": BRAND, "n": 2, "bytes": "AP8="}
    assert (edge["type"], edge["end"], edge["properties"]) == ("DOOR_EDGE", node["id"], {"w": 2})
    assert [one["properties"]["n"] for one in whole["nodes"]] == [1, 2]
    assert whole["relationships"] == [edge]
    at = datetime.fromisoformat(whole["nodes"][0]["properties"]["at"][:19]).replace(tzinfo=UTC)
    assert at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(("body", "expected"), [({}, 1_000), ({"limit": 3}, 3), ({"limit": 100_000}, 100_000)])
async def test_rows_are_limited(caller: Caller, body: dict[str, int], expected: int) -> None:
    data = (await caller.post("UNWIND range(1, 1000000000) AS x RETURN x", **body)).json()["data"]
    assert (len(data["rows"]), data["rows"][-1], data["truncated"]) == (expected, [expected], True)
    assert not (await caller.post("UNWIND range(1, 3) AS x RETURN x", limit=3)).json()["data"]["truncated"]


@pytest.mark.parametrize("limit", [0, 100_001, "many"])
async def test_limit_has_bounds(caller: Caller, limit: object) -> None:
    assert (await caller.post("RETURN 1", limit=limit)).status_code == 422


def too_expensive(answer: Answer, limit: str) -> None:
    said = answer.json()
    assert (answer.status_code, said.get("limit")) == (STATUS[errors.QueryTooExpensive], limit), said


async def test_answer_is_limited_in_size(caller: Caller) -> None:
    before = caller.door.reader_pids
    query = "WITH range(1, 10000) AS list UNWIND range(1, 10000) AS x RETURN list"
    too_expensive(await caller.post(query, limit=100_000), "size")
    assert await caller.rows("RETURN 1") == [[1]]
    assert caller.door.reader_pids == before
    almost = await caller.post("WITH range(1, 10000) AS list UNWIND range(1, 300) AS x RETURN list")
    assert 14_000_000 < len(almost.content) < 16 * 1024 * 1024


WIDE = f"RETURN [{', '.join(['$text'] * 256)}] AS texts"
"""One value of 256 texts of 256 kB: little to Neo4j until it sends it, but too much for a narrow reader."""


async def test_reader_out_of_memory_is_replaced(narrow: Caller) -> None:
    await narrow.rows("RETURN 1")
    before = set(narrow.door.reader_pids)
    ours = psutil.Process().memory_info().rss
    answer = await narrow.post(WIDE, parameters={"text": "x" * 256_000})
    too_expensive(answer, "memory")
    assert not before & set(narrow.door.reader_pids)
    assert psutil.Process().memory_info().rss - ours < 100 * 1024 * 1024
    assert await narrow.rows("RETURN 1") == [[1]]


async def test_neo4j_s_own_memory_limit(caller: Caller) -> None:
    too_expensive(await caller.post("UNWIND range(1, 100000000) AS x RETURN collect(x)"), "memory")
    assert await caller.rows("RETURN 1") == [[1]]


EXPLOSIONS = [
    "UNWIND range(1, 1000000) AS a UNWIND range(1, 1000000) AS b RETURN count(*)",
    "UNWIND range(1, 1000000000000) AS x WITH x WHERE x < 0 RETURN x",
]


def test_limits_are_the_promised_ones() -> None:
    promised = Limits()
    assert promised.wait_s + promised.seconds + promised.grace_s < 10.5
    assert (promised.seconds, promised.most_bytes, promised.memory_bytes) == (5.0, 16 * 1024**2, 512 * 1024**2)
    assert (DEFAULT_ROWS, MOST_ROWS) == (1_000, 100_000)


@pytest.mark.parametrize("query", EXPLOSIONS)
async def test_deadline(hasty: Caller, driver: AsyncDriver, query: str) -> None:
    too_expensive(await hasty.post(query), "time")
    assert await hasty.rows("RETURN 1") == [[1]]
    for _ in range(60):
        found = await driver.execute_query(
            "SHOW TRANSACTIONS YIELD currentQuery WHERE currentQuery = $query RETURN currentQuery", query=query
        )
        if not found.records:
            return
        await asyncio.sleep(0.1)
    pytest.fail("Neo4j still runs the query")


async def test_killed_reader_is_replaced(hasty: Caller) -> None:
    await hasty.rows("RETURN 1")
    (pid,) = hasty.door.reader_pids
    os.kill(pid, signal.SIGKILL)
    await asyncio.sleep(0.2)
    assert await hasty.rows("RETURN 1") == [[1]]
    assert hasty.door.reader_pids != [pid]


async def test_more_callers_than_readers(caller: Caller) -> None:
    answers = await asyncio.gather(*(caller.rows("RETURN $n", parameters={"n": n}) for n in range(12)))
    assert answers == [[[n]] for n in range(12)]
    assert len(caller.door.reader_pids) == 2


async def test_readers_end_with_the_door(neo4j_address: Neo4jAddress) -> None:
    door = CypherDoor(neo4j_address.uri, neo4j_address.username, neo4j_address.password)
    assert door.reader_pids == []
    await door.read(BRAND, "RETURN 1", {})
    (pid,) = door.reader_pids
    await door.close()
    assert not psutil.pid_exists(pid)
    with pytest.raises(errors.Unavailable):
        await door.read(BRAND, "RETURN 1", {})


async def test_a_reader_that_does_not_start_in_time_is_given_up(neo4j_address: Neo4jAddress) -> None:
    login = (neo4j_address.uri, neo4j_address.username, neo4j_address.password)
    door = CypherDoor(*login, limits=Limits(wait_s=0.02))
    with pytest.raises(errors.Unavailable, match="did not start"):
        await door.read(BRAND, "RETURN 1", {})
    assert door.reader_pids == []
    await door.close()


ORPHANED = """
import asyncio, os, signal, sys
from app.graph.cypher_door import CypherDoor

async def main():
    door = CypherDoor(*sys.argv[1:])
    await door.read("brand", "RETURN 1", {})
    print(*door.reader_pids, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


async def test_readers_end_with_a_killed_service(neo4j_address: Neo4jAddress) -> None:
    login = (neo4j_address.uri, neo4j_address.username, neo4j_address.password)
    service = await asyncio.create_subprocess_exec(sys.executable, "-c", ORPHANED, *login, stdout=asyncio.subprocess.PIPE)
    assert service.stdout is not None
    pid = int(await service.stdout.readline())
    await service.wait()
    for _ in range(50):
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return
        await asyncio.sleep(0.1)
    pytest.fail("the reader outlived the service")


async def test_neo4j_away_is_unavailable() -> None:
    door = CypherDoor("bolt://127.0.0.1:9", "neo4j", "nobody")
    with pytest.raises(errors.Unavailable) as caught:
        await door.read(BRAND, "RETURN 1", {})
    assert status_of(caught.value) == 503
    await door.close()


@pytest.mark.parametrize("query", ["RETURN 'it''s \\' LOAD CSV'", "RETURN n.range, n.`reduce`", "MATCH (reduce) RETURN reduce"])
def test_words_inside_other_things_are_no_matter(query: str) -> None:
    check_words(query, {})
