"""The job `reminders`: who waits in the merge queue is told of once as new and once as ageing, by each way that is configured.

What is told is stored first, with the messages that tell it, in one transaction under the brand's lock: whatever is killed or
runs twice, a review is in one e-mail of a day and in one call for each of its stages. Then what is due is sent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from neo4j import AsyncManagedTransaction

from app.act.channels.base import Channel
from app.act.reminders.sending import Caller, Outbound, send_due
from app.act.reminders.telling import Place, Waiting, call_body, delivery_id, letter, waiting_from
from app.domain.progress import Progress
from app.graph.driver import Graph, rows
from app.graph.rows import Row, key, millis

A_LETTER = 100  # reviews; those beyond are in the next day's
A_CALL = 50
PATIENCE_S = 30.0
EMAIL, WEBHOOK = "email", "webhook"


@dataclass(frozen=True, slots=True)
class Admins:
    """How admins are told, and what of. `public_url` is where they reach the console."""

    emails: tuple[str, ...] = ()
    webhook: Caller | None = None
    ageing_days: int = 2
    public_url: str = ""


class Reminding:
    """Tells the admins of a brand of reviews that wait."""

    def __init__(self, graph: Graph, admins: Admins, email: Channel, call_s: float, pause_s: float) -> None:
        self._graph = graph
        self._admins = admins
        self._email = email
        self._outbound = Outbound(email, admins.webhook, call_s, pause_s)

    async def run(self, brand_id: str, as_of: datetime, progress: Progress) -> Mapping[str, object]:
        """`{told, sent, failed, later}`: how many reviews at their stages, and what became of the messages."""
        did: dict[str, object] = {"told": 0}
        told = 0
        if self._admins.emails:
            told += await self._told(brand_id, as_of, EMAIL)
        if self._admins.webhook is not None:
            while some := await self._told(brand_id, as_of, WEBHOOK):
                told += some
                progress({"told": told})
        did["told"] = told
        progress(did)
        return {**did, **await send_due(self._graph, brand_id, self._outbound)}

    async def _told(self, brand_id: str, as_of: datetime, way: str) -> int:
        """Stores who is to be told of, and what is sent because of it; how many reviews that are."""
        addressed = [key(brand_id, EMAIL, f"{as_of:%Y-%m-%d}", to) for to in self._admins.emails] if way == EMAIL else []

        async def work(tx: AsyncManagedTransaction) -> int:
            locked = await rows(tx, "act/reminders_lock", {"asked": {"brand_id": brand_id, "keys": addressed}})
            if not locked or locked[0]["made"]:
                return 0  # no such brand, or this day's letter is written
            ageing = as_of - timedelta(days=self._admins.ageing_days)
            asked = {"brand_id": brand_id, "way": way, "as_of": millis(as_of), "ageing": millis(ageing)}
            most = A_LETTER if way == EMAIL else A_CALL
            found = [waiting_from(row) for row in await rows(tx, "act/reviews_untold", {"asked": {**asked, "limit": most}})]
            if found:
                made = self._letters(brand_id, as_of, found) if way == EMAIL else [self._call(brand_id, as_of, found)]
                told = [{"key": _told_key(brand_id, way, one), "review_id": one.review_id, "stage": one.stage} for one in found]
                plan = {"brand_id": brand_id, "way": way, "told": told, "made": made, "now": millis(datetime.now(UTC))}
                await rows(tx, "act/reminders_store", {"plan": plan})
            return len(found)

        return await self._graph.write(work, PATIENCE_S)

    def _letters(self, brand_id: str, as_of: datetime, told: Sequence[Waiting]) -> list[Row]:
        """One an address, all the same."""
        text = letter(told, Place(self._admins.public_url, brand_id), as_of, self._admins.ageing_days)
        day = f"{as_of:%Y-%m-%d}"
        return [
            {
                "key": key(brand_id, EMAIL, day, to),
                "reminder_id": f"{delivery_id(brand_id, EMAIL, told)}-{number}",
                "provider": self._email.provider,
                "to": to,
                "reviews": len(told),
                **text,
            }
            for number, to in enumerate(self._admins.emails)
        ]

    def _call(self, brand_id: str, as_of: datetime, told: Sequence[Waiting]) -> Row:
        assert self._admins.webhook is not None
        named = delivery_id(brand_id, WEBHOOK, told)
        body = call_body(told, Place(self._admins.public_url, brand_id), as_of)
        return {
            "key": key(brand_id, WEBHOOK, named),
            "reminder_id": named,
            "provider": WEBHOOK,
            "to": self._admins.webhook.host,
            "reviews": len(told),
            "subject": None,
            "body": body,
        }


def _told_key(brand_id: str, way: str, one: Waiting) -> str:
    return key(brand_id, way, one.stage, one.review_id)
