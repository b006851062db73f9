"""The service's end of one reader process."""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from app.domain.errors import ConstIntelError, Unavailable
from app.graph.cypher_door.frames import ASK, ENVELOPE_ROOM, HEADER, READY, ROWS, framed
from app.graph.cypher_door.memory import EXIT_MEMORY

CHECKOUT = Path(__file__).resolve().parents[3]
END_PATIENCE_S = 1.0
# The driver loads numpy wherever it is installed. A reader has no use for it, and it takes 120 MB of its address space.
WORKER = "import sys; sys.modules['numpy'] = None; from app.graph.cypher_door.worker import main; main()"
_READ_BUFFER = 1024 * 1024

OUT_OF_MEMORY = frozenset({EXIT_MEMORY, -signal.SIGABRT, -signal.SIGKILL, -signal.SIGSEGV, -signal.SIGBUS})


class ChildEndedError(Exception):
    """The reader process ended instead of answering."""

    def __init__(self, code: int) -> None:
        super().__init__(f"exit code {code}")
        self.out_of_memory = code in OUT_OF_MEMORY
        self.out_of_time = code == -signal.SIGALRM


class Child:
    """One reader process. It answers one question at a time; after any exception it must be killed."""

    def __init__(self, process: asyncio.subprocess.Process, most_bytes: int) -> None:
        self._process = process
        self._most_bytes = most_bytes

    @classmethod
    async def start(cls, config: Mapping[str, Any], within_s: float) -> "Child":
        """Starts a process and waits until it listens. Raises Unavailable. The password goes through the pipe only."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            WORKER,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            cwd=CHECKOUT,
            env={**os.environ, "RUST_BACKTRACE": "0"},  # writing one without memory left never ends
            limit=_READ_BUFFER,
            start_new_session=True,  # Ctrl-C is for the service, which then ends its readers in order
        )
        child = cls(process, config["most_bytes"])
        try:
            async with asyncio.timeout(within_s):
                kind, _ = await child._exchange(orjson.dumps(config))
        except (TimeoutError, ChildEndedError) as error:
            await child.kill()
            raise Unavailable("the process that runs queries did not start; try again, and see the log") from error
        except BaseException:
            await child.kill()
            raise
        assert kind == READY
        return child

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.returncode is None

    async def ask(self, question: bytes) -> tuple[bool, bytes]:
        """Whether the answer is rows, and its bytes. Raises ChildEndedError."""
        kind, body = await self._exchange(question)
        return kind == ROWS, body

    async def kill(self) -> None:
        """Ends it at once; Neo4j then sees the connection close and stops its query."""
        if self.alive:
            self._process.kill()
        await self._process.wait()

    async def close(self) -> None:
        """Lets it end by itself, within a moment."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            async with asyncio.timeout(END_PATIENCE_S):
                await self._process.wait()
        except TimeoutError:
            await self.kill()

    async def _exchange(self, content: bytes) -> tuple[bytes, bytes]:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        try:
            stdin.write(framed(ASK, content))
            await stdin.drain()
            kind, size = HEADER.unpack(await stdout.readexactly(HEADER.size))
            if size > self._most_bytes + ENVELOPE_ROOM:
                raise ChildEndedError(EXIT_MEMORY)
            return kind, await stdout.readexactly(size)
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise ChildEndedError(await self._process.wait()) from error


def said(body: bytes, kinds: Mapping[str, type[ConstIntelError]]) -> ConstIntelError:
    """The error that a reader sent."""
    content = orjson.loads(body)
    return kinds[content["kind"]](content["detail"], **content["extra"])
