"""What brands say of their senders, as the graph keeps it."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime

from neo4j import AsyncManagedTransaction

from app.domain.errors import Conflict
from app.domain.senders import SENDERS, Sender
from app.graph.driver import Graph, rows
from app.graph.lately import Lately
from app.graph.rows import Row, key, millis, moment
from app.graph.seal import Seal, digest_of

KNOWN_FOR_S = 5.0  # a change is in force everywhere so much later, and at once where it was made
MOST_KNOWN = 1_000  # brands, and write keys

Known = Mapping[str, Sender]  # a brand's senders by name


class Senders:
    """The senders of every brand. What was read is known for some seconds, so that no delivery waits for it to be read again."""

    def __init__(self, graph: Graph, seal: Seal) -> None:
        self._graph = graph
        self._seal = seal
        self._known = Lately[str, Known](KNOWN_FOR_S, MOST_KNOWN)
        self._brands = Lately[str, str](KNOWN_FOR_S, MOST_KNOWN)  # by digest of their write key

    async def known(self, brand_id: str) -> Known:
        """The senders that a brand says something of, by name, as they were a moment ago. Raises Unavailable."""
        return await self._known.get(brand_id, self._read) or {}

    async def now(self, brand_id: str) -> Known:
        """As `known`, read anew."""
        return await self._known.anew(brand_id, self._read) or {}

    async def _read(self, brand_id: str) -> Known:
        found = await self._graph.look(lambda tx: rows(tx, *said_of(brand_id)))
        return {row["sender"]["name"]: self._sender(row["sender"]) for row in found}

    async def put(self, brand_id: str, sender: Sender, kept: AbstractSet[str], at: datetime) -> None:
        """From now on a brand says this of a sender; but `kept` (names of what may be said) stay as they are, and are not
        even read, so that of two who change a sender at once neither undoes what the other says of them.

        Raises Conflict when its write key is another brand's.
        """

        async def work(tx: AsyncManagedTransaction) -> None:
            if sender.write_key_digest is not None:
                owners = await rows(tx, "senders/of_write_key", {"digest": sender.write_key_digest})
                if any(owner["brand_id"] != brand_id for owner in owners):
                    raise Conflict("write_key is in use by another brand; a key names one brand only, so make a new one")
            await rows(tx, "senders/write", {"asked": self._row(brand_id, sender, kept, at)})

        try:
            await self._graph.write(work)
        finally:  # it may have been written, also where nobody said so
            self._known.forget()
            self._brands.forget()

    async def brand_of(self, write_key: str) -> str | None:
        """Whose write key it is, as of a moment ago; None: nobody's."""
        return await self._brands.get(digest_of(write_key), self._read_brand)

    async def _read_brand(self, digest: str) -> str | None:
        found = await self._graph.read("senders/of_write_key", digest=digest)
        return str(found[0]["brand_id"]) if found else None

    async def delivered(self, brand_id: str, name: str, at: datetime) -> None:
        await self._graph.change("senders/delivered", asked={"key": key(brand_id, name), "now": millis(at)})

    def _sender(self, row: Row) -> Sender:
        return Sender(
            name=row["name"],
            secrets=self._seal.open(row["sealed"]) if row.get("sealed") else (),
            shop_domain=row.get("shop_domain"),
            account_sid=row.get("account_sid"),
            public_url=row.get("public_url"),
            default_country=row.get("default_country"),
            write_key_digest=row.get("write_key_digest"),
            enabled=row.get("enabled", True),
            changed_at=moment(row["changed_at"]),
            delivered_at=moment(row["delivered_at"]),
        )

    def _row(self, brand_id: str, sender: Sender, kept: AbstractSet[str], at: datetime) -> Row:
        said: Row = {
            "shop_domain": sender.shop_domain,
            "account_sid": sender.account_sid,
            "public_url": sender.public_url,
            "default_country": sender.default_country,
            "enabled": sender.enabled,
        }
        said = {"brand_id": brand_id, "name": sender.name, **{name: value for name, value in said.items() if name not in kept}}
        if "secrets" not in kept:
            said["sealed"] = self._seal.close(sender.secrets) if sender.secrets else None
        if "write_key" not in kept:
            said["write_key_digest"] = sender.write_key_digest
        return {"brand_id": brand_id, "key": key(brand_id, sender.name), "now": millis(at), "set": said}


def said_of(brand_id: str) -> tuple[str, Row]:
    """The statement that reads what a brand says of its senders, and its parameters."""
    return "senders/of_brand", {"brand_id": brand_id, "names": SENDERS}
