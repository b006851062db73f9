"""The service as a process of its own: started, asked, killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import httpx

from app.graph.embedded.process import free_port
from app.graph.embedded.server import START_PATIENCE_S

COMMAND = Path(sys.executable).with_name("constintel")


class Service:
    """`constintel serve` on a port of its own. `settings` are environment variables beside those that it inherits."""

    def __init__(self, log: Path, settings: Mapping[str, str], *arguments: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = log
        own = {name: value for name, value in os.environ.items() if not name.startswith(("NEO4J_", "CONSTINTEL_"))}
        self._environment = {**own, "CONSTINTEL_SCHEDULER": "off", **settings}
        self._arguments = arguments
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [str(COMMAND), "serve", "--port", str(self.port), *self._arguments]
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(command, env=self._environment, stdout=output, stderr=subprocess.STDOUT)

    def wait_ready(self, within_s: float = START_PATIENCE_S) -> float:
        """Seconds until it says that it is ready."""
        began = time.monotonic()
        while time.monotonic() - began < within_s:
            assert self._process is None or self._process.poll() is None, self.said()
            try:
                if httpx.get(f"{self.url}/readyz", timeout=2).status_code == 200:
                    return time.monotonic() - began
            except httpx.TransportError:
                pass
            time.sleep(0.05)
        raise AssertionError(f"not ready within {within_s} s: {self.said()}")

    def kill(self) -> None:
        """kill -9."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self, within_s: float = 60.0) -> tuple[int, float]:
        """SIGTERM; its exit code and how many seconds it took."""
        assert self._process is not None
        began = time.monotonic()
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(within_s), time.monotonic() - began

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def said(self) -> str:
        return self._log.read_text(errors="replace")[-3_000:]
