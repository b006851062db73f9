"""Which people and identifiers a run of the rules looks at next, page by page."""

from dataclasses import dataclass

from neo4j import AsyncManagedTransaction

from app.domain.identifiers import Identifier
from app.domain.profiles import Standing
from app.domain.rules import Rules
from app.graph.driver import rows
from app.graph.rows import sighted_from
from app.resolve.ruled import Difference, links_under

DRY_RUN, PROMOTE, ROLL_BACK, REBUILD = "dry_run", "promote", "roll_back", "rebuild"
IDENTIFIERS, PEOPLE, STRAYS, DONE = "identifiers", "people", "strays", "done"
# The first phase takes those that are shared, then those that are blocked; its cursor says which.
UNLINKED = (Standing.SHARED.value, Standing.BLOCKED.value)
LOOKED_THROUGH = 10  # times as many identifiers as people, of whom nearly none is a stray


@dataclass(frozen=True, slots=True)
class Page:
    """What one transaction looks at: people by id, and identifiers that would link under the candidate rules."""

    people: tuple[str, ...]
    seeds: tuple[Identifier, ...]
    phase: str  # where the run goes on behind it
    after: str

    def counts(self, one: Difference) -> bool:
        return one.anchor in self.seeds if isinstance(one.anchor, Identifier) else one.anchor in self.people


async def next_page(
    tx: AsyncManagedTransaction, brand_id: str, kind: str, phase: str, after: str, rules: Rules, size: int
) -> Page:
    """What comes behind a place: `after` is a profile id, an identifier's key, or a standing and such a key."""
    if phase == PEOPLE:
        found = await rows(tx, "rules/people", {"brand_id": brand_id, "after": after, "limit": size})
        people = tuple(row["profile_id"] for row in found)
        if people:
            return Page(people, (), PEOPLE, people[-1])
        return Page((), (), STRAYS, "") if kind == REBUILD else Page((), (), DONE, after)
    if phase == STRAYS:
        return await _strays(tx, brand_id, after, size)
    if phase == DONE:  # whoever came so far ended before the run was
        return Page((), (), DONE, after)
    return await _unlinked(tx, brand_id, after, rules, size)


async def _unlinked(tx: AsyncManagedTransaction, brand_id: str, after: str, rules: Rules, size: int) -> Page:
    which, _, behind = after.partition(" ")
    which = which or UNLINKED[0]
    asked = {"brand_id": brand_id, "standing": which, "after": behind, "limit": size}
    unlinked = [row["identifier"] for row in await rows(tx, "rules/unlinked", asked)]
    if not unlinked:
        later = UNLINKED[UNLINKED.index(which) + 1 :]
        return Page((), (), IDENTIFIERS, f"{later[0]} ") if later else Page((), (), PEOPLE, "")
    seeds = tuple(node.identifier for node in map(sighted_from, unlinked) if links_under(rules, node))
    return Page((), seeds, IDENTIFIERS, f"{which} {unlinked[-1]['key']}")


async def _strays(tx: AsyncManagedTransaction, brand_id: str, after: str, size: int) -> Page:
    """Identifiers that somebody was seen with and nobody holds: whoever held them is missing."""
    asked = {"brand_id": brand_id, "standing": Standing.LINKABLE.value, "after": after, "limit": size * LOOKED_THROUGH}
    found = await rows(tx, "rules/strays", asked)
    if not found:
        return Page((), (), DONE, after)
    return Page((), tuple(Identifier(row["type"], row["value"]) for row in found if row["stray"]), STRAYS, found[-1]["key"])
