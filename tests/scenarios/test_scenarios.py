"""`constintel scenario`, as a person types it, against a real service process; in brands of its own making it is played against
compose's app (tests/deploy)."""

import subprocess
from pathlib import Path

from app.graph.driver import Graph
from app.graph.embedded import Neo4jAddress
from tests.conftest import new_brand
from tests.processes import CONSTINTEL, environment, free_port, service


def scenario(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [CONSTINTEL, "scenario", *arguments], capture_output=True, text=True, timeout=120, env=environment(None), check=False
    )


def test_every_scenario_ends_as_the_specification_says(graph: Graph, neo4j_address: Neo4jAddress, tmp_path: Path) -> None:
    with service(neo4j_address, tmp_path / "log") as url:
        brand = new_brand()
        first, again = (scenario("all", "--url", url, "--brand", brand) for _ in range(2))
    assert first.returncode == 0, first.stdout + first.stderr
    for figure in ("215.49", "450.00", "445.00", "475.00", "loyal_customer", "champion", "at_risk", "SAVE20"):
        assert figure in first.stdout
    assert again.returncode == 0, again.stdout + again.stderr


def test_a_difference_is_told_and_exits_1(graph: Graph, neo4j_address: Neo4jAddress, tmp_path: Path) -> None:
    """With a cap of 10 the five profiles merge by themselves, which is not what the specification says."""
    with service(neo4j_address, tmp_path / "log", CONSTINTEL_MAX_AUTO_MERGE_PROFILES="10") as url:
        as_it_says, other = (scenario(name, "--url", url) for name in ("omnichannel", "manual-merge"))
    assert (as_it_says.returncode, "\n  NO " in as_it_says.stdout) == (0, False)
    assert other.returncode == 1
    assert "NO a review is opened" in other.stdout


def test_no_service_is_a_message_not_a_traceback() -> None:
    run = scenario("omnichannel", "--url", f"http://127.0.0.1:{free_port()}")
    assert run.returncode == 1
    assert "no service answers" in run.stderr
    assert "Traceback" not in run.stderr
