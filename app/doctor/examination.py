"""All checks, in the order in which one would mend what they find. A check that breaks is a finding, not a traceback."""

import asyncio
import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from pydantic import ValidationError

from app.doctor import machine
from app.doctor.database import database
from app.doctor.finding import Finding, Level, fail, ok, warn
from app.domain.errors import ConstIntelError
from app.graph.embedded import EmbeddedNeo4j, Neo4jAddress
from app.setting_names import complaints, unknown
from app.settings import Settings

Check = Callable[[], Finding | list[Finding]]


def examine(read: Callable[[], Settings] = Settings, home: Path | None = None) -> Iterator[Finding]:
    """One finding after the other. With settings that cannot be read, only what needs none of them."""
    yield machine.python()
    try:
        settings = read()
    except ValidationError as error:
        yield fail("settings", "; ".join(complaints(error)), "correct the variable; docs/reference.md lists them all")
        return
    if home is not None:
        settings = settings.model_copy(update={"home": home})
    if nobodys := list(unknown(os.environ)):
        yield warn("settings", "; ".join(nobodys), "correct the name; docs/reference.md lists them all")
    else:
        yield ok("settings", "every variable can be used")
    for name, check in _checks(settings):
        yield from _safely(name, check)


def _checks(settings: Settings) -> Iterator[tuple[str, Check]]:
    is_embedded = settings.neo4j_uri is None
    yield "clock", machine.clock
    yield "home", partial(machine.home, settings.home)
    yield "disk", partial(machine.disk, settings.home)
    yield "files", machine.open_files
    if is_embedded:
        yield "memory", partial(machine.memory, settings.neo4j_heap, settings.neo4j_pagecache)
        yield "engine", partial(machine.engine, settings.engine_dir)
        yield "java", lambda: machine.java(machine.bundled_java())
        yield "bolt", partial(machine.bolt_port, settings)
    yield "port", partial(machine.http_port, settings.host, settings.port)
    yield "neo4j", partial(_database, settings)


def _database(settings: Settings) -> list[Finding]:
    if settings.neo4j_uri is not None and settings.neo4j_password is not None:
        password = settings.neo4j_password.get_secret_value()
        address = Neo4jAddress(settings.neo4j_uri, settings.neo4j_username, password)
        return asyncio.run(database(address, settings.neo4j_database))
    embedded = EmbeddedNeo4j(settings.home, settings.engine_dir)
    status = embedded.status()
    if not status.running:
        return [ok("neo4j", "the embedded one is not running; it starts with the service")]
    mend = f"wait if it has just been started; else look into {embedded.layout.logs}"
    if not status.listening:  # another's may have its port, and would lock everybody out for our password
        return [fail("neo4j", f"the embedded one (process {status.pid}) does not listen on port {status.port}", mend)]
    return asyncio.run(database(embedded.address, None, mend))


def _safely(name: str, check: Check) -> list[Finding]:
    try:
        found = check()
    except ConstIntelError as error:
        return [fail(name, error.detail, "see the message")]
    except Exception as error:  # noqa: BLE001 - a doctor that falls ill helps nobody
        return [fail(name, f"the check itself failed ({type(error).__name__}: {error})", "mend what it names, and run it again")]
    return found if isinstance(found, list) else [found]


def is_healthy(findings: list[Finding]) -> bool:
    return all(finding.level is not Level.FAIL for finding in findings)
