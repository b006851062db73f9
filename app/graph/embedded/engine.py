"""The embedded Neo4j's program files: which jars they are, and whether the ones on disk are those.

`engine.lock.toml`, beside this file, names every jar by its Maven coordinates and its SHA-256. Fetching them is the
business of `fetch`; this module never touches the network.
"""

import hashlib
import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from app.graph.embedded.errors import EngineError

LOCK_FILE = Path(__file__).with_name("engine.lock.toml")
MAIN_CLASS = "org.neo4j.server.CommunityEntryPoint"


@dataclass(frozen=True, slots=True)
class Jar:
    """One locked jar: where Maven knows it, and what its bytes must be."""

    group: str
    artifact: str
    version: str
    classifier: str
    sha256: str
    size: int

    @property
    def filename(self) -> str:
        """The name that Maven gives the file, unique within the lock."""
        classifier = f"-{self.classifier}" if self.classifier else ""
        return f"{self.artifact}-{self.version}{classifier}.jar"

    @property
    def coordinates(self) -> str:
        """`group:artifact[:classifier]:version`, for messages and for the lock file."""
        return ":".join(part for part in (self.group, self.artifact, self.classifier, self.version) if part)


@dataclass(frozen=True, slots=True)
class EngineLock:
    """The jars of one Neo4j version, in class-path order."""

    version: str
    jars: tuple[Jar, ...]

    def folder(self, engine_dir: Path) -> Path:
        """Where this version's jars live; each version has its own folder, so an upgrade disturbs nothing running."""
        return engine_dir / f"neo4j-{self.version}"

    def paths(self, engine_dir: Path) -> list[Path]:
        """Every jar's path, in class-path order."""
        return [self.folder(engine_dir) / jar.filename for jar in self.jars]


def read_lock(path: Path = LOCK_FILE) -> EngineLock:
    """Read the committed lock. Raises EngineError when it is missing or malformed."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        jars = tuple(_parse_jar(row) for row in data["jars"])
        return EngineLock(version=data["neo4j"], jars=jars)
    except FileNotFoundError as error:
        raise EngineError(f"the engine lock {path} is missing; restore it with git, or run `make lock-engine`") from error
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise EngineError(f"the engine lock {path} cannot be read ({error}); restore it with git") from error


def _parse_jar(row: dict[str, str | int]) -> Jar:
    group, artifact, *classifier, version = str(row["jar"]).split(":")
    return Jar(group, artifact, version, "".join(classifier), str(row["sha256"]), int(row["size"]))


def render_lock(lock: EngineLock) -> str:
    """The lock file's text: coordinates, hashes and sizes only, no host, so that any Maven mirror serves it."""
    head = (
        "# The program files of the embedded Neo4j. Made by `make lock-engine`; not edited by hand.\n"
        "# jar is group:artifact[:classifier]:version. A file whose sha256 differs is refused.\n"
        f'neo4j = "{lock.version}"\n'
        "jars = [\n"
    )
    rows = (f'  {{ jar = "{j.coordinates}", size = {j.size}, sha256 = "{j.sha256}" }},\n' for j in lock.jars)
    return head + "".join(rows) + "]\n"


def sha256_of(path: Path) -> str:
    """Hex SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def missing_jars(lock: EngineLock, engine_dir: Path) -> list[Jar]:
    """The locked jars that are not on disk."""
    folder = lock.folder(engine_dir)
    return [jar for jar in lock.jars if not (folder / jar.filename).is_file()]


def tampered_jars(lock: EngineLock, engine_dir: Path) -> list[Jar]:
    """The jars on disk whose bytes are not the locked ones. Reads all of them: about 140 MB, 0.1 s."""
    present = [jar for jar in lock.jars if (lock.folder(engine_dir) / jar.filename).is_file()]
    with ThreadPoolExecutor(max_workers=4) as pool:
        genuine = pool.map(lambda jar: sha256_of(lock.folder(engine_dir) / jar.filename) == jar.sha256, present)
        return [jar for jar, same in zip(present, genuine, strict=True) if not same]


def verified_class_path(engine_dir: Path, lock: EngineLock) -> list[Path]:
    """Every jar's path, each checked against the lock.

    Raises EngineError naming the jars that are missing or changed; nothing unverified ever reaches the Java runtime.
    """
    if missing := missing_jars(lock, engine_dir):
        raise EngineError(
            f"{len(missing)} of {len(lock.jars)} program files of the embedded Neo4j {lock.version} are missing from "
            f"{lock.folder(engine_dir)} (the first: {missing[0].filename}); run `make setup`"
        )
    if tampered := tampered_jars(lock, engine_dir):
        raise EngineError(
            f"refusing to start: {_names(tampered)} in {lock.folder(engine_dir)} differ from the SHA-256 in "
            f"{LOCK_FILE.name}; run `make setup`, which fetches the genuine files"
        )
    return lock.paths(engine_dir)


def _names(jars: list[Jar], most: int = 3) -> str:
    rest = f" and {len(jars) - most} more" if len(jars) > most else ""
    return ", ".join(jar.filename for jar in jars[:most]) + rest
