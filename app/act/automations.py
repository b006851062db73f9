"""Automations: what triggers a message, to whom, by which channel. Stored in the graph; each brand begins with three."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal

import orjson
from neo4j import AsyncManagedTransaction

from app.act.conditions import Condition
from app.domain.cursors import Place
from app.domain.errors import Conflict, NotFound
from app.domain.events import stored_name
from app.domain.times import whole_milliseconds
from app.graph.driver import Graph, rows
from app.graph.rows import EPOCH, Row, key, millis, moment

Channel = Literal["whatsapp", "sms", "email"]

CART, SEGMENT, CHURN = "cart_abandonment", "segment", "churn"
STATES = frozenset({SEGMENT, CHURN})  # triggers that a person is inside of, and enters and leaves
CHURN_FROM = 0.70
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Cap:
    """At most so many messages of this automation a person in so many days."""

    messages: int
    days: int


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From and until when (HH:MM, the second may be on the next day) nothing is sent, on the clocks of a time zone."""

    begin: str
    end: str
    timezone: str


@dataclass(frozen=True, slots=True)
class Automation:
    """`trigger` is cart_abandonment, segment (of a name), churn (from a threshold on), or the type of an event."""

    automation_id: str
    name: str
    trigger: str
    channel: Channel
    template: str
    subject: str | None = None
    threshold: float | None = None
    segment: str | None = None
    conditions: tuple[Condition, ...] = ()
    content_sid: str | None = None
    content_variables: tuple[tuple[str, str], ...] = ()
    cap: Cap | None = None
    quiet_hours: QuietHours | None = None
    active: bool = True
    version: int = 1
    created_at: datetime = EPOCH
    updated_at: datetime = EPOCH

    @property
    def event_type(self) -> str:
        return stored_name(self.trigger)


SEEDS = (
    Automation(
        "cart-abandonment-recovery",
        "Cart Abandonment Recovery",
        CART,
        "whatsapp",
        "Hi {{ first_name }}! You left {{ product_name | default('something') }} in your cart. "
        "Here's 10% off to finish your order: CART10",
    ),
    Automation(
        "churn-risk-retention-campaign",
        "Churn Risk Retention Campaign",
        CHURN,
        "whatsapp",
        "Hi {{ first_name }}! We miss you. Here's 20% off your next purchase: SAVE20",
        threshold=CHURN_FROM,
        conditions=(Condition("prediction.segment", "=", "at_risk"),),
    ),
    Automation(
        "vip-customer-treatment",
        "VIP Customer Treatment",
        SEGMENT,
        "email",
        "Hi {{ first_name }},\n\nyou are one of our best customers, and we would like to say thank you with offers that are "
        "only for you: VIP25 takes 25% off your next order, and new arrivals are yours two days before everybody else's.\n",
        subject="Exclusive offers for you",
        segment="champion",
    ),
)


async def seed(graph: Graph, brand_id: str) -> bool:
    """Gives a brand that exists the automations each brand begins with, once for ever. Whether the brand exists."""
    found = await graph.read("act/seeded", brand_id=brand_id)
    if not found:
        return False
    if not found[0]["seeded"]:
        await graph.change("act/seed", asked={"brand_id": brand_id, "rows": _seeds(brand_id)})
    return True


async def list_automations(graph: Graph, brand_id: str, place: Place, limit: int) -> list[Automation]:
    """In the order they were made, from behind `place` (epoch milliseconds and id; (0, '') for the first page)."""
    return await _page(graph, brand_id, place, limit) if await seed(graph, brand_id) else []


async def active_automations(graph: Graph, brand_id: str) -> list[Automation]:
    page = await list_automations(graph, brand_id, (0, ""), AT_ONCE)
    found = page
    while len(page) == AT_ONCE:
        page = await _page(graph, brand_id, (millis(page[-1].created_at), page[-1].automation_id), AT_ONCE)
        found = found + page
    return [one for one in found if one.active]


async def _page(graph: Graph, brand_id: str, place: Place, limit: int) -> list[Automation]:
    after, last = place
    found = await graph.read("act/automations", brand_id=brand_id, after=after, last=last, limit=limit)
    return [automation_from(row["automation"]) for row in found]


async def find_automation(graph: Graph, brand_id: str, automation_id: str) -> Automation:
    """Raises NotFound."""
    await seed(graph, brand_id)
    found = await graph.read("act/automation", brand_id=brand_id, automation_id=automation_id)
    if not found:
        raise no_automation(automation_id)
    return automation_from(found[0]["automation"])


async def create_automation(graph: Graph, brand_id: str, new: Automation) -> Automation:
    """Stores a new automation; the brand, if it is new, begins with its three as well. The same one twice is one.

    Raises Conflict when another stands under its id.
    """
    now = _now()
    made = replace(new, version=1, created_at=now, updated_at=now)
    await graph.change("act/brand", asked={"brand_id": brand_id})
    await seed(graph, brand_id)
    (row,) = await graph.change("act/automation_create", asked={"row": _row(made, brand_id)})
    stands = automation_from(row["automation"])
    if stands != replace(made, created_at=stands.created_at, updated_at=stands.updated_at):
        raise Conflict(
            "this automation was made already, and says something else by now: open it from the list and change it there"
        )
    return stands


