"""Keys of the API, as the graph keeps them: by their digest, with whose they are and what they open."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from neo4j import AsyncManagedTransaction

from app.domain.access import ApiKey, check_first, check_revocable
from app.domain.cursors import Place
from app.domain.errors import NotFound
from app.graph.driver import Graph, Work, rows
from app.graph.lately import Lately, Seldom
from app.graph.listing import Newest
from app.graph.rows import Row, key, millis, moment
from app.graph.seal import digest_of

T = TypeVar("T")

KNOWN_FOR_S = 5.0  # a revocation is in force everywhere so much later, and at once where it was made
MOST_KNOWN = 1_000
PATIENCE_S = 2.0  # for what a call waits for before it is even looked at
API_KEY_LIST = Newest("api-keys", "created_at", "key_id")


class ApiKeys:
    """The keys of every brand. What was read is known for some seconds, so that no call waits for it to be read again."""

    def __init__(self, graph: Graph, clock: Callable[[], float] = time.monotonic) -> None:
        self._graph = graph
        self._by_digest = Lately[str, ApiKey](KNOWN_FOR_S, MOST_KNOWN)
        self._by_id = Lately[tuple[str, str], ApiKey](KNOWN_FOR_S, MOST_KNOWN)
        self._any = Lately[None, bool](KNOWN_FOR_S, 1)
        self._ever_issued = False  # once one was, that stays so: revoked keys are kept
        self._noted = Seldom[tuple[str, str]](clock)

    async def any_issued(self) -> bool:
        """Whether any brand ever had a key, as of a moment ago. Raises Unavailable."""
        if not self._ever_issued:
            self._ever_issued = bool(await self._any.get(None, self._read_any))
        return self._ever_issued

    async def of_secret(self, secret: str) -> ApiKey | None:
        """The key, as of a moment ago, revoked or not; None: nobody's. Raises Unavailable."""
        return await self._by_digest.get(digest_of(secret), self._read_digest)

    async def of_id(self, brand_id: str, key_id: str) -> ApiKey | None:
        """A brand's key, as of a moment ago. Raises Unavailable."""
        return await self._by_id.get((brand_id, key_id), self._read_id)

    async def of_brand(self, brand_id: str, place: Place, limit: int) -> list[ApiKey]:
        """The newest first, from behind a place."""
        before, after = place
        return _all(await self._graph.read("access/of_brand", brand_id=brand_id, before=before, after=after, limit=limit))

    async def create(self, new: ApiKey, secret: str, makes_brand: bool) -> None:
        """Raises Conflict when it would be the first and is no admin's, NotFound for an unknown brand that is not to be made."""
        kept = {"brand_id": new.brand_id, "key_id": new.key_id, "name": new.name, "role": new.role, "hint": new.hint}
        asked = {
            "key": key(new.brand_id, new.key_id),
            "now": millis(new.created_at),
            "set": {**kept, "digest": digest_of(secret)},
        }

        async def work(tx: AsyncManagedTransaction) -> None:
            check_first(new.role, bool(await rows(tx, "access/any", {})))
            if makes_brand:
                await rows(tx, "act/brand", {"asked": {"brand_id": new.brand_id}})
            await _lock(tx, new.brand_id)
            await rows(tx, "access/create", {"asked": asked})

        await self._changed(work)

    async def revoke(self, brand_id: str, key_id: str, at: datetime, even_the_last: bool = False) -> ApiKey:
        """The key as it is then. Raises NotFound, and Conflict unless `even_the_last` admin's may go before all others."""

        async def work(tx: AsyncManagedTransaction) -> ApiKey:
            await _lock(tx, brand_id)
            if not await rows(tx, "access/of_id", {"key": key(brand_id, key_id)}):
                raise NotFound(f"brand {brand_id} has no key {key_id[:80]!r}; GET /api/keys lists them")
            if not even_the_last:
                check_revocable(_all(await rows(tx, "access/standing", {"brand_id": brand_id})), key_id)
            await rows(tx, "access/revoke", {"asked": {"key": key(brand_id, key_id), "now": millis(at)}})
            (row,) = await rows(tx, "access/of_id", {"key": key(brand_id, key_id)})
            return _key(row["found"])

        return await self._changed(work)

    async def use(self, used: ApiKey, at: datetime) -> None:
        """Notes that a key was used, once a minute."""
        what = (used.brand_id, used.key_id)
        asked = {"key": key(*what), "now": millis(at)}
        await self._noted.note(what, lambda: self._graph.change("access/used", PATIENCE_S, asked=asked))

    async def _changed(self, work: Work[T]) -> T:
        try:
            return await self._graph.write(work)
        finally:  # it may have been written, also where nobody said so
            for known in (self._by_digest, self._by_id, self._any):
                known.forget()

    async def _read_any(self, _: None) -> bool:
        return bool(await self._look("access/any", {}))

    async def _read_digest(self, digest: str) -> ApiKey | None:
        return next(iter(_all(await self._look("access/of_digest", {"digest": digest}))), None)

    async def _read_id(self, asked: tuple[str, str]) -> ApiKey | None:
        return next(iter(_all(await self._look("access/of_id", {"key": key(*asked)}))), None)

    async def _look(self, name: str, parameters: Row) -> list[Row]:
        return await self._graph.look(lambda tx: rows(tx, name, parameters), PATIENCE_S)


async def _lock(tx: AsyncManagedTransaction, brand_id: str) -> None:
    """One at a time. Raises NotFound."""
    if not await rows(tx, "access/lock_brand", {"brand_id": brand_id}):
        raise NotFound(f"there is no brand {brand_id}; make it with `constintel brand create {brand_id}`")


def _all(found: Sequence[Row]) -> list[ApiKey]:
    return [_key(row["found"]) for row in found]


def _key(row: Row) -> ApiKey:
    times = {name: moment(row[name]) for name in ("created_at", "revoked_at", "last_used_at")}
    return ApiKey(**{**row, **times})
