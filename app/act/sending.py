"""Sends queued messages, each once.

A sender claims a message for a while, calls the channel, and records what became of it. A claim that ran out without a word
means that nobody knows: then the provider is asked before anything is sent again, and where it cannot be asked the message is
parked for a person to look at.
"""

import asyncio
import logging
import random
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import orjson
from neo4j import AsyncManagedTransaction

from app.act.automations import Automation
from app.act.channels.base import Channel, Message, Refused, TryLater, Unsure
from app.act.guards import Asked, no_longer, unwanted
from app.act.people import Person, look_at_people
from app.act.queueing import Rules
from app.act.reports import apply_reports, report_key
from app.domain.errors import Conflict, ConstIntelError, NotFound
from app.graph.driver import Graph, Rows, rows
from app.graph.rows import Row, key, millis, moment

log = logging.getLogger(__name__)

AT_ONCE = 16  # messages of one page, which are under way together
TRIES = 6
LONGEST_PAUSE_S = 3_600.0
SKEW = timedelta(minutes=5)  # what our clock and a provider's may differ by
RECORD_TRIES = 3


class _Gone(Exception):
    """The occasion of a message is gone, or it is not wanted."""


@dataclass(slots=True)
class Sent:
    """What one run of sending did."""

    sent: int = 0
    failed: int = 0
    skipped: int = 0
    later: int = 0


@dataclass(frozen=True, slots=True)
class Patience:
    """`call_s` is the longest one call to a channel may take; a claim is good for several of them, so that whoever finds it
    expired may be sure that nothing of it is still on its way. `pause_s` is the first pause before another try."""

    call_s: float = 15.0
    pause_s: float = 30.0

    @property
    def claim_s(self) -> float:
        return 4 * self.call_s


class Sender:
    """Sends what is queued in a brand. Several may run at the same time, in as many processes."""

    def __init__(self, graph: Graph, rules: Rules, patience: Patience) -> None:
        self._graph = graph
        self._rules = rules
        self._patience = patience

    async def send_due(
        self, brand_id: str, automations: Mapping[str, Automation], as_of: datetime, only: frozenset[str] | None
    ) -> Sent:
        """Sends all that is due; of the automations in `only` alone, if there is such."""
        did = Sent()
        while page := await self._claim(brand_id, as_of, only):
            until = asyncio.get_running_loop().time() + self._patience.claim_s - 2 * self._patience.call_s
            people = await look_at_people(
                self._graph, brand_id, [row["message"]["profile_id"] for row in page.messages], millis(as_of)
            )
            sendings = []
            for row in page.messages:
                one = row["message"]
                automation, person = automations.get(one["automation_id"]), people.get(one["profile_id"])
                asked = Asked(automation, row["began"], millis(as_of), self._rules.require_consent) if automation else None
                sendings.append(self._settle(_Claimed(brand_id, page.claimant, one, until), asked, person, did))
            await asyncio.gather(*sendings)
        return did

    async def _claim(self, brand_id: str, as_of: datetime, only: frozenset[str] | None) -> "_Page | None":
        claimant = uuid.uuid4().hex
        asked = {
            "brand_id": brand_id,
            "clock": millis(as_of),
            "claimant": claimant,
            "claim_ms": round(self._patience.claim_s * 1000),
            "automations": None if only is None else sorted(only),
            "providers": {name: channel.provider for name, channel in self._rules.channels.items()},
            "limit": AT_ONCE,
        }
        found = await self._graph.change("act/claim", asked=asked)
        return _Page(claimant, found) if found else None

    async def _settle(self, one: "_Claimed", asked: Asked | None, person: Person | None, did: Sent) -> None:
        """One claimed message: what became of it is recorded. Whatever else goes wrong leaves the claim to run out."""
        try:
            await self._sent_or_not(one, asked, person, did)
        except ConstIntelError as error:
            log.warning("message %s: %s", one.row["campaign_id"], error.detail)
        except Exception:  # its neighbours go on, and what is not known is asked for later
            log.exception("message %s", one.row["campaign_id"])

    async def _sent_or_not(self, one: "_Claimed", asked: Asked | None, person: Person | None, did: Sent) -> None:
        try:
            message_id = await self._tried(one, asked, person)
        except _Gone as error:
            did.skipped += 1
            await self._not_sent(one, "failed", str(error), execution="skipped")
        except Refused as error:
            did.failed += 1
            await self._not_sent(one, "failed", str(error), execution="failed")
        except TryLater as error:
            await self._again(one, str(error), did)
        except Unsure as error:
            # Nothing is written: until the claim runs out it may still arrive there, and then the provider is asked.
            log.info("message %s may have been sent: %s", one.row["campaign_id"], error)
            did.later += 1
        else:
            await self._record(one, message_id, did)

    async def _tried(self, one: "_Claimed", asked: Asked | None, person: Person | None) -> str | None:
        """The provider's id of the message, which is sent now unless it was sent before."""
        channel = self._rules.channels[one.row["channel"]]
        if one.row["unsure"]:
            found = await self._found(one, channel)
            if found is not None:
                return found
            if one.row["attempts"] > TRIES:
                raise Refused(f"given up after {TRIES} tries without an answer that tells")
        reason = _why_not(asked, person)
        if reason is not None:
            raise _Gone(reason)
        if asyncio.get_running_loop().time() > one.until:
            raise Unsure("it is too late to be sure that it is ours alone")
        return await channel.send(one.message)

    async def _found(self, one: "_Claimed", channel: Channel) -> str | None:
        """The provider's id of a message that may have been sent; None when it was not. Raises Refused when nobody can know."""
        since = (moment(one.row["first_claimed_at"]) or datetime.now(UTC)) - SKEW
        ids = await channel.find(one.message, since) if channel.provider == one.row["provider"] else None
        if ids is None:
            raise Refused("unknown: it may have been sent, and the provider cannot be asked; look, and redrive it if it was not")
        keys = {_message_key(channel.provider, message_id): message_id for message_id in ids}
        known = await self._graph.read("act/known_messages", message_keys=sorted(keys), brand_id=one.brand_id) if keys else []
        taken = {row["message_key"] for row in known}
        return next((message_id for name, message_id in keys.items() if name not in taken), None)

    async def _record(self, one: "_Claimed", message_id: str | None, did: Sent) -> None:
        name = _message_key(one.row["provider"], message_id) if message_id else None
        asked = {**one.named, "message_id": message_id, "message_key": name, "now": millis(datetime.now(UTC))}

        async def work(tx: AsyncManagedTransaction) -> None:
            await rows(tx, "act/sent", {"asked": asked})
            if name is not None:  # what was reported of it already
                await apply_reports(tx, [report_key(one.brand_id, name)])

        for left in reversed(range(RECORD_TRIES)):
            try:
                await self._graph.write(work)
                break
            except ConstIntelError:
                if not left:
                    raise
        did.sent += 1

    async def _again(self, one: "_Claimed", reason: str, did: Sent) -> None:
        if one.row["attempts"] >= TRIES:
            did.failed += 1
            return await self._not_sent(one, "failed", f"{reason}; given up after {TRIES} tries", execution="failed")
        did.later += 1
        pause_s = min(self._patience.pause_s * 2 ** (one.row["attempts"] - 1), LONGEST_PAUSE_S)
        pause_s *= random.uniform(0.8, 1.2)  # noqa: S311 - no secret
        return await self._not_sent(one, "queued", reason, execution=None, pause_s=pause_s)

    async def _not_sent(self, one: "_Claimed", status: str, reason: str, execution: str | None, pause_s: float = 0) -> None:
        said = {"status": status, "execution": execution, "reason": reason[:500], "pause_ms": round(pause_s * 1000)}
        unsure = bool(one.row["unsure"]) and one.row["provider"] != "smtp"
        await self._graph.change("act/not_sent", asked={**one.named, **said, "unsure": unsure, "now": millis(datetime.now(UTC))})