async def change_automation(
    graph: Graph, brand_id: str, automation_id: str, change: Callable[[Automation], Automation], version: int | None
) -> Automation:
    """Puts what `change` makes of an automation in its place, in one transaction, so that of two changes none is lost.

    Raises NotFound, Conflict when it is not at `version` (if that is given), and what `change` raises; nothing is changed then.
    """
    await seed(graph, brand_id)
    asked = {"brand_id": brand_id, "automation_id": automation_id}

    async def work(tx: AsyncManagedTransaction) -> Automation:
        held = await rows(tx, "act/automation_lock", {"asked": asked})
        if not held:
            raise no_automation(automation_id)
        old = automation_from(held[0]["automation"])
        _check_version(old, version)
        new = replace(change(old), updated_at=_now())
        (row,) = await rows(tx, "act/automation_replace", {"asked": {"row": _row(new, brand_id)}})
        return automation_from(row["automation"])

    return await graph.write(work)


async def delete_automation(graph: Graph, brand_id: str, automation_id: str, version: int | None = None) -> None:
    """Deletes an automation and who was inside of it; its executions stay.

    Raises NotFound, and Conflict when it is not at `version` (if that is given); nothing is deleted then.
    """
    await seed(graph, brand_id)
    asked = {"brand_id": brand_id, "automation_id": automation_id, "key": key(brand_id, automation_id)}

    async def work(tx: AsyncManagedTransaction) -> None:
        held = await rows(tx, "act/automation_lock", {"asked": asked})
        if not held:
            raise no_automation(automation_id)
        _check_version(automation_from(held[0]["automation"]), version)
        await rows(tx, "act/automation_delete", {"asked": asked})

    await graph.write(work)
    while (await graph.change("act/automation_forget", asked={**asked, "limit": AT_ONCE}))[0]["deleted"]:
        pass


def _check_version(found: Automation, version: int | None) -> None:
    if version is not None and version != found.version:
        raise Conflict(
            f"this automation is at version {found.version}, not {version}: somebody changed it meanwhile; look at it again, and "
            "say of the new version what is to become of it"
        )


def no_automation(automation_id: str) -> NotFound:
    return NotFound(f"no automation {automation_id[:128]!r} in this brand; GET /api/automations lists them")


def automation_from(row: Mapping[str, Any]) -> Automation:
    return Automation(
        automation_id=row["automation_id"],
        name=row["name"],
        trigger=row["trigger"],
        channel=row["channel"],
        template=row["template"],
        subject=row.get("subject"),
        threshold=row.get("threshold"),
        segment=row.get("segment"),
        conditions=tuple(Condition(**one) for one in orjson.loads(row["conditions"])),
        content_sid=row.get("content_sid"),
        content_variables=tuple(orjson.loads(row["content_variables"]).items()),
        cap=Cap(row["cap_messages"], row["cap_days"]) if row.get("cap_messages") else None,
        quiet_hours=QuietHours(row["quiet_from"], row["quiet_to"], row["quiet_timezone"]) if row.get("quiet_from") else None,
        active=row["active"],
        version=row["version"],
        created_at=moment(row["created_at"]),
        updated_at=moment(row["updated_at"]),
    )


def automation_view(one: Automation) -> Row:
    """An automation as the API shows it."""
    quiet = one.quiet_hours
    return {
        "automation_id": one.automation_id,
        "name": one.name,
        "trigger": one.trigger,
        "threshold": one.threshold,
        "segment": one.segment,
        "conditions": [asdict(condition) for condition in one.conditions],
        "channel": one.channel,
        "template": one.template,
        "subject": one.subject,
        "content_sid": one.content_sid,
        "content_variables": dict(one.content_variables),
        "cap": asdict(one.cap) if one.cap else None,
        "quiet_hours": {"from": quiet.begin, "to": quiet.end, "timezone": quiet.timezone} if quiet else None,
        "active": one.active,
        "version": one.version,
        "created_at": one.created_at,
        "updated_at": one.updated_at,
    }


def _row(one: Automation, brand_id: str) -> Row:
    cap, quiet = one.cap, one.quiet_hours
    return {
        "created_at": millis(one.created_at),
        "updated_at": millis(one.updated_at),
        "set": {
            "key": key(brand_id, one.automation_id),
            "brand_id": brand_id,
            "automation_id": one.automation_id,
            "name": one.name,
            "trigger": one.trigger,
            "threshold": one.threshold,
            "segment": one.segment,
            "conditions": orjson.dumps([asdict(condition) for condition in one.conditions]).decode(),
            "channel": one.channel,
            "template": one.template,
            "subject": one.subject,
            "content_sid": one.content_sid,
            "content_variables": orjson.dumps(dict(one.content_variables)).decode(),
            "cap_messages": cap and cap.messages,
            "cap_days": cap and cap.days,
            "quiet_from": quiet and quiet.begin,
            "quiet_to": quiet and quiet.end,
            "quiet_timezone": quiet and quiet.timezone,
            "active": one.active,
            "version": one.version,
        },
    }


def _seeds(brand_id: str) -> list[Row]:
    now = _now()
    return [_row(replace(one, created_at=now, updated_at=now), brand_id) for one in SEEDS]


def _now() -> datetime:
    return whole_milliseconds(datetime.now(UTC))
