"""`constintel brand ...` and `constintel keys ...`: for who runs the service. They speak to the graph, not to the service."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol, TypeVar

import click

from app.access.issuing import issue
from app.domain.access import ROLES, ApiKey, Role
from app.domain.brands import brand_of
from app.domain.cursors import Place
from app.domain.times import END_OF_TIME
from app.graph.api_keys import ApiKeys
from app.graph.driver import Graph
from app.graph.rows import millis

T = TypeVar("T")


class Within(Protocol):
    """Runs some work on the graph of a home (None: the configured one), whether its service runs or not."""

    def __call__(self, home: Path | None, work: Callable[[Graph], Awaitable[T]]) -> T: ...


HOME = click.option("--home", type=click.Path(file_okay=False, path_type=Path), help="Folder of the local state.")
BRAND = click.option("--brand", required=True, help="Whose keys they are.")
PAGE = 1_000


def brand_group(within: Within) -> click.Group:
    @click.group("brand")
    def group() -> None:
        """The brands of the graph."""

    @group.command()
    @click.argument("name")
    @HOME
    def create(name: str, home: Path | None) -> None:
        """Make a brand. Where the service asks for keys, no brand is made otherwise."""
        brand_id = brand_of(name)

        async def work(graph: Graph) -> None:
            await graph.change("act/brand", asked={"brand_id": brand_id})

        within(home, work)
        click.echo(f"brand {brand_id} stands; its first key: constintel keys create --brand {brand_id} --role admin --name NAME")

    @group.command("list")
    @HOME
    def list_brands(home: Path | None) -> None:
        """Their names, one a line."""

        async def work(graph: Graph) -> list[str]:
            names: list[str] = []
            while found := await graph.read("act/brands", after=names[-1] if names else "", limit=PAGE):
                names += [row["brand_id"] for row in found]
            return names

        for name in within(home, work):
            click.echo(name)

    return group


def keys_group(within: Within) -> click.Group:
    @click.group("keys")
    def group() -> None:
        """Keys of the API, brand by brand."""

    @group.command()
    @BRAND
    @click.option(
        "--role", required=True, type=click.Choice(ROLES), help="admin: everything; analyst: reads; ingest: sends events."
    )
    @click.option("--name", required=True, help="Who has the key, such as `warehouse sync`.")
    @HOME
    def create(brand: str, role: Role, name: str, home: Path | None) -> None:
        """Make a key. It is printed this once, and kept nowhere."""
        brand_id = brand_of(brand)

        async def work(graph: Graph) -> str:
            _, secret = await issue(ApiKeys(graph), brand_id, role, name, datetime.now(UTC), makes_brand=False)
            return secret

        click.echo(within(home, work))
        click.echo("It is shown this once. Send it as: Authorization: Bearer KEY", err=True)

    @group.command("list")
    @BRAND
    @HOME
    def list_keys(brand: str, home: Path | None) -> None:
        """A brand's keys, the newest first, those that were revoked too."""
        brand_id = brand_of(brand)
        found = within(home, lambda graph: _all_of(graph, brand_id))
        for key in found:
            click.echo(_line(key))
        if not found:
            click.echo(f"brand {brand_id} has no keys; is it called so? `constintel brand list` tells their names", err=True)

    @group.command()
    @click.argument("key_id")
    @BRAND
    @HOME
    def revoke(key_id: str, brand: str, home: Path | None) -> None:
        """Revoke a key, be it the last. A running service takes it for some seconds more."""
        brand_id, now = brand_of(brand), datetime.now(UTC)
        click.echo(_line(within(home, lambda graph: ApiKeys(graph).revoke(brand_id, key_id, now, even_the_last=True))))

    return group


async def _all_of(graph: Graph, brand_id: str) -> list[ApiKey]:
    keys, found = ApiKeys(graph), list[ApiKey]()
    while more := await keys.of_brand(brand_id, _behind(found), PAGE):
        found += more
    return found


def _behind(found: Sequence[ApiKey]) -> Place:
    return (millis(found[-1].created_at), found[-1].key_id) if found else (END_OF_TIME, "")


def _line(key: ApiKey) -> str:
    state = f"revoked {key.revoked_at:%Y-%m-%d %H:%M}" if key.revoked_at else "stands"
    used = f"used {key.last_used_at:%Y-%m-%d %H:%M}" if key.last_used_at else "never used"
    return f"{key.key_id}  {key.role:<7}  ...{key.hint}  {state}, {used}  {key.name}"
