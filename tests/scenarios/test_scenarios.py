"""`constintel scenario` against a real service process; as a person types it, and in brands of its own making, it is played
against compose's app (tests/deploy)."""

from pathlib import Path

from app.graph.driver import Graph
from app.graph.embedded import Neo4jAddress
from tests.conftest import new_brand
from tests.processes import constintel, environment, free_port, service


def scenario(log: Path, *arguments: str) -> tuple[int, str]:
    """Its exit code, and what it said."""
    process = constintel(log, environment(None), "scenario", *arguments)
    return process.wait(120), process.said()


def test_every_scenario_ends_as_the_specification_says(graph: Graph, neo4j_address: Neo4jAddress, tmp_path: Path) -> None:
    with service(neo4j_address, tmp_path / "log") as url:
        brand = new_brand()
        (first, table), (again, other) = (scenario(tmp_path / n, "all", "--url", url, "--brand", brand) for n in ("1", "2"))
    assert first == 0, table
    for figure in ("215.49", "450.00", "445.00", "475.00", "loyal_customer", "champion", "at_risk", "SAVE20"):
        assert figure in table
    assert again == 0, other


def test_a_difference_is_told_and_exits_1(graph: Graph, neo4j_address: Neo4jAddress, tmp_path: Path) -> None:
    """With a cap of 10 the five profiles merge by themselves, which is not what the specification says."""
    with service(neo4j_address, tmp_path / "log", CONSTINTEL_MAX_AUTO_MERGE_PROFILES="10") as url:
        as_it_says, other = (scenario(tmp_path / name, name, "--url", url) for name in ("omnichannel", "manual-merge"))
    assert (as_it_says[0], "\n  NO " in as_it_says[1]) == (0, False)
    assert other[0] == 1
    assert "NO a review is opened" in other[1]


def test_no_service_is_a_message_not_a_traceback(tmp_path: Path) -> None:
    code, said = scenario(tmp_path / "log", "omnichannel", "--url", f"http://127.0.0.1:{free_port()}")
    assert code == 1
    assert "no service answers" in said
    assert "Traceback" not in said
