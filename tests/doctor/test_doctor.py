"""`constintel doctor`: each fault is really caused, and is named with its remedy; nothing is a traceback."""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from app.doctor import machine
from app.doctor.commands import doctor_command
from app.doctor.database import database, judge_apart, judge_migrations, judge_version
from app.doctor.examination import _safely
from app.doctor.finding import Level
from app.graph.driver import Graph
from app.graph.embedded import Neo4jAddress
from app.graph.embedded.config import Layout
from app.graph.embedded.engine import read_lock
from app.graph.embedded.process import ServerProcess, free_port
from app.graph.migration_files import migrations

COMMAND = str(Path(sys.executable).with_name("constintel"))


def environment(**settings: str) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith(("NEO4J_", "CONSTINTEL_"))}
    if engine := os.environ.get("CONSTINTEL_ENGINE_DIR"):
        own["CONSTINTEL_ENGINE_DIR"] = engine
    return {**own, "CONSTINTEL_PORT": str(free_port()), **settings}


def ask(home: Path, **settings: str) -> tuple[int, dict[str, dict[str, str]]]:
    """The exit code, and what was found by the check's name."""
    cleared: dict[str, str | None] = {name: None for name in os.environ if name.startswith(("NEO4J_", "CONSTINTEL_"))}
    run = CliRunner().invoke(doctor_command, ["--json", "--home", str(home)], env={**cleared, **environment(**settings)})
    assert run.exception is None or isinstance(run.exception, SystemExit), run.exception
    return run.exit_code, {one["check"]: one for one in json.loads(run.stdout)}


def failing(found: dict[str, dict[str, str]]) -> set[str]:
    for one in found.values():
        assert bool(one["mend"]) is (one["level"] != "ok"), one
    return {name for name, one in found.items() if one["level"] == "fail"}


def test_a_machine_on_which_nothing_runs_is_well(tmp_path: Path) -> None:
    code, found = ask(tmp_path / "home")
    assert (code, failing(found)) == (0, set())
    assert {"python", "settings", "clock", "home", "disk", "files", "memory", "engine", "java", "bolt", "port", "neo4j"} == set(
        found
    )
    assert "not running" in found["neo4j"]["says"]
    assert "version" in found["java"]["says"]  # whatever Java says of its environment first
    assert not (tmp_path / "home").exists()  # it looks, and makes nothing


@pytest.mark.parametrize(
    ("settings", "check"),
    [
        ({"CONSTINTEL_DEFAULT_CURRENCY": "dollar"}, "settings"),
        ({"NEO4J_URI": "bolt://127.0.0.1:1", "NEO4J_PASSWORD": "x"}, "neo4j"),
    ],
)
def test_lines_for_people(tmp_path: Path, settings: dict[str, str], check: str) -> None:
    command = [COMMAND, "doctor", "--home", str(tmp_path)]
    run = subprocess.run(command, env=environment(**settings), capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 1
    lines = run.stdout.splitlines()
    assert lines[0].startswith("ok    python")
    (failed,) = [line for line in lines if not line.startswith("ok")]
    assert failed.startswith(f"fail  {check}")
    assert "  -> " in failed
    assert run.stderr == ""  # neither a traceback nor what a library tells


def test_settings_that_cannot_be_used(tmp_path: Path) -> None:
    for settings in ({"CONSTINTEL_PORT": "0"}, {"NEO4J_URI": "bolt://localhost:7687"}, {"CONSTINTEL_NEO4J_HEAP": "much"}):
        code, found = ask(tmp_path, **settings)
        assert (code, failing(found)) == (1, {"settings"})


def test_a_misspelt_setting_is_told(tmp_path: Path) -> None:
    code, found = ask(tmp_path, CONSTINTEL_PROT="3001")
    assert (code, found["settings"]["level"]) == (0, "warn")
    assert found["settings"]["says"] == "CONSTINTEL_PROT is no setting, so it changes nothing; is CONSTINTEL_PORT meant?"


def test_a_neo4j_on_its_way_to_a_port_that_another_has_is_asked_nothing(tmp_path: Path, taken_port: int) -> None:
    """Our password would be a wrong one there."""
    layout = Layout(tmp_path / "neo4j")
    layout.make()
    process = ServerProcess.spawn(["/bin/sleep", "60"], taken_port, tmp_path, tmp_path / "console")
    try:
        process.record().save(layout.record)
        code, found = ask(tmp_path)
    finally:
        process.end(0)
    assert (code, failing(found)) == (1, {"neo4j"})
    assert f"does not listen on port {taken_port}" in found["neo4j"]["says"]


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        yield stranger.getsockname()[1]


def test_ports_taken_by_strangers(tmp_path: Path, taken_port: int) -> None:
    code, found = ask(tmp_path, CONSTINTEL_PORT=str(taken_port), CONSTINTEL_NEO4J_BOLT_PORT=str(taken_port))
    assert (code, failing(found)) == (1, {"port", "bolt"})


def test_a_port_taken_by_the_service_itself_is_well() -> None:
    class Healthy(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"status":"ok"}')

        def log_message(self, *_: Any) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Healthy) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        found = machine.http_port("127.0.0.1", server.server_port)
        server.shutdown()
    assert (found.level, "answers" in found.says) == (Level.OK, True)


