"""The `constintel` command. Each group of sub-commands lives in its own room; this file only joins them.

The service's own modules take a second or two to import, so a command imports what it needs when it is called.
"""

import asyncio
import logging
import os
import sys
import threading
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click
from pydantic import ValidationError

from app.domain.errors import ConstIntelError
from app.setting_names import complaints, unknown
from app.settings import Settings

if TYPE_CHECKING:
    from app.graph.driver import Graph
    from app.graph.embedded import EmbeddedNeo4j, Neo4jAddress

T = TypeVar("T")


@cache
def settings() -> Settings:
    """The environment, read at the first command that needs it, so that `--help` works whatever it holds."""
    try:
        return Settings()
    except ValidationError as error:
        wrong = "\n  ".join(complaints(error))
        raise click.ClickException(f"the environment holds a setting that cannot be used\n  {wrong}") from error


def open_embedded(home: Path | None, report: Callable[[str], None]) -> "EmbeddedNeo4j":
    """The embedded Neo4j of `home`, or of the configured home."""
    from app.graph.embedded import EmbeddedNeo4j
    from app.graph.migration_files import digest

    s = settings()
    return EmbeddedNeo4j(
        home or s.home,
        s.engine_dir,
        heap=s.neo4j_heap,
        pagecache=s.neo4j_pagecache,
        port=s.neo4j_bolt_port,
        holds=digest(),
        report=report,
    )


def here() -> str:
    """Where a service of this environment answers, asked from this machine."""
    from app.listening import own_origin

    return own_origin(settings().host, settings().port)


URL = click.option(
    "--url", default=here, help="Where the service answers; as CONSTINTEL_HOST and CONSTINTEL_PORT say unless told."
)


def own_key() -> str | None:
    """What commands that ask a running service show it."""
    key = settings().api_key
    return None if key is None else key.get_secret_value()


def _neo4j() -> click.Command:
    from app.graph.embedded.commands import neo4j_group

    return neo4j_group(open_embedded, prepare_embedded)


def prepare_embedded() -> bool:
    """What starts of the configured engine begin with, from a rehearsal of what a service does first."""
    from app.graph.embedded.prepare import prepare
    from app.graph.migration_files import digest

    return prepare(settings().engine_dir, digest(), _rehearse)


def _rehearse(address: "Neo4jAddress") -> None:
    from app.running import rehearse

    asyncio.run(rehearse(address))


def _scenario() -> click.Command:
    from app.scenarios.commands import scenario_command

    return scenario_command(URL, own_key)


def _doctor() -> click.Command:
    from app.doctor.commands import doctor_command

    return doctor_command


def within(home: Path | None, work: "Callable[[Graph], Awaitable[T]]") -> "T":
    """What some work on the graph of a home gives, whether its service runs or not."""
    from app.running import open_graph
    from app.service import attach_neo4j, unless_told_to_stop

    chosen = settings().model_copy(update={"home": home} if home else {})
    done: list[T] = []

    async def run() -> None:
        async with (
            attach_neo4j(chosen, open_embedded(chosen.home, _tell), _tell) as address,
            open_graph(address, chosen.neo4j_database, _tell) as graph,
        ):
            done.append(await work(graph))

    if not asyncio.run(unless_told_to_stop(run())):
        raise click.ClickException("stopped before it was done; look whether it was, or run it again")
    return done[0]


def _brand() -> click.Command:
    from app.access.commands import brand_group

    return brand_group(within)


def _keys() -> click.Command:
    from app.access.commands import keys_group

    return keys_group(within)


def _import() -> click.Command:
    from app.importing.commands import import_command

    return import_command(URL, lambda: settings().home, own_key)


def _rebuild() -> click.Command:
    from app.rebuilding import rebuild_command

    return rebuild_command(URL, own_key)


ROOMS: Mapping[str, Callable[[], click.Command]] = {
    "neo4j": _neo4j,
    "scenario": _scenario,
    "doctor": _doctor,
    "brand": _brand,
    "keys": _keys,
    "import": _import,
    "rebuild": _rebuild,
}


class Plain(click.Group):
    """Shows our own errors as messages, not as tracebacks, and takes a command from its room when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *ROOMS])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return ROOMS[cmd_name]() if cmd_name in ROOMS else super().get_command(ctx, cmd_name)

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except ConstIntelError as error:
            raise click.ClickException(error.detail) from error


@click.group(cls=Plain, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="constintel")
def main() -> None:
    """ConstIntel: events from every channel become one identity graph."""


@main.command()
@click.option("--host", help="Address to listen on; CONSTINTEL_HOST, or 127.0.0.1, unless told.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on; CONSTINTEL_PORT, or 3000, unless told.")
@click.option("--home", type=click.Path(file_okay=False, path_type=Path), help="Folder of the local state.")
@click.option("--with-scenarios", is_flag=True, help="Play the four scenarios into brand `demo` once it answers.")
def serve(host: str | None, port: int | None, home: Path | None, with_scenarios: bool) -> None:
    """Run the service. With it the embedded Neo4j, unless NEO4J_URI names another."""
    import uvloop

    from app.listening import own_origin
    from app.service import serve as run_service
    from app.telemetry.logs import configure

    given = {name: value for name, value in (("host", host), ("port", port), ("home", home)) if value is not None}
    chosen = settings().model_copy(update=given)

    def ready() -> None:
        if with_scenarios:
            threading.Thread(target=_play_all, args=(own_origin(chosen.host, chosen.port),)).start()

    is_json = configure(chosen.log_level, chosen.log_format, sys.stderr) == "json"
    tell = logging.getLogger("constintel").info if is_json else _tell
    for said in unknown(os.environ):
        tell(f"warning: {said}")
    uvloop.run(run_service(chosen, open_embedded(chosen.home, tell), tell, ready))


def _play_all(url: str) -> None:
    from app.scenarios import STORIES
    from app.scenarios.commands import play

    try:
        play(list(STORIES), url, "demo", own_key())
    except ConstIntelError as error:  # as when the service is told to stop meanwhile
        _tell(f"the scenarios were not played to their end: {error.detail}")


@main.command("migrate")
@click.option("--home", type=click.Path(file_okay=False, path_type=Path), help="Folder of the local state.")
def migrate_command(home: Path | None) -> None:
    """Apply the graph migrations that are missing. A service may run meanwhile."""

    async def migrated(_: "Graph") -> None:
        _tell("the graph is migrated")

    within(home, migrated)


@main.group()
def jobs() -> None:
    """Jobs of a running service."""


@jobs.command("run")
@click.argument("name")
@click.option("--brand", default="demo", show_default=True, help="Whose data the job is about.")
@click.option("--as-of", help="The job's clock, such as 2024-01-20T08:00:00Z; now unless told.")
@URL
def run_job(name: str, brand: str, as_of: str | None, url: str) -> None:
    """Run a job now and print what it did. README (`Learn and act`) lists the jobs."""
    from urllib.parse import quote

    from app.calling import calling, data_of, of_brand

    with calling(url, None, own_key()) as http:  # however long the job takes
        body = {"as_of": as_of} if as_of else {}
        answer = http.post(f"/api/jobs/{quote(name, safe='')}/run", json=body, headers=of_brand(brand))
    for what, count in data_of(answer).items():
        click.echo(f"{what:<24} {count}")


def _tell(message: str) -> None:
    """To whoever watches; a service whose terminal or pipe is gone goes on without, as its logs do."""
    with suppress(OSError):
        click.echo(message, err=True)
