"""A PostgreSQL of our own for the peer: found or installed, made in a temporary folder, durable as it comes."""

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.processes import POLL_S, Account, BenchError, free_port, running, say, tail

USER = "bench"
START_PATIENCE_S = 60.0
# fsync, full_page_writes and synchronous_commit are on by default and said aloud; memory is what Neo4j gets.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "deadlock_timeout": "50ms",  # a second unless told, which racing merges would spend waiting for each other
    "shared_buffers": "512MB",
    "max_wal_size": "2GB",
    "max_connections": "60",
}


@dataclass(frozen=True, slots=True)
class Postgres:
    """A running server: how to get in, and its process id."""

    dsn: str
    pid: int


def find_binaries() -> Path | None:
    """The folder of `initdb` and `postgres`: from PATH, else the newest under Debian's own folder."""
    on_path = shutil.which("initdb")
    found = [Path(on_path).resolve().parent] if on_path else []
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: _version(path.parent.name), reverse=True)
    return next((path for path in found if (path / "initdb").exists() and (path / "postgres").exists()), None)


def _version(name: str) -> int:
    return int(name) if name.isdigit() else 0


def binaries() -> Path:
    """As `find_binaries`; installs Debian's package when we may. Raises BenchError with what to do otherwise."""
    found = find_binaries()
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        say("PostgreSQL is not here; installing Debian's package `postgresql` ...")
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["apt-get", "update", "-q"], ["apt-get", "install", "-q", "-y", "--no-install-recommends", "postgresql"]):
            subprocess.run(command, env=environment, check=False, stdout=subprocess.DEVNULL)
        found = find_binaries()
    if found is None:
        raise BenchError(
            "the peer needs PostgreSQL's `initdb` and `postgres`; install them (Debian: apt-get install postgresql) "
            "or put them on the PATH, or leave the peer out: make bench ARGS=--no-peer"
        )
    return found


def account() -> Account | None:
    """PostgreSQL refuses to run as root: the user it was packaged with, else the one that owns nothing."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(entry.pw_uid, entry.pw_gid)
    raise BenchError("PostgreSQL refuses to run as root, and there is neither a user `postgres` nor a user `nobody`")


@contextlib.contextmanager
def postgres(folder: Path | None = None) -> Iterator[Postgres]:
    """A fresh server on a free loopback port, gone with its data when the block ends. `folder` is where to make it."""
    programs, runs_as = binaries(), account()
    home = Path(tempfile.mkdtemp(prefix="constintel-peer-", dir=folder))
    try:
        password = secrets.token_urlsafe(18)
        (home / "password").write_text(password, encoding="ascii")
        if runs_as is not None:
            for path in (home, home / "password"):
                os.chown(path, runs_as.uid, runs_as.gid)
        _initialise(programs, home, runs_as)
        port = free_port()
        settings = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
        command = [str(programs / "postgres"), "-D", str(home / "data"), "-p", str(port), "-k", str(home), *settings]
        log = home / "postgres.log"
        with running("PostgreSQL", command, log, account=runs_as, stop_signal=signal.SIGINT) as process:
            _wait(home, port, process, log)
            yield Postgres(f"postgresql://{USER}:{password}@127.0.0.1:{port}/postgres", process.pid)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _initialise(programs: Path, home: Path, runs_as: Account | None) -> None:
    made = subprocess.run(
        [str(programs / "initdb"), "-D", str(home / "data"), "-U", USER, "--pwfile", str(home / "password"),
         "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"],
        cwd=home,
        user=runs_as.uid if runs_as else None,
        group=runs_as.gid if runs_as else None,
        extra_groups=[] if runs_as else None,
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    if made.returncode:
        raise BenchError(f"initdb failed: {made.stderr.strip()}")


def _wait(home: Path, port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """The server writes `ready` into its pid file when it takes connections."""
    pid_file = home / "data" / "postmaster.pid"
    deadline = time.monotonic() + START_PATIENCE_S
    while time.monotonic() < deadline and process.poll() is None:
        if pid_file.exists() and pid_file.read_text(encoding="utf-8").rstrip().endswith("ready"):
            return
        time.sleep(POLL_S)
    raise BenchError(f"PostgreSQL did not come up on port {port}:\n{tail(log)}")
