"""A reader process, started by the door (`WORKER` in child.py) and ended with it.

It has a memory limit of its own, so an answer that is too big ends this process and not the service. Its standard
input closes when the service ends, for whatever reason, and then it ends too.
"""

import os
import signal
import sys
from contextlib import suppress
from typing import Any, BinaryIO

import orjson

from app.domain.errors import ConstIntelError
from app.graph.cypher_door.frames import ERROR, READY, ROWS, framed, read_json
from app.graph.cypher_door.memory import ending_when_out_of_memory, limit_memory
from app.graph.cypher_door.reader import Question, Reader

ORPHAN_GRACE_S = 3.0


def main() -> None:
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # nothing that prints can disturb the answers
    with suppress(BrokenPipeError), ending_when_out_of_memory():  # a broken pipe: the service is gone
        serve(sys.stdin.buffer, answers)


def serve(questions: BinaryIO, answers: BinaryIO) -> None:
    """Answers questions until the input closes. The first frame says how."""
    config: dict[str, Any] | None = read_json(questions)
    if config is None:
        return
    limit_memory(config["memory_bytes"])
    reader = Reader(config["address"], config["seconds"], config["most_bytes"])
    _write(answers, framed(READY, b""))
    while (asked := read_json(questions)) is not None:
        # Should the service be gone and Neo4j never answer, the default action of SIGALRM ends this process.
        signal.setitimer(signal.ITIMER_REAL, config["seconds"] + ORPHAN_GRACE_S)
        _write(answers, _answered(reader, asked))
        signal.setitimer(signal.ITIMER_REAL, 0)


def _answered(reader: Reader, asked: dict[str, Any]) -> bytes:
    try:
        return framed(ROWS, reader.answer(Question(asked["query"], asked["parameters"], asked["limit"])))
    except ConstIntelError as error:
        body = {"kind": type(error).__name__, "detail": error.detail, "extra": error.extra}
        return framed(ERROR, orjson.dumps(body, default=str))


def _write(stream: BinaryIO, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[stream.write(view) :]
