"""What providers report of messages that left: applied at once, or once it is known whose message it is."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from neo4j import AsyncManagedTransaction

from app.act.status import OF_TWILIO, RANK
from app.graph.driver import Graph, rows
from app.graph.rows import key, millis

AT_ONCE = 200
CROSSED = timedelta(hours=1)  # more than a report and the id of its message can miss each other by
KEPT = timedelta(days=3)  # a report of a message that nobody here has sent

Report = tuple[str, str, str | None, str | None]
"""The provider's id of a message, its word for what became of it, the code of the error, and our id of the message."""


async def take_reports(graph: Graph, brand_id: str, provider: str, reports: Iterable[Report]) -> None:
    """Stores reports and moves the messages they are about.

    A word that says nothing new (accepted, queued) is passed over, unless it says whose the message is.
    """
    found = [
        {
            "key": report_key(brand_id, name),
            "message_key": name,
            "message_id": message_id,
            "campaign": campaign_id and key(brand_id, campaign_id),
            "status": status,
            "error_code": error_code,
        }
        for message_id, word, error_code, campaign_id in reports
        for name, status in [(f"{provider}|{message_id}", OF_TWILIO.get(word.lower()))]
        if status is not None and (status != "queued" or campaign_id is not None)
    ]
    if not found:
        return

    async def work(tx: AsyncManagedTransaction) -> None:
        asked = {"brand_id": brand_id, "ranks": RANK, "rows": found, "now": millis(datetime.now(UTC))}
        await rows(tx, "act/report", {"asked": asked})
        await apply_reports(tx, [str(one["key"]) for one in found])

    await graph.write(work)


async def apply_reports(tx: AsyncManagedTransaction, keys: list[str]) -> int:
    """Moves the messages that these reports are about; how many reports found theirs."""
    await rows(tx, "act/reports_adopt", {"asked": {"keys": keys, "now": millis(datetime.now(UTC))}})
    (row,) = await rows(tx, "act/reports_apply", {"asked": {"keys": keys, "ranks": RANK}})
    applied: int = row["applied"]
    return applied


async def sweep_reports(graph: Graph, brand_id: str) -> int:
    """Applies reports that were stored while their message's id was, so that neither saw the other; how many.

    Whoever learns an id later applies what waits for it (`apply_reports`), so the others are of messages of somebody else's: they
    are let go in time, and not looked at until then.
    """
    now = datetime.now(UTC)
    applied, after, last = 0, millis(now - CROSSED), ""
    while page := await graph.read("act/reports_waiting", brand_id=brand_id, after=after, last=last, limit=AT_ONCE):
        keys = [row["key"] for row in page]

        async def work(tx: AsyncManagedTransaction, keys: list[str] = keys) -> int:
            return await apply_reports(tx, keys)

        applied += await graph.write(work)
        after, last = page[-1]["received_at"], page[-1]["key"]
    asked = {"brand_id": brand_id, "before": millis(now - KEPT), "limit": AT_ONCE}
    while (await graph.change("act/reports_trim", asked=asked))[0]["deleted"]:
        pass
    return applied


def report_key(brand_id: str, message_key: str) -> str:
    return key(brand_id, message_key)
