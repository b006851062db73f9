"""Executions of automations and the messages they sent, as the API shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from app.domain.cursors import Place
from app.domain.past import Moments
from app.graph.driver import Graph
from app.graph.listing import Newest
from app.graph.rows import Row, millis, moment

EXECUTION_LIST = Newest("executions", "triggered_at", "execution_id")
CAMPAIGN_LIST = Newest("campaigns", "queued_at", "campaign_id")


@dataclass(frozen=True, slots=True)
class Which:
    """Filters, which must all match where they are given. `profile_id` stands for whoever answers for it."""

    automation_id: str | None = None
    profile_id: str | None = None
    status: str | None = None


async def list_executions(graph: Graph, brand_id: str, which: Which, place: Place, limit: int) -> list[Row]:
    """Automation executions from behind `place`, the newest first."""
    found = await _listed(graph, "executions", brand_id, which, place, limit)
    return [execution_view(row["execution"]) for row in found]


async def list_campaigns(graph: Graph, brand_id: str, which: Which, place: Place, limit: int) -> list[Row]:
    """Messages from behind `place`, the newest first."""
    found = await _listed(graph, "campaigns", brand_id, which, place, limit)
    return [campaign_view(row["campaign"]) for row in found]


async def campaigns_named(graph: Graph, brand_id: str, campaign_ids: Sequence[str]) -> dict[str, Row]:
    """Messages by their ids; ids of none are left out."""
    found = await graph.read("act/campaigns_named", brand_id=brand_id, campaigns=list(campaign_ids)) if campaign_ids else []
    return {row["campaign"]["campaign_id"]: campaign_view(row["campaign"]) for row in found}


async def outcomes(
    graph: Graph, brand_id: str, automation_ids: Sequence[str], since: int, most: int
) -> dict[str, dict[str, int]]:
    """What became of each automation's executions from `since` (epoch milliseconds) on, of at most so many: counts by status."""
    asked = {"automations": list(automation_ids), "since": since, "limit": most}
    found: dict[str, dict[str, int]] = {one: {} for one in automation_ids}
    for row in await graph.read("act/outcomes", brand_id=brand_id, **asked) if automation_ids else ():
        found[row["automation_id"]][row["status"]] = row["executions"]
    return found


# By what is asked: the statement that begins at the narrowest index. A table, so that each is named where it is called.
_STATEMENTS = {
    "executions": ("act/executions", "act/executions_of_automation", "act/executions_by_status", "act/executions_of_person"),
    "campaigns": ("act/campaigns", "act/campaigns_of_automation", "act/campaigns_by_status", "act/campaigns_of_person"),
}


async def _listed(graph: Graph, what: str, brand_id: str, which: Which, place: Place, limit: int) -> list[dict[str, Any]]:
    every, of_automation, by_status, of_person = _STATEMENTS[what]
    before, after = place
    asked: dict[str, object] = {"brand_id": brand_id, "before": before, "after": after, "limit": limit}
    if which.profile_id is not None:
        return await graph.read(of_person, **asdict(which), **asked)
    if which.status is not None:
        return await graph.read(by_status, status=which.status, automation_id=which.automation_id, **asked)
    if which.automation_id is not None:
        return await graph.read(of_automation, automation_id=which.automation_id, **asked)
    return await graph.read(every, **asked)


def execution_view(row: Mapping[str, Any]) -> Row:
    """One occurrence that an automation answered. `as_of` is the clock of the job that found it, `reason` why it was skipped."""
    times = {name: moment(row[name]) for name in ("as_of", "triggered_at", "finished_at")}
    return {**row, **times, "event_ids": sorted(row["event_ids"])}


def campaign_view(row: Mapping[str, Any]) -> Row:
    """One message. `not_before` is set while quiet hours hold it back, `next_try_at` while it waits for another try."""
    waits = row["status"] == "queued"
    shown = {name: value for name, value in row.items() if name not in {"due", "not_before"}}
    times = ("as_of", "queued_at", "sent_at", "delivered_at", "read_at", "failed_at")
    return {
        **shown,
        **{name: moment(row[name]) for name in times},
        "not_before": moment(row["not_before"]) if waits and row["not_before"] else None,
        "next_try_at": moment(row["due"]) if waits and row["due"] else None,
    }


def execution_by(when: Moments, row: Row) -> Row:
    """An execution as it was known by a moment: what ended later had not ended."""
    if when.known_at is None or row["finished_at"] is None or row["finished_at"] <= millis(when.known_at):
        return row
    return {**row, "status": "triggered", "reason": None, "finished_at": None}


def campaign_by(when: Moments, row: Row) -> Row:
    """A message as it was known by a moment: as far along its way as the news of it that had come."""
    if when.known_at is None:
        return row
    by = millis(when.known_at)
    later = [name for name in _NEWS if row[f"{name}_at"] is not None and row[f"{name}_at"] > by]
    if not later:
        return row
    had = [name for name in _NEWS if row[f"{name}_at"] is not None and name not in later]
    unsaid = {"reason": None, "error_code": None, "due": None, "not_before": None}
    unsent = {} if had else {"attempts": 0, "message_id": None}
    return {**row, **unsaid, **unsent, **{f"{name}_at": None for name in later}, "status": had[-1] if had else "queued"}


_NEWS = ("sent", "failed", "delivered", "read")  # in the order in which what is further along wins
