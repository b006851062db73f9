"""`constintel neo4j ...`: the embedded database from a shell, for data scientists and for mending things."""

import signal
import time
from collections.abc import Callable
from pathlib import Path

import click

from app.graph.embedded.errors import EngineError
from app.graph.embedded.server import EmbeddedNeo4j

Open = Callable[[Path | None, Callable[[str], None]], EmbeddedNeo4j]
"""Makes the manager for a home (None: the configured one); the second argument hears its progress."""
Prepare = Callable[[], bool]
"""Makes what starts of the engine begin with; False when it is there. Raises EngineError when it cannot be made."""

HOME = click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the local state; CONSTINTEL_HOME, or .constintel/home, unless told.",
)


def _tell(message: str) -> None:
    click.echo(message, err=True)


def _prepare_command(make_ready: Prepare) -> click.Command:
    @click.command()
    def prepare() -> None:
        """Run it once, so that it starts fast. Java writes down what that takes; `make setup` does it."""
        began = time.monotonic()
        # Told to end, as with Ctrl-C, it ends its Neo4j first, which nobody would look for where it is.
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            made = make_ready()
        except EngineError as error:  # slow is no reason to stop a set-up
            _tell(f"Embedded Neo4j: it will start some seconds slower than it could: {error}")
            return
        finally:
            signal.signal(signal.SIGTERM, before)
        if made:
            click.echo(f"Embedded Neo4j: made ready for fast starts in {time.monotonic() - began:.0f} s")

    return prepare


def neo4j_group(open_embedded: Open, make_ready: Prepare) -> click.Group:
    """The `neo4j` sub-commands. Which home and which engine are meant is the caller's knowledge."""

    @click.group("neo4j")
    def group() -> None:
        """The embedded Neo4j: start, stop, status, uri, prepare."""

    @group.command()
    @HOME
    def start(home: Path | None) -> None:
        """Start it and leave it running; prints the Bolt URI. Later `serve` uses it and leaves it running too."""
        embedded = open_embedded(home, _tell)
        status = embedded.status()
        if status.running and status.owner_pid is not None:
            _tell(f"It already runs, as process {status.pid}, owned by the service with process {status.owner_pid}")
        else:
            embedded.start(supervise=False)
            embedded.detach()
        click.echo(embedded.address.uri)

    @group.command()
    @HOME
    def stop(home: Path | None) -> None:
        """Stop one that was left running. One that a service owns stops with that service."""
        ended = open_embedded(home, _tell).stop_detached()
        click.echo("Neo4j stopped" if ended else "Neo4j was not running")

    @group.command()
    @HOME
    def status(home: Path | None) -> None:
        """Whether it runs, where and for how long. Exits 3 when it does not."""
        found = open_embedded(home, _tell).status()
        if not found.running:
            click.echo("Neo4j is not running")
            raise SystemExit(3)
        owner = f"owned by process {found.owner_pid}" if found.owner_pid else "owned by no service"
        click.echo(f"Neo4j runs as process {found.pid} on port {found.port}, up {found.uptime_s:.0f} s, {owner}")

    @group.command()
    @HOME
    def uri(home: Path | None) -> None:
        """Print what a Bolt client needs. URI, user name, and the file that holds the password."""
        embedded = open_embedded(home, _tell)
        address = embedded.address
        click.echo(f"uri       {address.uri}\nusername  {address.username}\npassword  in {embedded.layout.password_file}")

    group.add_command(_prepare_command(make_ready))
    return group
