"""How the embedded Neo4j is configured: its folder layout, neo4j.conf, first password and Java command line."""

import errno
import hashlib
import os
import secrets
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from app.graph.embedded.engine import MAIN_CLASS
from app.graph.embedded.errors import EmbeddedNeo4jError

HOST = "127.0.0.1"
USERNAME = "neo4j"
_HASH_ROUNDS = 1024
REPLAN = "5m"  # how long a statement's plan is kept, whatever the statistics say

CONF = """\
# Written at every start of the embedded Neo4j; changes made here are lost.
server.config.strict_validation.enabled=true

# Reachable from this machine only, over Bolt only, with a password, and silent towards its maker.
server.default_listen_address={host}
server.bolt.enabled=true
server.bolt.listen_address={host}:{port}
server.bolt.advertised_address={host}:{port}
server.http.enabled=false
server.https.enabled=false
dbms.security.auth_enabled=true
dbms.usage_report.enabled=false

# LOAD CSV reads files and URLs even in a read transaction, so the read-only Cypher door needs it closed here.
dbms.security.allow_csv_import_from_file_urls=false
internal.dbms.cypher_ip_blocklist=0.0.0.0/0,::/0
dbms.security.procedures.unrestricted=

# One query cannot take the service down, and the logs cannot outgrow the store.
db.transaction.timeout=60s
db.memory.transaction.max=256m
db.tx_log.rotation.size=64M
db.tx_log.rotation.retention_policy=256M size
server.memory.pagecache.size={pagecache}

# Our own patience ends a wait. The server's hint about its keep-alive makes the driver arm a timer around each read.
server.bolt.connection_keep_alive_for_requests=OFF

# Refreshed after each commit instead, the full-text index costs more than the commit; searches bridge the second.
db.index.fulltext.eventually_consistent_refresh_interval=1s

# Our statements name their indexes, so new statistics give no better plan; but a young graph's change every few seconds, and
# with the usual 10 s deliveries would wait for planning again and again.
dbms.cypher.min_replan_interval={replan}

# A statement has one plan, not one for each order of magnitude of each list it is given: our lists hold one row or thousands,
# and the plans would differ in nothing but the second they take to make.
internal.cypher.use_parameter_size=false

# Without these a clean stop waits ten seconds for connections that are already closed (both are in seconds).
internal.dbms.bolt.netty_server_shutdown_quiet_period=0
internal.dbms.bolt.netty_server_shutdown_timeout=5
"""

