"""Fetch the embedded Neo4j's jars by their Maven coordinates, each checked against the lock's SHA-256.

    python -m app.graph.embedded.fetch install --engine-dir DIR
    python -m app.graph.embedded.fetch lock [--version 5.26.N]

`jgo` does the downloading, into a staging folder; a jar is moved into place only after its hash was found right.
So an interrupted fetch resumes where it stopped, and what is in place is whole. Nothing is resolved at install time.
"""

import shutil
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import click

from app.graph.embedded.engine import (
    LOCK_FILE,
    EngineLock,
    Jar,
    missing_jars,
    read_lock,
    render_lock,
    sha256_of,
    tampered_jars,
)
from app.graph.embedded.errors import EmbeddedNeo4jError, EngineError

WORKERS = 8
ATTEMPTS = 4


class Source(Protocol):
    """Where jars come from: `maven.Maven`, or something that a test puts in its place."""

    def download(self, group: str, artifact: str, version: str, classifier: str) -> Path:
        """A local copy of the jar. Raises OSError when it cannot be had."""
        ...


def install_engine(engine_dir: Path, lock: EngineLock, connect: Callable[[Path], Source]) -> int:
    """Bring `engine_dir` to what the lock names and return how many jars were fetched.

    `connect` opens a source on a staging folder, and is called only when something is wanted. Jars that are there and
    genuine are left alone; changed ones are fetched anew. Raises EngineError when a jar cannot be fetched, or when
    what arrives is not what the lock promises.
    """
    tampered = tampered_jars(lock, engine_dir)
    for jar in tampered:
        click.echo(f"{jar.filename} differs from the lock; fetching it anew", err=True)
    wanted = missing_jars(lock, engine_dir) + tampered
    if wanted:
        _fetch_all(wanted, lock.folder(engine_dir), connect)
    return len(wanted)


def _fetch_all(jars: list[Jar], folder: Path, connect: Callable[[Path], Source]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    staging = folder / ".staging"
    shutil.rmtree(staging, ignore_errors=True)
    source = connect(staging)
    pool = ThreadPoolExecutor(max_workers=WORKERS)
    try:
        jobs = [pool.submit(_fetch, jar, folder, source) for jar in jars]
        with _progress(jars) as advance:
            for job in as_completed(jobs):
                advance(job.result())
    finally:
        pool.shutdown(cancel_futures=True)
        shutil.rmtree(staging, ignore_errors=True)


def _fetch(jar: Jar, folder: Path, source: Source) -> Jar:
    """Fetch one jar, with patience for a passing fault of the network, and none for a wrong hash that stays."""
    fault = ""
    for attempt in range(ATTEMPTS):
        if attempt:
            time.sleep(0.5 * 2**attempt)
        try:
            path = source.download(jar.group, jar.artifact, jar.version, jar.classifier)
        except OSError as error:
            fault = f"could not be fetched: {error}"
            continue
        found = sha256_of(path)
        if found == jar.sha256:
            _put(path, folder / jar.filename)
            return jar
        path.unlink()
        fault = f"arrived with SHA-256 {found}, but {LOCK_FILE.name} promises {jar.sha256}; it was thrown away"
    raise EngineError(
        f"{jar.coordinates} {fault} (tried {ATTEMPTS} times). Check the network or the Maven mirror and run "
        "`make setup` again; what has arrived is kept"
    )


def _put(arrived: Path, target: Path) -> None:
    try:
        arrived.replace(target)
    except OSError as error:  # a folder of that name, or one that may not be written
        raise EngineError(f"{target} cannot be written ({error.strerror}); remove it and run `make setup` again") from error


@contextmanager
def _progress(jars: list[Jar]) -> Iterator[Callable[[Jar], None]]:
    """A bar on a terminal, one line per tenth elsewhere; by bytes, since jars differ in size a thousandfold."""
    total = sum(jar.size for jar in jars)
    label = f"Fetching the embedded Neo4j ({len(jars)} files, {total / 1e6:.0f} MB)"
    if sys.stdout.isatty():
        with click.progressbar(length=total, label=label) as bar:
            yield lambda jar: bar.update(jar.size)
        return
    click.echo(f"{label} ...")
    done = 0

    def advance(jar: Jar) -> None:
        nonlocal done
        before, done = done, done + jar.size
        if 10 * done // total > 10 * before // total:
            click.echo(f"  {100 * done // total:3d} %  {done / 1e6:.0f} MB")

    yield advance


def write_lock(version: str | None, staging: Path, repository: str | None, path: Path = LOCK_FILE) -> EngineLock:
    """Resolve `version` (None: the newest 5.26 patch) at the Maven repository and write the lock. Takes a minute."""
    from app.graph.embedded.maven import Maven  # noqa: PLC0415 - see that module

    source = Maven(staging, repository)
    version = version or source.newest("org.neo4j", "neo4j", "5.26.")
    resolved = source.resolve([f"org.neo4j:neo4j:{version}", f"org.neo4j.app:neo4j-server:{version}"])
    with ThreadPoolExecutor(max_workers=WORKERS) as pool:
        files = list(pool.map(lambda coordinates: source.download(*coordinates), resolved))
    jars = tuple(
        Jar(*coordinates, sha256=sha256_of(file), size=file.stat().st_size)
        for coordinates, file in zip(resolved, files, strict=True)
    )
    if len({jar.filename for jar in jars}) != len(jars):
        raise EngineError("two jars of the resolved engine share a file name; one folder cannot hold both")
    lock = EngineLock(version, jars)
    path.write_text(render_lock(lock), encoding="utf-8")
    return lock


@click.group()
def main() -> None:
    """The embedded Neo4j's program files."""


_repository = click.option(
    "--repository",
    envvar="CONSTINTEL_MAVEN_REPOSITORY",
    help="Base URL of a Maven mirror, also from CONSTINTEL_MAVEN_REPOSITORY; Maven Central unless told.",
)


@main.command()
@click.option("--engine-dir", type=click.Path(file_okay=False, path_type=Path), required=True)
@_repository
def install(engine_dir: Path, repository: str | None) -> None:
    """Fetch what the lock names and the folder lacks."""

    def connect(staging: Path) -> Source:
        from app.graph.embedded.maven import Maven  # noqa: PLC0415 - see that module

        return Maven(staging, repository)

    try:
        locked = read_lock()
        fetched = install_engine(engine_dir, locked, connect)
    except EmbeddedNeo4jError as error:
        raise click.ClickException(str(error)) from error
    state = f"{fetched} of {len(locked.jars)} files fetched" if fetched else "complete"
    click.echo(f"Embedded Neo4j {locked.version}: {state}, every SHA-256 verified")


@main.command()
@click.option("--version", help="A Neo4j version; the newest 5.26 patch unless told.")
@click.option(
    "--staging",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(".constintel/lock-engine"),
    show_default=True,
    help="Folder of the downloads, kept for the next time.",
)
@_repository
def lock(version: str | None, staging: Path, repository: str | None) -> None:
    """Resolve the engine anew and write the lock file."""
    made = write_lock(version, staging, repository)
    click.echo(f"{LOCK_FILE.name}: Neo4j {made.version}, {len(made.jars)} jars")


if __name__ == "__main__":
    main()
