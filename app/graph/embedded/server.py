"""The embedded default: a real Neo4j Community server as a child process, owned by one service at a time.

    embedded = EmbeddedNeo4j(home, engine_dir)
    address = embedded.start()      # blocks until a login works, about 5 s; in asyncio: await asyncio.to_thread(...)
    ...
    embedded.stop()

Killed without a chance to stop, the service leaves its Neo4j running; the next `start()` on the same home adopts it.
If it is Neo4j that dies, or that begins no transaction any more, a thread starts it again on the same port.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import psutil
from neo4j.exceptions import AuthError

from app.graph.embedded.config import REPLAN, Layout, ensure_password
from app.graph.embedded.errors import EmbeddedNeo4jError, StartError
from app.graph.embedded.finding import Neo4jStatus, find_server
from app.graph.embedded.launching import Engine, choose_port, ensure_room, log_ends
from app.graph.embedded.login import Neo4jAddress, can_log_in, must_be_restarted
from app.graph.embedded.ownership import Ownership
from app.graph.embedded.process import ServerProcess, free_port, port_is_free
from app.graph.embedded.watching import watch
from app.locked_file import holder

log = logging.getLogger(__name__)

START_PATIENCE_S = 180.0
ADOPTION_PATIENCE_S = 60.0
STOP_PATIENCE_S = 60.0
LOGIN_INTERVAL_S = 0.1
BROKEN_STOP_S = 5.0
STOPPED_EARLY = "the embedded Neo4j was told to stop before it had come up"


class EmbeddedNeo4j:
    """One store and the Neo4j that serves it. Every method may be called from any thread."""

    def __init__(
        self,
        home: Path,
        engine_dir: Path,
        *,
        heap: str = "1g",
        pagecache: str = "512m",
        replan: str = REPLAN,
        port: int | None = None,
        holds: str = "",
        java_options: Sequence[str] | None = None,
        stop_patience_s: float = STOP_PATIENCE_S,
        report: Callable[[str], None] = log.info,
    ) -> None:
        """`port` None takes 7687 when free, else any free one; `report` is told what a person waiting wants to know.

        A fresh home begins with the ready store of the migrations whose digest `holds` is, if there is one, else empty.
        `java_options` come in place of those that use the ahead-of-time cache.
        """
        self.layout = Layout.of(home)
        self._engine = Engine(engine_dir.absolute(), heap, pagecache, replan, holds, java_options)
        self._fixed_port = port
        self._stop_patience_s = stop_patience_s
        self._report = report
        self._ownership = Ownership(self.layout.owner_lock)
        self._mutex = threading.Lock()
        self._stopping = threading.Event()
        self._process: ServerProcess | None = None
        self._watcher: threading.Thread | None = None
        self._adopted_detached = False

    def start(self, *, supervise: bool = True) -> Neo4jAddress:
        """Adopt this home's running Neo4j or start one, and return where it answers once a login works.

        Raises HomeInUseError, PortTakenError, EngineError or StartError, all of them EmbeddedNeo4jError; nothing is
        left running then. A `stop` from another thread ends it early, or forbids it when it has not begun: after `stop` or
        `detach` nothing starts here any more, so that no late start leaves a Neo4j behind.
        """
        with self._mutex, self._files_named():
            self._give_up_when_stopping()
            self.layout.make()
            self._ownership.acquire()
            try:
                if not self._adopt():
                    self._launch()
            except BaseException:
                self._end()
                raise
            if supervise:
                self._watcher = threading.Thread(target=self._watch, name="neo4j-supervisor", daemon=True)
                self._watcher.start()
            return self.address

    def stop(self) -> None:
        """End Neo4j cleanly (SIGTERM, `stop_patience_s`, SIGKILL) and give the store up. Harmless when not started.

        A Neo4j that `constintel neo4j start` left running for others is left running.
        """
        self._stopping.set()
        with self._mutex:
            self._join_watcher()
            if self._adopted_detached:
                self._forget()
            else:
                self._end()

    def detach(self) -> None:
        """Give the store up but leave Neo4j running, unwatched, for whoever comes next."""
        self._stopping.set()
        with self._mutex:
            self._join_watcher()
            if self._process is not None:
                self._process.record(detached=True).save(self.layout.record)
                self._process.disown()
            self._forget()

    def stop_detached(self) -> bool:
        """End a Neo4j that no service owns; False when none runs. Raises HomeInUseError when a service owns it."""
        with self._mutex, self._files_named():
            if not self.layout.root.is_dir():
                return False
            self._ownership.acquire()
            found = find_server(self.layout)
            self._process = found and found[1]
            self._end()
            return found is not None

    def status(self) -> Neo4jStatus:
        """What runs in this home, whoever started it."""
        found = find_server(self.layout)
        owner = holder(self.layout.owner_lock)
        if found is None:
            return Neo4jStatus(running=False, owner_pid=owner)
        record, process = found
        return Neo4jStatus(
            running=True,
            listening=process.listening(),
            pid=process.pid,
            port=process.port,
            uptime_s=process.uptime_s,
            detached=record.detached,
            owner_pid=owner,
        )

    @property
    def address(self) -> Neo4jAddress:
        """Where this home's Neo4j answers. Raises EmbeddedNeo4jError when none runs."""
        process = self._process
        if process is None and (found := find_server(self.layout)):
            process = found[1]
        if process is None:
            raise EmbeddedNeo4jError(f"no Neo4j runs in {self.layout.root}; start it with `constintel neo4j start`")
        return Neo4jAddress.local(process.port, ensure_password(self.layout))

    def __enter__(self) -> Neo4jAddress:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    # -- starting ------------------------------------------------------------------------------------------------

    def _adopt(self) -> bool:
        """Take over a Neo4j that an earlier owner left running; wait for it to go when it is on its way out."""
        found = find_server(self.layout)
        if found is None:
            return False
        record, process = found
        self._report(f"Neo4j of an earlier run (process {process.pid}) is still there; taking it over")
        wanted_port = self._fixed_port in (None, process.port)
        if wanted_port and self._ready(process, ADOPTION_PATIENCE_S):
            self._process, self._adopted_detached = process, record.detached
            record.save(self.layout.record)
            return True
        if self._stopping.is_set() and not record.detached:
            self._process = process  # an orphan that would have been ours ends with us
        self._give_up_when_stopping()
        self._report(f"Neo4j of an earlier run (process {process.pid}) is not usable; waiting for its end")
        try:
            process.end(STOP_PATIENCE_S)
        except psutil.AccessDenied as error:
            raise StartError(f"process {process.pid} serves this store and is another user's; stop it first") from error
        return False

    @contextmanager
    def _files_named(self) -> Iterator[None]:
        """A home that cannot be written, or a file of it that is none, is the person's to mend."""
        try:
            yield
        except OSError as error:
            raise EmbeddedNeo4jError(
                f"cannot use {error.filename or self.layout.root}: {error.strerror or error}; mend that, or choose "
                "another folder with --home or CONSTINTEL_HOME"
            ) from error

    def _give_up_when_stopping(self) -> None:
        if self._stopping.is_set():
            raise StartError(STOPPED_EARLY)

    def _launch(self) -> None:
        port = choose_port(self._fixed_port)
        try:
            self._launch_on(port)
        except StartError:
            still_there = self._process is not None and self._process.alive()  # it came up, and has the port itself
            if self._fixed_port is not None or port_is_free(port) or still_there or self._stopping.is_set():
                raise
            self._launch_on(free_port())  # somebody took the port while Neo4j was on its way to it

    def _launch_on(self, port: int) -> None:
        """Start Neo4j on this port and wait for it. Raises EngineError or StartError, leaving no process behind."""
        ensure_room(self.layout.root)
        command = self._engine.command(self.layout, port)
        self._give_up_when_stopping()
        self._report(f"Starting the embedded Neo4j {self._engine.version} ...")
        began = time.monotonic()
        process = ServerProcess.spawn(command, port, self.layout.root, self.layout.console)
        self._process, self._adopted_detached = process, False
        process.record().save(self.layout.record)
        if not self._ready(process, START_PATIENCE_S):
            raise StartError(self._why_not_ready(process))
        self._report(f"Neo4j answers on bolt://127.0.0.1:{port} after {time.monotonic() - began:.1f} s")

    def _ready(self, process: ServerProcess, patience_s: float) -> bool:
        """Wait until it listens and lets us in; False when it died, took too long, or we are to stop."""
        address = Neo4jAddress.local(process.port, ensure_password(self.layout))
        deadline = time.monotonic() + patience_s
        while process.alive() and time.monotonic() < deadline:
            try:
                if process.listening() and can_log_in(address):
                    return True
            except AuthError as error:
                raise StartError(
                    f"the store in {self.layout.root} refuses the password in {self.layout.password_file}; put the "
                    "right password into that file, or start with another --home"
                ) from error
            if self._stopping.wait(LOGIN_INTERVAL_S):
                return False
        return False

    def _why_not_ready(self, process: ServerProcess) -> str:
        if self._stopping.is_set():
            return STOPPED_EARLY
        if process.alive():
            process.end(STOP_PATIENCE_S)
            what = f"did not answer within {START_PATIENCE_S:.0f} s and was ended"
        else:
            what = f"ended during its start (exit code {process.exit_code})"
        return f"the embedded Neo4j {what}; `constintel doctor` looks for what it wants. {log_ends(self.layout)}"

    # -- watching and ending -------------------------------------------------------------------------------------

    def _watch(self) -> None:
        watch(self._stopping, lambda: self._process, lambda: must_be_restarted(self.address), self._restart)

    def _restart(self, process: ServerProcess | None) -> None:
        if process is None or self._stopping.is_set():
            return
        what = "begins no transaction any more" if process.alive() else f"ended unasked, exit code {process.exit_code}"
        try:
            ensure_room(self.layout.root)
            log.error(
                "Neo4j (process %d) %s; starting it again on port %d. %s", process.pid, what, process.port, log_ends(self.layout)
            )
            process.end(BROKEN_STOP_S)
            self._launch_on(process.port)
        except (EmbeddedNeo4jError, OSError) as error:
            if self._stopping.is_set():
                return  # whoever stops us ends it
            log.error("Neo4j (process %d) %s, and did not come back; trying again. %s", process.pid, what, error)
        else:
            log.warning("Neo4j is back on port %d", process.port)

    def _join_watcher(self) -> None:
        if self._watcher is not None:
            self._watcher.join()
            self._watcher = None

    def _end(self) -> None:
        """End the process, if there is one, and give the store up."""
        if self._process is not None and not self._process.end(self._stop_patience_s):
            log.warning("Neo4j did not stop within %.0f s and was killed", self._stop_patience_s)
        if self._process is not None:
            self.layout.record.unlink(missing_ok=True)
        self._forget()

    def _forget(self) -> None:
        self._process, self._adopted_detached = None, False
        self._ownership.release()
