"""Graph migrations: numbered files, never edited after landing."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from app.domain.errors import SetUpError

FOLDER = Path(__file__).resolve().parents[2] / "graph_migrations"
_NAME = re.compile(r"V(\d{4})__([a-z0-9_]+)\.cypher")


@dataclass(frozen=True, slots=True)
class Migration:
    version: int
    name: str
    checksum: str
    statements: tuple[str, ...]


def migrations(folder: Path = FOLDER) -> tuple[Migration, ...]:
    """All migrations of a folder, in order. Raises SetUpError for a misnamed file or a number used twice."""
    found = tuple(_load(path) for path in sorted(folder.glob("*.cypher")))
    numbers = [migration.version for migration in found]
    if numbers != list(range(1, len(found) + 1)):
        raise SetUpError(
            f"graph migrations must be numbered 1, 2, 3 ... without gaps or repeats; found {numbers} in {folder.name}/"
        )
    return found


def _load(path: Path) -> Migration:
    match = _NAME.fullmatch(path.name)
    if match is None:
        raise SetUpError(f"{path.name} is not a migration's name; call it V0002__what_it_does.cypher")
    text = path.read_text(encoding="utf-8")
    code = "\n".join(line for line in text.splitlines() if not line.strip().startswith("//"))
    statements = tuple(statement.strip() for statement in code.split(";") if statement.strip())
    return Migration(int(match[1]), match[2], hashlib.sha256(text.encode()).hexdigest(), statements)


def digest(folder: Path = FOLDER) -> str:
    """Names what a store holds that has all of them and nothing else: 16 hex digits."""
    return hashlib.sha256("".join(one.checksum for one in migrations(folder)).encode()).hexdigest()[:16]