def test_a_neo4j_that_refuses_is_away_or_hangs(neo4j_address: Neo4jAddress, taken_port: int, tmp_path: Path) -> None:
    wrong = {"NEO4J_URI": neo4j_address.uri, "NEO4J_PASSWORD": "wrong-password"}
    nobody = {"NEO4J_URI": f"bolt://127.0.0.1:{free_port()}", "NEO4J_PASSWORD": "x"}
    silent = {"NEO4J_URI": f"bolt://127.0.0.1:{taken_port}", "NEO4J_PASSWORD": "x"}
    for settings in (wrong, nobody, silent):
        code, found = ask(tmp_path, **settings)
        assert (code, failing(found)) == (1, {"neo4j"})
        assert "wrong-password" not in str(found)
    right = {"NEO4J_URI": neo4j_address.uri, "NEO4J_PASSWORD": neo4j_address.password}
    assert ask(tmp_path, **right, NEO4J_DATABASE="nosuch")[0] == 1


async def test_a_neo4j_that_is_well(graph: Graph, neo4j_address: Neo4jAddress) -> None:
    found = await database(neo4j_address, None)
    assert [one.check for one in found] == ["neo4j", "migrations", "clocks"]
    assert {one.level for one in found[:2]} == {Level.OK}


async def test_a_graph_that_a_newer_program_migrated(
    graph: Graph, neo4j_address: Neo4jAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is written for it: services of other tests start over the same graph, and would refuse it."""
    *older, newest = migrations()
    monkeypatch.setattr("app.doctor.database.migrations", lambda: tuple(older))
    (wrong,) = [one for one in await database(neo4j_address, None) if one.level is Level.FAIL]
    assert (wrong.check, f"at {newest.version}," in wrong.says) == ("migrations", True)


def test_migrations_edited_or_missing() -> None:
    known = migrations()
    rows = [{"version": one.version, "checksum": one.checksum} for one in known]
    assert judge_migrations(rows, known).level is Level.OK
    assert judge_migrations(rows[:-1], known).level is Level.WARN
    assert "edited" in judge_migrations([{**rows[0], "checksum": "other"}, *rows[1:]], known).says


def test_open_files() -> None:
    assert [machine.open_files(most).level for most in (256, 1_024, 65_536, -1)] == [Level.FAIL, Level.WARN, Level.OK, Level.OK]


def test_versions_and_clocks() -> None:
    levels = [judge_version(version, "community").level for version in ("5.26.30", "5.1.0", "4.4.40", "2025.10.1")]
    assert levels == [Level.OK, Level.OK, Level.FAIL, Level.FAIL]
    assert [judge_apart(apart).level for apart in (0.1, 10, 3_600)] == [Level.OK, Level.WARN, Level.FAIL]
    assert machine.judge_clock(0.0, 0.0).level is Level.FAIL
    assert machine.judge_clock(2e9, 5.0).level is Level.WARN
    assert machine.clock(0.01).level is Level.OK


def test_engine_files_missing_or_changed(engine_dir: Path, tmp_path: Path) -> None:
    lock = read_lock()
    copy = lock.folder(tmp_path)
    copy.mkdir(parents=True)
    for jar in lock.folder(engine_dir).iterdir():
        (copy / jar.name).symlink_to(jar)
    victim = copy / lock.jars[7].filename
    victim.unlink()
    code, found = ask(tmp_path / "home", CONSTINTEL_ENGINE_DIR=str(tmp_path))
    assert (code, failing(found)) == (1, {"engine"})
    assert victim.name in found["engine"]["says"]
    victim.write_bytes(b"something else")
    assert victim.name in machine.engine(tmp_path).says


def test_java_that_is_missing_or_broken(tmp_path: Path) -> None:
    broken = tmp_path / "java"
    broken.write_text("#!/bin/sh\necho no such library >&2\nexit 3\n")
    broken.chmod(0o755)
    for executable in (tmp_path / "nowhere", broken, tmp_path):
        assert machine.java(executable).level is Level.FAIL
    assert "no such library" in machine.java(broken).says


def test_disk_and_memory_that_are_too_small(tmp_path: Path) -> None:
    levels = [
        machine.disk(tmp_path / "a" / "b", least, enough).level for least, enough in ((10**18, 10**18), (0, 10**18), (0, 0))
    ]
    assert levels == [Level.FAIL, Level.WARN, Level.OK]
    gigabyte = 1024**3
    assert [machine.memory("1g", "512m", total * gigabyte // 10).level for total in (19, 21, 40)] == [
        Level.FAIL,
        Level.WARN,
        Level.OK,
    ]
    code, found = ask(tmp_path, CONSTINTEL_NEO4J_HEAP="9000g")
    assert (code, failing(found)) == (1, {"memory"})


def test_homes_that_cannot_be_used(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    assert machine.home(file).level is Level.FAIL
    assert machine.home(file / "below").level is Level.FAIL
    assert machine.home(Path("/proc/constintel")).level is Level.FAIL
    layout = Layout(tmp_path / "neo4j")
    layout.make()
    layout.password_file.write_text("secret")
    layout.password_file.chmod(0o644)
    found = machine.home(tmp_path)
    assert (found.level, "chmod" in found.mend) == (Level.FAIL, True)
    layout.password_file.chmod(0o600)
    (tmp_path / "secrets.key").touch(0o644)
    found = machine.home(tmp_path)
    assert (found.level, found.mend) == (Level.FAIL, f"chmod go-rwx {tmp_path / 'secrets.key'}")
    (tmp_path / "secrets.key").unlink()
    assert machine.home(tmp_path).level is Level.OK


def test_a_check_that_breaks_is_a_finding() -> None:
    def broken() -> Any:
        raise ZeroDivisionError("oh")

    (found,) = _safely("odd", broken)
    assert (found.check, found.level, "oh" in found.says) == ("odd", Level.FAIL, True)
