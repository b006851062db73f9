"""Sends queued messages, each once.

A sender claims a message for a while, looks once more whether it may go, notes that it calls the channel, calls it, and records
what became of it. A claim that ran out without a word means, if the channel was called, that nobody knows: then the provider is
asked before anything is sent again, and where it cannot be asked the message is parked for a person to look at.
"""

import asyncio
import logging
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import orjson
from neo4j import AsyncManagedTransaction

from app.act.automations import Automation, active_automations
from app.act.channels.base import Channel, Message, NobodyKnows, NotAsked, Refused, TryLater, Unsure, before_another_try_s
from app.act.guards import Asked
from app.act.had import Had, before, messages_had
from app.act.last_look import Gone, NotNow, as_it_may_go
from app.act.people import Person, look_at_people
from app.act.queueing import Rules
from app.act.reports import apply_reports, report_key
from app.domain.errors import ConstIntelError
from app.graph.driver import Graph, rows
from app.graph.rows import Row, key, millis, moment

log = logging.getLogger(__name__)

AT_ONCE = 16  # messages of one page, which are under way together
TRIES = 6
LONGEST_PAUSE_S = 3_600.0
SKEW = timedelta(minutes=5)  # what our clock and a provider's may differ by
RECORD_TRIES = 3


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

    async def send_due(self, brand_id: str, as_of: datetime, only: frozenset[str] | None) -> Sent:
        """Sends all that is due; of the automations in `only` alone, if there is such. The clock goes on meanwhile."""
        did, loop = Sent(), asyncio.get_running_loop()
        began = loop.time()
        while page := await self._claim(brand_id, as_of, only):
            clock = as_of + timedelta(seconds=loop.time() - began)
            left = {str(one.row["campaign_id"]): one for one in page}
            try:
                await self._send_page(brand_id, page, clock, left, did)
            finally:
                await self._give_back(brand_id, left)
        return did

    async def _send_page(
        self, brand_id: str, page: list["_Claimed"], clock: datetime, left: dict[str, "_Claimed"], did: Sent
    ) -> None:
        """`left` are those of the page that were neither called nor settled; they leave it one by one."""
        active = {one.automation_id: one for one in await active_automations(self._graph, brand_id)}
        people = await look_at_people(self._graph, brand_id, [one.row["profile_id"] for one in page], millis(clock))
        about = {one.row["automation_id"] for one in page} & {*active}
        had = {automation_id: await self._had(brand_id, active[automation_id], people) for automation_id in about}
        sendings = []
        for one in page:
            automation, person = active.get(one.row["automation_id"]), people.get(one.row["profile_id"])
            asked = None
            if automation and person:
                earlier = tuple(before(one.had, had[automation.automation_id].get(person.profile_id, ())))
                asked = Asked(automation, one.began, millis(clock), self._rules.require_consent, one.row["batch_id"], earlier)
            sendings.append(self._settle(one, asked, person, left, did))
        await asyncio.gather(*sendings)

    async def _had(self, brand_id: str, automation: Automation, people: Mapping[str, Person]) -> Mapping[str, list[Had]]:
        return await self._graph.look(lambda tx: messages_had(tx, brand_id, automation, people))

    async def _claim(self, brand_id: str, as_of: datetime, only: frozenset[str] | None) -> list["_Claimed"]:
        claimant = uuid.uuid4().hex
        asked = {
            "brand_id": brand_id,
            "clock": millis(as_of),
            "claimant": claimant,
            "claim_ms": round(self._patience.claim_s * 1000),
            "automations": None if only is None else sorted(only),
            "providers": self._rules.providers,
            "limit": AT_ONCE,
        }
        found = await self._graph.change("act/claim", asked=asked)
        return [_Claimed(brand_id, claimant, row["message"], row["began"], tuple(row["products"] or ())) for row in found]

    async def _give_back(self, brand_id: str, left: Mapping[str, "_Claimed"], until: int | None = None, why: str = "") -> None:
        """Gives back claims that no channel was called for. What cannot be told now is given back by time."""
        if not left:
            return
        asked = {
            "brand_id": brand_id,
            "claimant": next(iter(left.values())).claimant,
            "pause_ms": 0 if until is not None else round(self._patience.pause_s * 1000),
            "rows": [
                {
                    "campaign": key(brand_id, campaign_id),
                    "unsure": one.row["unsure"],
                    "not_before": until,
                    "reason": why or None,
                }
                for campaign_id, one in left.items()
            ],
        }
        try:
            await self._graph.change("act/release", asked=asked)
        except ConstIntelError as error:
            log.warning("%d claims of messages could not be given back: %s", len(left), error.detail)

    async def _settle(
        self, one: "_Claimed", asked: Asked | None, person: Person | None, left: dict[str, "_Claimed"], did: Sent
    ) -> None:
        """One claimed message: what became of it is recorded. Whatever else goes wrong leaves the claim to run out, or to be
        given back when the channel was not called."""
        try:
            await self._sent_or_not(one, asked, person, left, did)
        except ConstIntelError as error:
            log.warning("message %s: %s", one.row["campaign_id"], error.detail)
        except Exception:  # its neighbours go on, and what is not known is asked for later
            log.exception("message %s", one.row["campaign_id"])

    async def _sent_or_not(
        self, one: "_Claimed", asked: Asked | None, person: Person | None, left: dict[str, "_Claimed"], did: Sent
    ) -> None:
        name = str(one.row["campaign_id"])
        try:
            message_id = await self._tried(one, asked, person, left)
        except Gone as error:
            did.skipped += 1
            await self._not_sent(one, "failed", str(error), execution="skipped")
        except Refused as error:
            did.failed += 1
            unsure = False if isinstance(error, NobodyKnows) else None
            await self._not_sent(one, "failed", str(error), execution="failed", unsure=unsure)
        except TryLater as error:
            await self._again(one, error, did)
        except NotNow as error:
            did.later += 1
            await self._give_back(one.brand_id, {name: one}, error.until, str(error))
        except Unsure as error:
            # Nothing is written: until the claim runs out it may still arrive there, and then the provider is asked.
            log.info("message %s may have been sent: %s", name, error)
            did.later += 1
        else:
            await self._record(one, message_id, did)
        left.pop(name, None)

    async def _tried(
        self, one: "_Claimed", asked: Asked | None, person: Person | None, left: dict[str, "_Claimed"]
    ) -> str | None:
        """The provider's id of the message, which is sent now unless it was sent before."""
        channel = self._rules.channels[one.row["channel"]]
        if one.row["unsure"]:
            found = await self._found(one, channel)
            if found is not None:
                return found
            if one.row["attempts"] > TRIES:
                raise Refused(f"given up after {TRIES} tries without an answer that tells")
        message = self._rules.with_way_out(as_it_may_go(one.message, one.products, asked, person, channel))

        async def begins() -> None:
            """Raises NotNow when the claim does not last for the call: it is somebody else's by then. Nor does it for a process
            that was stopped since it asked (SIGSTOP, a machine that was paused): what it hears is old when it wakes up."""
            variables, asked_at = message.content_variables, asyncio.get_running_loop().time()
            said = {
                "least_ms": round(2 * self._patience.call_s * 1000),
                "content_sid": message.content_sid,
                "content_variables": None if variables is None else orjson.dumps(dict(variables)).decode(),
            }
            ours = await self._graph.change("act/call", asked={**one.named, **said})
            if not ours or asyncio.get_running_loop().time() - asked_at > self._patience.call_s:
                raise NotNow("its turn came too late")
            left.pop(str(one.row["campaign_id"]), None)

        return await channel.send(message, begins)

    async def _found(self, one: "_Claimed", channel: Channel) -> str | None:
        """The provider's id of a message that may have been sent; None when it was not. Raises Refused when nobody can know."""
        since = (moment(one.row["first_claimed_at"]) or datetime.now(UTC)) - SKEW
        has_it = channel.provider == one.row["provider"]
        ids = await channel.find(one.message, since) if has_it else None
        if ids is None:
            why = "unknown: it may have been sent, and the provider cannot be asked; look, and redrive it if it was not"
            raise NobodyKnows(why) if has_it else Refused(why)  # another provider may yet report it, or be configured again
        keys = {_message_key(channel.provider, message_id): message_id for message_id in ids}
        known = await self._graph.read("act/known_messages", message_keys=sorted(keys)) if keys else []
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

    async def _again(self, one: "_Claimed", reason: TryLater, did: Sent) -> None:
        if one.row["attempts"] >= TRIES:
            did.failed += 1
            return await self._not_sent(one, "failed", f"{reason}; given up after {TRIES} tries", execution="failed")
        did.later += 1
        pause_s = before_another_try_s(self._patience.pause_s, one.row["attempts"], LONGEST_PAUSE_S)
        return await self._not_sent(one, "queued", str(reason), None, pause_s, holds=isinstance(reason, NotAsked))

    async def _not_sent(
        self,
        one: "_Claimed",
        status: str,
        reason: str,
        execution: str | None,
        pause_s: float = 0,
        unsure: bool | None = None,
        holds: bool = False,
    ) -> None:
        """`unsure` None leaves it at what it was before. `holds`: nothing else goes to its address until somebody knows."""
        unsure = bool(one.row["unsure"]) if unsure is None else unsure
        said = {"status": status, "execution": execution, "reason": reason[:500], "unsure": unsure, "holds": holds}
        times = {"pause_ms": round(pause_s * 1000), "now": millis(datetime.now(UTC))}
        await self._graph.change("act/not_sent", asked={**one.named, **said, **times})


@dataclass(frozen=True, slots=True)
class _Claimed:
    """A message that is ours for a while; `began` and `products` are its occurrence's."""

    brand_id: str
    claimant: str
    row: Row
    began: int
    products: tuple[str, ...]

    @property
    def had(self) -> Had:
        return Had(self.row["queued_as_of"], self.row["campaign_id"], self.row["batch_id"])

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


def _message_key(provider: str, message_id: str) -> str:
    return f"{provider}|{message_id}"