# What Neo4j's own launcher passes, minus what only matters to its other editions.
JVM_OPTIONS = (
    # Against G1, a tenth less processor time for a delivery on two cores: no barriers for a collector that works beside the
    # program. What pauses is a heap of 1 GB.
    "-XX:+UseParallelGC",
    "-XX:+UseCompactObjectHeaders",
    "-XX:-OmitStackTraceInFastThrow",
    "-XX:+DisableExplicitGC",
    "-XX:+ExitOnOutOfMemoryError",
    "-XX:-UsePerfData",
    "-Djava.awt.headless=true",
    "-Dfile.encoding=UTF-8",
    "-Djdk.nio.maxCachedBufferSize=1024",
    "-Dio.netty.tryReflectionSetAccessible=true",
    "-Dlog4j2.disable.jmx=true",
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
    "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
    "--enable-native-access=ALL-UNNAMED",
    "--sun-misc-unsafe-memory-access=allow",
)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything of one store lies, under `<home>/neo4j`."""

    root: Path

    @classmethod
    def of(cls, home: Path) -> Self:
        """That of a home. Neo4j takes no path with `..` in it, and what that means behind a link only the system knows."""
        return cls((home.resolve() if ".." in home.parts else home.absolute()) / "neo4j")

    @property
    def conf(self) -> Path:
        """Folder of neo4j.conf."""
        return self.root / "conf"

    @property
    def logs(self) -> Path:
        """Folder of Neo4j's own logs and of console.log."""
        return self.root / "logs"

    @property
    def console(self) -> Path:
        """What the process printed since its last start."""
        return self.logs / "console.log"

    @property
    def temp(self) -> Path:
        """Java's temporary folder, so that nothing depends on HOME or on a system folder that forbids execution."""
        return self.root / "tmp"

    @property
    def password_file(self) -> Path:
        """The generated password, readable by the owner only."""
        return self.root / "password"

    @property
    def record(self) -> Path:
        """Which process serves this store; see `process.Record`."""
        return self.root / "server.json"

    @property
    def owner_lock(self) -> Path:
        """Held by the owning service; see `ownership`."""
        return self.root / "owner.lock"

    @property
    def data(self) -> Path:
        """All that Neo4j keeps. Not there before the first start."""
        return self.root / "data"

    @property
    def initial_auth(self) -> Path:
        """Read by Neo4j once, when it makes its system database."""
        return self.data / "dbms" / "auth.ini"

    @property
    def system_database(self) -> Path:
        """Exists once Neo4j has made its system database, and with it taken the first password."""
        return self.data / "databases" / "system"

    def make(self) -> None:
        """Create the folders; the root is closed to other users. Raises OSError, also for a folder where a file belongs."""
        self.root.mkdir(parents=True, exist_ok=True)
        self.root.chmod(0o700)
        for folder in (self.conf, self.logs, self.temp):
            folder.mkdir(parents=True, exist_ok=True)
        if self.record.is_dir():  # told now, not once Neo4j runs and cannot be written down
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(self.record))


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all, even if the machine stops in between."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")  # made with mode 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def ensure_password(layout: Layout) -> str:
    """The store's password; generated, kept and handed to Neo4j as the first password when there is none yet.

    Raises EmbeddedNeo4jError when the store has a password already and the file that held it is gone.
    """
    if layout.password_file.is_file():
        return layout.password_file.read_text(encoding="utf-8", errors="replace").strip()  # the store says whether it is right
    if layout.system_database.is_dir():
        raise EmbeddedNeo4jError(
            f"{layout.password_file} is missing, but the store beside it has a password; put the file back (the "
            "password on one line), or start with another --home"
        )
    password = secrets.token_urlsafe(24)
    layout.initial_auth.parent.mkdir(parents=True, exist_ok=True)
    write_private(layout.initial_auth, f"{USERNAME}:{_credential(password)}:\n")
    write_private(layout.password_file, password + "\n")
    return password


def _credential(password: str) -> str:
    """The salted hash that `neo4j-admin dbms set-initial-password` would write; the admin tool is not in the jars."""
    salt = secrets.token_bytes(32)
    digest = hashlib.sha256(salt + password.encode()).digest()
    for _ in range(_HASH_ROUNDS - 1):
        digest = hashlib.sha256(digest).digest()
    return f"SHA-256,{digest.hex()},{salt.hex()},{_HASH_ROUNDS}"


def write_conf(layout: Layout, port: int, pagecache: str, replan: str = REPLAN) -> None:
    """Write neo4j.conf for this port."""
    text = CONF.format(host=HOST, port=port, pagecache=pagecache, replan=replan)
    (layout.conf / "neo4j.conf").write_text(text, encoding="utf-8")


def java_command(java: Path, layout: Layout, class_path: Sequence[Path], heap: str, more: Sequence[str] = ()) -> list[str]:
    """The command that runs Neo4j; `more` are options of Java. The class path is 20 KB long and goes into an argument file."""
    arguments = layout.conf / "class-path.args"
    joined = os.pathsep.join(str(path.absolute()) for path in class_path)
    quoted = joined.replace("\\", "\\\\").replace('"', '\\"')
    arguments.write_text(f'-cp "{quoted}"\n', encoding="utf-8")
    return [
        str(java),
        f"-Xmx{heap}",
        *JVM_OPTIONS,
        *more,
        f"-Djava.io.tmpdir={layout.temp}",
        f"-Duser.home={layout.temp}",
        f"-XX:ErrorFile={layout.logs}/hs_err_%p.log",
        f"@{arguments}",
        MAIN_CLASS,
        f"--home-dir={layout.root}",
        f"--config-dir={layout.conf}",
    ]
