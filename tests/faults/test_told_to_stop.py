"""SIGTERM and Ctrl-C before the service has come up: it ends in order, and no Neo4j stays behind."""

import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from app.graph.embedded import EmbeddedNeo4j, Neo4jAddress, StartError
from tests.processes import CONSTINTEL, Service, environment, free_port

SMALL = {"CONSTINTEL_NEO4J_HEAP": "512m", "CONSTINTEL_NEO4J_PAGECACHE": "64m", "PYTHONUNBUFFERED": "1"}


@pytest.fixture
def home(tmp_path: Path, engine_dir: Path) -> Iterator[Path]:
    yield tmp_path
    for process in serving(tmp_path):
        process.kill()


def serving(home: Path) -> list[psutil.Process]:
    """The Neo4j processes of a home, whatever its files say."""
    wanted = f"--home-dir={home / 'neo4j'}"
    return [process for process in psutil.process_iter(["cmdline"]) if wanted in (process.info["cmdline"] or ())]


@pytest.mark.parametrize(
    ("command", "number", "code"),
    [(["serve", "--port", str(free_port())], signal.SIGINT, 0), (["migrate"], signal.SIGTERM, 1)],
    ids=["serve", "migrate"],
)
def test_while_neo4j_starts(home: Path, engine_dir: Path, command: list[str], number: signal.Signals, code: int) -> None:
    settings = environment(None, CONSTINTEL_HOME=str(home), CONSTINTEL_ENGINE_DIR=str(engine_dir), **SMALL)
    with (home / "log").open("wb") as log:
        process = subprocess.Popen([CONSTINTEL, *command], env=settings, stdout=log, stderr=log)
    until = time.monotonic() + 60
    while not serving(home):
        assert time.monotonic() < until
        assert process.poll() is None, (home / "log").read_text()
        time.sleep(0.05)
    process.send_signal(number)
    assert process.wait(60) == code
    assert serving(home) == []
    said = (home / "log").read_text()
    assert "stopped before" in said
    assert "Traceback" not in said


def test_a_start_that_comes_after_the_stop_starts_nothing(home: Path, engine_dir: Path) -> None:
    """Each runs in a thread of its own, so the stop may overtake the start."""
    embedded = EmbeddedNeo4j(home, engine_dir)
    embedded.stop()
    with pytest.raises(StartError, match="told to stop"):
        embedded.start()
    assert serving(home) == []


def test_a_second_ctrl_c_while_it_serves(neo4j_address: Neo4jAddress, tmp_path: Path) -> None:
    """The impatient hear nothing worse than the patient."""
    service = Service(tmp_path / "log", environment(neo4j_address))
    service.start()
    service.wait_ready()
    service.process.send_signal(signal.SIGINT)
    time.sleep(0.02)
    service.process.send_signal(signal.SIGINT)
    assert service.process.wait(30) == 0
    assert "Application shutdown complete" in service.said()
    assert "Traceback" not in service.said()
