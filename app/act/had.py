"""What people have had of an automation: looked at before a message is queued, and again before it goes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from neo4j import AsyncManagedTransaction

from app.act.automations import CART, STATES, Automation
from app.act.people import Person
from app.graph.driver import rows

ONCE = STATES | {CART}  # triggers of which one person has one occurrence in a run


@dataclass(frozen=True, slots=True)
class Had:
    """A message that was queued with the job's clock `at` (epoch milliseconds), and the batch of its execution. `waits`: it has
    not gone out yet."""

    at: int
    campaign_id: str
    batch_id: str
    waits: bool = True


async def messages_had(
    tx: AsyncManagedTransaction, brand_id: str, automation: Automation, people: Mapping[str, Person]
) -> dict[str, list[Had]]:
    """Messages of this automation that people, and whom they absorbed, had already or that wait for them, by profile id."""
    if automation.cap is None and automation.trigger not in ONCE:
        return {}
    ids = sorted({person.profile_id for person in people.values()})
    asked = {"brand_id": brand_id, "automation_id": automation.automation_id, "profiles": ids}
    found: dict[str, list[Had]] = {}
    for row in await rows(tx, "act/received", {"asked": asked}):
        found.setdefault(row["profile_id"], []).append(Had(row["at"], row["campaign_id"], row["batch_id"], row["waits"]))
    return found


def before(this: Had, had: Iterable[Had]) -> list[Had]:
    """Those that count against a message that is about to go: what went out, and of what waits what was queued before it. So of
    two that wait for people who became one the earlier goes."""
    mine = (this.at, this.campaign_id)
    return [one for one in had if one.campaign_id != this.campaign_id and (not one.waits or (one.at, one.campaign_id) < mine)]
