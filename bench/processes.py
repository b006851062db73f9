"""Child processes of the benchmark: started on free loopback ports, waited for, always stopped."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
STOP_PATIENCE_S = 60.0
POLL_S = 0.1


class BenchError(Exception):
    """The benchmark cannot go on; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Account:
    """Whom a child runs as."""

    uid: int
    gid: int


def end_tidily_when_told_to() -> None:
    """A SIGTERM, as a time limit sends it, unwinds as Ctrl-C does: whoever was started is stopped."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


@contextlib.contextmanager
def running(
    name: str,
    command: Sequence[str],
    log: Path,
    environment: Mapping[str, str] | None = None,
    account: Account | None = None,
    stop_signal: signal.Signals = signal.SIGTERM,
) -> Iterator["subprocess.Popen[bytes]"]:
    """A child for as long as the block lasts; what it prints goes to `log`."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})},
            cwd=log.parent,
            start_new_session=True,  # Ctrl-C reaches us alone, and we stop the children in order
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )
        try:
            yield process
        finally:
            stop(name, process, stop_signal)


def stop(name: str, process: "subprocess.Popen[bytes]", stop_signal: signal.Signals) -> None:
    if process.poll() is None:
        process.send_signal(stop_signal)
    try:
        process.wait(STOP_PATIENCE_S)
    except subprocess.TimeoutExpired:
        say(f"{name} did not stop within {STOP_PATIENCE_S:.0f} s and is killed")
        process.kill()
        process.wait()


def wait_for_http(name: str, url: str, process: "subprocess.Popen[bytes]", log: Path, patience_s: float = 90.0) -> None:
    """Returns when `url` answers 200. Raises BenchError when the process ends or stays silent."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise BenchError(f"{name} ended with exit code {process.returncode} while it started:\n{tail(log)}")
        if _answers(url):
            return
        time.sleep(POLL_S)
    raise BenchError(f"{name} did not answer within {patience_s:.0f} s:\n{tail(log)}")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - our own loopback address
            return bool(answer.status == 200)
    except OSError:
        return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def cpu_seconds(process_ids: Iterable[int]) -> float:
    """What these processes and all their descendants, ended ones included, have had of the processors so far."""
    total = 0.0
    for process_id in process_ids:
        root = psutil.Process(process_id)
        for process in (root, *root.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                total += times.user + times.system + times.children_user + times.children_system
    return total


def tail(log: Path, lines: int = 15) -> str:
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])


def uvicorn_command(factory: str, port: int) -> list[str]:
    """The service's own server settings (app/running.py), for everything it is compared with."""
    return [
        sys.executable, "-m", "uvicorn", factory, "--factory", "--host", "127.0.0.1", "--port", str(port),
        "--workers", "1", "--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "info",
    ]  # fmt: skip


def say(message: str) -> None:
    sys.stderr.write(message + "\n")
    sys.stderr.flush()
