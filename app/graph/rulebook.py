"""Which rules a brand goes by. The graph says which version is in force, so that no two replicas ever disagree."""

from datetime import datetime

from neo4j import AsyncManagedTransaction

from app.domain.rules import SERVICE, Rules, rules_from
from app.graph.driver import Graph, rows
from app.graph.rows import Row, millis

REMEMBERED = 1_000  # versions; none ever changes, so each may be remembered by its name


class RuleBook:
    """The rules of every brand: the service's own, `service`, until a brand has a version of its own in force."""

    def __init__(self, service: Rules) -> None:
        self.service = service
        self._versions: dict[tuple[str, str], Rules] = {}

    async def version(self, tx: AsyncManagedTransaction, brand_id: str, version: str) -> Rules:
        """The rules of one version that is, or was, in force."""
        if version == SERVICE:
            return self.service
        known = self._versions.get((brand_id, version))
        if known is None:
            (row,) = await rows(tx, "rules/version", {"brand_id": brand_id, "version": version})
            known = self._remember(brand_id, version, row["rules"])
        return known

    async def in_force(self, tx: AsyncManagedTransaction, brand_id: str) -> Rules:
        """What the brand goes by at this moment. Whoever decides about people reads it when these are locked: a change of
        rules resolves everybody anew, one after the other, and so either before or after."""
        return self._understood(brand_id, await rows(tx, "rules/in_force", {"brand_id": brand_id}))

    async def now(self, graph: Graph, brand_id: str) -> Rules:
        """As `in_force`, for who only reads."""
        return self._understood(brand_id, await graph.read("rules/in_force", brand_id=brand_id))

    async def then(self, graph: Graph, brand_id: str, known_at: datetime | None) -> Rules:
        """What the brand went by at a moment (None: now). Before its first version those of the service, as they are now."""
        if known_at is None:
            return await self.now(graph, brand_id)
        found = await graph.read("rules/since", brand_id=brand_id)
        since = [one.split("|") for row in found for one in row["since"]]
        by_then = [version for at, version in since if int(at) <= millis(known_at)]
        last = by_then[-1] if by_then else SERVICE
        return await graph.look(lambda tx: self.version(tx, brand_id, last))

    def _understood(self, brand_id: str, found: list[Row]) -> Rules:
        if not found or found[0]["version"] == SERVICE:
            return self.service
        version: str = found[0]["version"]
        return self._versions.get((brand_id, version)) or self._remember(brand_id, version, found[0]["rules"])

    def _remember(self, brand_id: str, version: str, text: str) -> Rules:
        if len(self._versions) >= REMEMBERED:
            del self._versions[next(iter(self._versions))]
        return self._versions.setdefault((brand_id, version), rules_from(version, text))
