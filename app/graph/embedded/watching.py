"""Looks after a Neo4j that runs, for as long as nobody stops it."""

import logging
import threading
import time
from collections.abc import Callable

from app.graph.embedded.process import ServerProcess

log = logging.getLogger(__name__)

WATCH_INTERVAL_S = 0.25
ASK_INTERVAL_S = 10.0
BACKOFF_S = (0.5, 30.0)
STEADY_AFTER_S = 60.0


def watch(
    stopping: threading.Event,
    now: Callable[[], ServerProcess | None],
    is_broken: Callable[[], bool],
    restart: Callable[[ServerProcess | None], None],
) -> None:
    """Has Neo4j started again whenever it ends unasked, or `is_broken` (asked now and then) says that it runs and serves nobody;
    ever more patiently while it keeps failing. `now` is the process that there is.

    Whatever else goes wrong is logged, since a watcher that has gone watches nothing.
    """
    backoff, most = BACKOFF_S
    ask_at = 0.0
    while not stopping.wait(WATCH_INTERVAL_S):
        try:
            process = now()
            if process is not None and process.alive():
                if time.monotonic() < ask_at:
                    continue
                ask_at = time.monotonic() + ASK_INTERVAL_S
                if not is_broken():
                    backoff = BACKOFF_S[0] if process.uptime_s > STEADY_AFTER_S else backoff
                    continue
            restart(process)
        except Exception:
            log.exception("Neo4j could not be looked after; going on watching it")
        stopping.wait(backoff)
        backoff = min(backoff * 2, most)
