"""Versions of a brand's rules: drafts that may be changed, the one in force, and those that were."""

import hashlib
from collections.abc import Mapping
from typing import Any

from neo4j import AsyncManagedTransaction

from app.domain.errors import Conflict, NotFound, StaleRules
from app.domain.rules import SERVICE, Rules, rules_from
from app.graph.deciding import Decision
from app.graph.driver import Graph, Rows, rows
from app.graph.rows import Row, millis
from app.graph.rulebook import RuleBook

BEYOND = 2**53  # after every number


async def list_versions(graph: Graph, brand_id: str, before: int, limit: int) -> list[Row]:
    """A brand's own versions, the newest first."""
    return [row["version"] for row in await graph.read("rules/versions", brand_id=brand_id, before=before, limit=limit)]


async def find_version(graph: Graph, brand_id: str, version: str) -> Row:
    """Raises NotFound."""
    return _one(await graph.read("rules/one", brand_id=brand_id, version=version), version)


def _one(found: Rows, version: str) -> Row:
    if not found:
        raise NotFound(f"no version {version[:40]!r} of this brand's rules; GET /api/rules lists them")
    one: Row = found[0]["version"]
    return one


async def rules_of(graph: Graph, book: RuleBook, brand_id: str, version: str) -> Rules:
    """The rules of a version, the service's own (`0`) among them. Raises NotFound."""
    if version == SERVICE:
        return book.service
    return rules_from(version, (await find_version(graph, brand_id, version))["rules"])


async def create_version(graph: Graph, decision: Decision, rules: Rules, based_on: str) -> str:
    """A new draft; its version."""
    (row,) = await graph.change(
        "rules/create",
        brand_id=decision.brand_id,
        rules=rules.to_json(),
        based_on=based_on,
        note=decision.note,
        by=decision.by,
        at=millis(decision.at),
    )
    created: str = row["version"]
    return created


async def replace_version(graph: Graph, decision: Decision, version: str, rules: Rules, based_on: str) -> None:
    """Other content for a draft. Raises NotFound, Conflict for one that is, or was, in force."""
    brand_id, text, note = decision.brand_id, rules.to_json(), decision.note
    if not await graph.change("rules/replace", brand_id=brand_id, version=version, rules=text, based_on=based_on, note=note):
        raise _no_draft(await find_version(graph, decision.brand_id, version))


async def delete_version(graph: Graph, brand_id: str, version: str) -> None:
    """Raises NotFound, Conflict for one that is, or was, in force, or that a run is about."""
    if not await graph.change("rules/delete", brand_id=brand_id, version=version):
        raise _no_draft(await find_version(graph, brand_id, version))


def seen_as(in_force: str, rules: Rules) -> str:
    """Stands for what somebody looked at who decides on a change: the version in force then, and what would hold instead."""
    return hashlib.sha256(f"{in_force}|{rules.to_json()}".encode()).hexdigest()[:16]


async def check_there(tx: AsyncManagedTransaction, decision: Decision, version: str, seen: str | None) -> None:
    """Under the brand's lock, without which nobody changes a draft or deletes it. Raises NotFound for a version that is gone, and
    StaleRules when another is in force than was looked at (`seen`), or the draft has other content."""
    rules = decision.book.service
    if version != SERVICE:
        found = await rows(tx, "rules/one", {"brand_id": decision.brand_id, "version": version})
        rules = rules_from(version, _one(found, version)["rules"])
    in_force = (await decision.book.in_force(tx, decision.brand_id)).version
    if seen is not None and seen != seen_as(in_force, rules):
        raise StaleRules(f"version {in_force} is in force now, or version {version} was changed; look at it again")


def _no_draft(one: Mapping[str, Any]) -> Conflict:
    if one["status"] == "draft":
        return Conflict(f"a run is about version {one['version']}; cancel it, or wait for its end")
    return Conflict(
        f"version {one['version']} is {one['status'].replace('_', ' ')}, and what was ever in force stays as it was; "
        "POST /api/rules makes a new draft, based on it"
    )
