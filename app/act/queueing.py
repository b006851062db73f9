"""From executions to queued messages: batches, a person's approval of large ones, and the guards before each message."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from neo4j import AsyncManagedTransaction

from app.act.automations import Automation
from app.act.channels.base import Channel, Message
from app.act.guards import Asked, enough, no_longer, unwanted
from app.act.had import Had, messages_had
from app.act.people import Person, read_people
from app.act.quiet import may_go_at
from app.act.templates import InvalidTemplate
from app.act.writing import NO_TEMPLATE, needs_template, templated, written
from app.domain.events import stable_id
from app.graph.driver import Graph, rows
from app.graph.leaving import Links
from app.graph.rows import DAY_MS, Row, key, millis

AT_ONCE = 50
PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True)
class Queued:
    queued: int = 0
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class Rules:
    """What a brand's messages go by: the ways out, by channel, whether consent must have been given, how many people are
    reached without a person's approval, and the links by which they want no more."""

    channels: Mapping[str, Channel]
    require_consent: bool
    most_people: int = 500
    links: Links | None = None

    @property
    def providers(self) -> dict[str, str]:
        """Whose each channel is."""
        return {name: channel.provider for name, channel in self.channels.items()}

    def with_way_out(self, message: Message) -> Message:
        """An e-mail with a link of its own; by the other channels people answer STOP."""
        if message.channel != "email" or self.links is None:
            return message
        return replace(message, leave_url=self.links.to(message.brand_id, message.to))


async def close_batches(graph: Graph, brand_id: str, only: frozenset[str] | None, most: int) -> int:
    """Ends the gathering of open batches, also of those that a killed run left behind: how many people wait for approval.

    All of them wait when this run, over all its automations, and what went out unasked within a day would reach more than `most`
    people: running often, or with many automations, reaches no more. By our own clock, whatever the job's is. Of the automations
    in `only` alone, if there is such.
    """
    since = millis(datetime.now(UTC)) - DAY_MS
    asked = {"brand_id": brand_id, "automations": None if only is None else sorted(only), "most": most, "since": since}
    found = await graph.change("act/batches_close", PATIENCE_S, asked=asked)
    return sum(row["people"] for row in found if row["status"] == "waiting")


async def queue_released(
    graph: Graph, brand_id: str, automations: Sequence[Automation], rules: Rules, as_of: datetime, only: frozenset[str] | None
) -> Queued:
    """Queues, or skips, what waits in batches that were released; of the automations in `only` alone, if there is such.

    `automations` are the active ones: what belongs to another is skipped.
    """
    active = {automation.automation_id: automation for automation in automations}
    queued = skipped = 0
    for batch in await graph.read("act/batches_unsettled", brand_id=brand_id):
        if only is not None and batch["automation_id"] not in only:
            continue
        while page := await _decide(graph, brand_id, batch, active.get(batch["automation_id"]), rules, as_of):
            queued += len(page["queued"])
            skipped += len(page["skipped"])
        await graph.change("act/batch_settled", PATIENCE_S, asked={"brand_id": brand_id, "batch": batch["key"]})
    return Queued(queued, skipped)


async def _decide(
    graph: Graph, brand_id: str, batch: Row, automation: Automation | None, rules: Rules, as_of: datetime
) -> dict[str, list[Row]] | None:
    """One page of a batch; None when nothing waits in it."""
    clock = millis(as_of)

    async def work(tx: AsyncManagedTransaction) -> dict[str, list[Row]] | None:
        asked = {"batch": batch["key"], "limit": AT_ONCE}
        found = [row["execution"] for row in await rows(tx, "act/waiting", {"asked": asked})]
        if not found:
            return None
        page = Page(brand_id, rules, as_of)
        if batch["status"] == "rejected":
            page.skip_all(found, "rejected by a person")
        elif automation is None:
            page.skip_all(found, "its automation is not active any more")
        else:
            people = await read_people(tx, brand_id, [one["profile_id"] for one in found], clock)
            page.had = await messages_had(tx, brand_id, automation, people)
            for one in found:
                page.add(automation, one, people.get(one["profile_id"]))
        decided = {"queued": page.queued, "skipped": page.skipped}
        about = {"batch": batch["key"], "as_of": clock, "now": millis(datetime.now(UTC))}
        await rows(tx, "act/queue", {"asked": {**about, **decided}})
        return decided

    return await graph.write(work, PATIENCE_S)


class Page:
    """Decides a page of executions one after the other: what an earlier one led to counts for the later ones."""

    def __init__(self, brand_id: str, rules: Rules, as_of: datetime) -> None:
        self._brand_id = brand_id
        self._rules = rules
        self._as_of = as_of
        self._clock = millis(as_of)
        self.had: dict[str, list[Had]] = {}
        self.queued: list[Row] = []
        self.skipped: list[Row] = []

    def skip_all(self, executions: Sequence[Row], reason: str) -> None:
        self.skipped += [{"execution": one["key"], "reason": reason} for one in executions]

    def add(self, automation: Automation, execution: Row, person: Person | None) -> None:
        if person is None:
            return self.skip_all([execution], "nobody answers for this profile any more")
        to = person.address(automation.channel)
        had, batch_id = self.had.setdefault(person.profile_id, []), execution["batch_id"]
        asked = Asked(automation, execution["began"], self._clock, self._rules.require_consent, batch_id, tuple(had))
        reason = no_longer(asked, person) or unwanted(asked, person, automation.channel, to) or enough(asked)
        if reason is not None:
            return self.skip_all([execution], reason)
        try:
            made = self._message(automation, execution, person, to)
        except InvalidTemplate as error:  # stored before such were refused; nobody else has to wait for it
            made = f"its template is refused now: {error}"
        if isinstance(made, str):
            return self.skip_all([execution], made)
        self.queued.append({"execution": execution["key"], "set": made})
        had.append(Had(self._clock, made["campaign_id"], batch_id))
        return None

    def _message(self, automation: Automation, execution: Row, person: Person, to: str | None) -> Row | str:
        """The message as it will go out, or why there is none."""
        if to is None:
            return f"no address for {automation.channel}"
        channel = self._rules.channels[automation.channel]
        template = needs_template(automation.channel, channel, person, self._clock)
        if template and automation.content_sid is None:
            return NO_TEMPLATE
        text = written(automation, person, execution["products"])
        if not text["body"].strip():
            return "the template gave an empty text"
        content = templated(automation, person, execution["products"]) if template else {}
        campaign_id = stable_id(self._brand_id, "campaign", execution["execution_id"])
        return {
            "key": key(self._brand_id, campaign_id),
            "brand_id": self._brand_id,
            "campaign_id": campaign_id,
            "execution_id": execution["execution_id"],
            "automation_id": automation.automation_id,
            "automation_name": automation.name,
            "profile_id": person.profile_id,
            "channel": automation.channel,
            "provider": channel.provider,
            "to": to,
            "address": key(self._brand_id, automation.channel, to),
            **text,
            **content,
            "status": "queued",
            "attempts": 0,
            "due": 0,
            "not_before": millis(may_go_at(self._as_of, automation.quiet_hours)),
        }
