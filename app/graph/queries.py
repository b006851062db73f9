"""Every Cypher statement lives in a file under `cypher/` and is called by its path without the ending."""

from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2] / "cypher"


@cache
def query(name: str) -> str:
    """The statement in `cypher/<name>.cypher`. Raises FileNotFoundError for a name that has no file."""
    return (ROOT / f"{name}.cypher").read_text(encoding="utf-8")


def names() -> tuple[str, ...]:
    """The paths of all statements, for the tests that look at each."""
    return tuple(sorted(path.relative_to(ROOT).with_suffix("").as_posix() for path in ROOT.rglob("*.cypher")))
