"""The app as compose runs it - its command, its environment - against a Neo4j that somebody else started."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from app.graph.embedded import Neo4jAddress
from tests.deploy.compose import exec_form, last, services
from tests.processes import CONSTINTEL, environment, free_port, wait_until_ready

# A service and four scenarios, one after the other: a minute, and several on a busy machine.
pytestmark = pytest.mark.timeout(900)


def composed(address: Neo4jAddress, port: int, data: Path) -> dict[str, str]:
    """Compose's environment of the app, with only the places changed: where Neo4j is, which port is free, where the volume is."""
    app = {name: value.replace("/data/", f"{data}/") for name, value in services()["app"]["environment"].items()}
    uri = urlsplit(app["NEO4J_URI"])
    moved = uri._replace(netloc=urlsplit(address.uri).netloc).geturl()
    return app | {"NEO4J_URI": moved, "NEO4J_PASSWORD": address.password, "CONSTINTEL_PORT": str(port)}


def test_it_serves_the_scenarios_is_healthy_and_stops(neo4j_address: Neo4jAddress, tmp_path: Path) -> None:
    """Compose's other service is here the Neo4j of all tests, which somebody else started."""
    port, log, data = free_port(), tmp_path / "log", tmp_path / "data"
    own = {name: value for name, value in environment(None).items() if name != "CONSTINTEL_ENGINE_DIR"}
    given = own | composed(neo4j_address, port, data)
    program, *arguments = services()["app"]["command"]
    assert program == Path(CONSTINTEL).name
    with log.open("wb") as out:
        process = subprocess.Popen([CONSTINTEL, *arguments], env=given, stdout=out, stderr=out)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until_ready(url, process, log)
        health = subprocess.run(healthcheck(), env=given, capture_output=True, text=True, timeout=60, check=False)
        scenario = subprocess.run(
            [CONSTINTEL, "scenario", "all", "--url", url], env=own, capture_output=True, text=True, timeout=600, check=False
        )
    finally:
        process.send_signal(signal.SIGTERM)
        code = process.wait(timeout=60)
    assert health.returncode == 0, health.stderr
    assert scenario.returncode == 0, scenario.stdout + scenario.stderr
    assert code == 0, log.read_text()
    assert not data.exists(), "with an outside Neo4j nothing needs the volume; a store of our own would be a mistake"


def test_the_healthcheck_says_no_when_nothing_answers() -> None:
    given = dict(os.environ) | {"CONSTINTEL_PORT": str(free_port())}
    assert subprocess.run(healthcheck(), env=given, capture_output=True, timeout=60, check=False).returncode != 0


def healthcheck() -> list[str]:
    """The Dockerfile's, run by the tests' own Python."""
    program, *arguments = exec_form(last("HEALTHCHECK").partition("CMD ")[2])
    assert program == "python"
    return [sys.executable, *arguments]
