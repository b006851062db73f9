"""SIGTERM and Ctrl-C before the service has come up: it ends in order, and no Neo4j stays behind."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psutil
import pytest

from app import running
from app.graph.embedded import EmbeddedNeo4j, Neo4jAddress, StartError
from app.graph.migration_files import migrations
from app.graph.migrations import until_newer
from tests.processes import CONSTINTEL, Process, Service, command, environment, free_port, wait_until_ready

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


def of_yesterday(given: dict[str, str], folder: Path, port: int) -> None:
    """A service that knows the migrations of a folder alone, once it has started."""
    running.until_newer = partial(until_newer, folder=folder, every_s=0.2)  # type: ignore[attr-defined]
    command(given, ["serve", "--port", str(port)])


def test_a_newer_program_that_migrated_the_graph(neo4j_address: Neo4jAddress, tmp_path: Path) -> None:
    """As SIGTERM does, but that it failed: whoever starts it again with the same program is told the same."""
    given = environment(neo4j_address)
    process = Process(tmp_path / "log", of_yesterday, given, tmp_path, free_port())
    assert process.wait(60) == 1
    said = process.said()
    assert "Application shutdown complete" in said
    assert f"Error: the graph is at migration {len(migrations())}, this program knows 0; start the newer program" in said
    assert "Traceback" not in said


def test_a_terminal_that_is_closed(neo4j_address: Neo4jAddress, tmp_path: Path) -> None:
    """That nobody hears it ended its start, and the hang-up ended it where it stood, its Neo4j left behind."""
    port = free_port()
    heard, said = os.pipe()
    os.close(heard)
    settings = environment(neo4j_address, CONSTINTEL_LOG_FORMAT="text")
    command = ["env", "--default-signal=HUP", CONSTINTEL, "serve", "--port", str(port)]  # whoever runs the tests by `nohup`
    process = subprocess.Popen(command, env=settings, stdout=said, stderr=said)
    os.close(said)
    try:
        wait_until_ready(f"http://127.0.0.1:{port}", process, tmp_path / "log")
        process.send_signal(signal.SIGHUP)
        assert process.wait(30) in {0, 120}  # 120: Python's word for last words that it could not write
    finally:
        process.kill()
        process.wait()