@dataclass(frozen=True, slots=True)
class _Page:
    claimant: str
    messages: Rows


@dataclass(frozen=True, slots=True)
class _Claimed:
    """A message that is ours until `until` (the loop's time)."""

    brand_id: str
    claimant: str
    row: Row
    until: float

    @property
    def named(self) -> dict[str, str]:
        return {"brand_id": self.brand_id, "campaign": key(self.brand_id, self.row["campaign_id"]), "claimant": self.claimant}

    @property
    def message(self) -> Message:
        row = self.row
        variables = row["content_variables"]
        return Message(
            campaign_id=row["campaign_id"],
            brand_id=self.brand_id,
            channel=row["channel"],
            to=row["to"],
            body=row["body"],
            subject=row["subject"],
            content_sid=row["content_sid"],
            content_variables=orjson.loads(variables) if variables else None,
        )


def _why_not(asked: Asked | None, person: Person | None) -> str | None:
    if person is None:
        return "nobody answers for this profile any more"
    if asked is None:
        return "its automation is not active any more"
    return unwanted(asked, person) or no_longer(asked, person)


def _message_key(provider: str, message_id: str) -> str:
    return f"{provider}|{message_id}"


async def redrive(graph: Graph, brand_id: str, campaign_id: str) -> None:
    """Queues a failed message once more. Raises NotFound, and Conflict for one that did not fail or that the provider has."""

    found = await graph.change("act/redrive", asked={"brand_id": brand_id, "campaign": key(brand_id, campaign_id)})
    if not found:
        raise NotFound(f"no message {campaign_id[:128]!r} in this brand; GET /api/campaign-executions lists them")
    if not found[0]["redriven"]:
        raise Conflict(
            f"this message is {found[0]['status']} and went out already, or waits; only one that was not sent is redriven"
        )
