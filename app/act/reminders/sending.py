"""Sends reminders that are due. One sender at a time has a reminder, by a claim that runs out.

An e-mail that may have been sent is not sent again: it is parked for a person to look at. A webhook's call is made again, under
its id. What fails is tried again, ever later, and then parked; a person may have it sent once more.
"""

import logging
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from app.act.channels.base import Channel, Message, Refused, TryLater, Unsure, before_another_try_s
from app.domain.cursors import Place
from app.domain.errors import Conflict, NotFound
from app.graph.driver import Graph
from app.graph.listing import Newest
from app.graph.rows import Row, moment

log = logging.getLogger(__name__)

REMINDER_LIST = Newest("reminders", "created_at", "reminder_id")
TRIES = 8
LONGEST_PAUSE_S = 6 * 3_600.0
AT_ONCE = 10
UNKNOWN = "unknown: it may have been sent, and a mail server cannot be asked; look, and send it once more if it was not"


class Caller(Protocol):
    """A webhook: `host` is what may be shown of it."""

    @property
    def host(self) -> str: ...

    async def call(self, reminder_id: str, body: str) -> None:
        """Makes one call. Raises TryLater or Refused."""


@dataclass(frozen=True, slots=True)
class Outbound:
    """The ways out. One call takes at most `call_s`; `pause_s` is the first pause before another try."""

    email: Channel
    webhook: Caller | None
    call_s: float
    pause_s: float


async def send_due(graph: Graph, brand_id: str, out: Outbound) -> Mapping[str, object]:
    """`{sent, failed, later}`."""
    did = {"sent": 0, "failed": 0, "later": 0}
    claimant = uuid.uuid4().hex
    claim_ms = round((AT_ONCE + 2) * out.call_s * 2 * 1000)  # one after the other, and time left
    asked = {"brand_id": brand_id, "claimant": claimant, "claim_ms": claim_ms, "limit": AT_ONCE}
    while page := await graph.change("act/reminders_claim", asked=asked):
        for row in page:
            did[await _settled(graph, row["reminder"], claimant, out)] += 1
    return did


async def _settled(graph: Graph, one: Row, claimant: str, out: Outbound) -> str:
    """sent, failed or later; as the graph says from then on."""
    asked = {"reminder": one["key"], "brand_id": one["brand_id"], "claimant": claimant}
    pause_s = 0.0
    try:
        await _send(graph, one, asked, out)
        status, reason = "sent", None
    except (Refused, Unsure) as error:
        status, reason = "failed", str(error) if isinstance(error, Refused) else UNKNOWN
    except TryLater as error:
        over = one["attempts"] >= TRIES
        status, reason = "failed" if over else "queued", f"{error}; given up after {TRIES} tries" if over else str(error)
        pause_s = before_another_try_s(out.pause_s, one["attempts"], LONGEST_PAUSE_S)
    if status == "failed":
        log.warning("reminder %s of brand %s is parked: %s", one["reminder_id"], one["brand_id"], reason)
    said = {"status": status, "reason": reason, "pause_ms": round(pause_s * 1000)}
    await graph.change("act/reminders_settle", asked={**asked, **said})
    return "later" if status == "queued" else status


async def _send(graph: Graph, one: Row, asked: Row, out: Outbound) -> None:
    """Raises Refused, TryLater or Unsure."""
    if one["way"] == "webhook":
        if out.webhook is None:
            raise Refused("no webhook is configured any more")
        return await out.webhook.call(one["reminder_id"], one["body"])
    if one["called"]:
        raise Refused(UNKNOWN)

    async def begins() -> None:
        if not await graph.change("act/reminders_call", asked=asked):
            raise TryLater("its turn came too late")

    message = Message(
        one["reminder_id"], one["brand_id"], channel="email", to=one["to"], body=one["body"], subject=one["subject"]
    )
    await out.email.send(message, begins)
    return None


async def list_reminders(graph: Graph, brand_id: str, place: Place, limit: int) -> list[Row]:
    """The newest first, from behind `place` (epoch milliseconds and id). Bodies are left out."""
    before, after = place
    found = await graph.read("act/reminders", brand_id=brand_id, before=before, after=after, limit=limit)
    return [_view(row["reminder"]) for row in found]


def _view(row: Row) -> Row:
    waits = row["due"] or None if row["status"] == "queued" else None
    shown = {name: value for name, value in row.items() if name != "due"}
    return {**shown, "created_at": moment(row["created_at"]), "sent_at": moment(row["sent_at"]), "next_try_at": moment(waits)}


async def resend(graph: Graph, brand_id: str, reminder_id: str) -> None:
    """Queues a parked reminder once more. Raises NotFound, and Conflict for one that is not parked."""
    found = await graph.change("act/reminders_resend", asked={"brand_id": brand_id, "reminder_id": reminder_id})
    if not found:
        raise NotFound(f"no reminder {reminder_id[:128]!r} in this brand; GET /api/reminders lists them")
    if not found[0]["again"]:
        raise Conflict(f"this reminder is {found[0]['status']}; only one that is parked (failed) is sent once more")
