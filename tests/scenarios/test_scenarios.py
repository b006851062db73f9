"""`constintel scenario all`, as a person types it, against a real service process."""

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
        fresh = scenario("all", "--url", url)
        brand = new_brand()
        shared = [scenario("all", "--url", url, "--brand", brand) for _ in range(2)]
    assert fresh.returncode == 0, fresh.stdout + fresh.stderr
    for figure in ("215.49", "450.00", "445.00", "475.00", "loyal_customer", "champion", "at_risk", "SAVE20"):
        assert figure in fresh.stdout
    assert [run.returncode for run in shared] == [0, 0], shared[1].stdout


def test_a_difference_is_told_and_exits_1(graph: Graph, neo4j_address: Neo4jAddress, tmp_path: Path) -> None:
    """With a cap of 10 the five profiles merge by themselves, which is not what the specification says."""
    with service(neo4j_address, tmp_path / "log", CONSTINTEL_MAX_AUTO_MERGE_PROFILES="10") as url:
        run = scenario("all", "--url", url)
    assert run.returncode == 1
    differ = {table.splitlines()[0].partition("  (brand ")[2]: "\n  NO " in table for table in run.stdout.strip().split("\n\n")}
    assert {brand.rpartition("-")[0]: wrong for brand, wrong in differ.items() if brand} == {
        "omnichannel": False, "high-value": False, "churn-risk": False, "manual-merge": True,
    }  # fmt: skip
    assert "NO a review is opened" in run.stdout


def test_no_service_is_a_message_not_a_traceback() -> None:
    run = scenario("omnichannel", "--url", f"http://127.0.0.1:{free_port()}")
    assert run.returncode == 1
    assert "no service answers" in run.stderr
    assert "Traceback" not in run.stderr
