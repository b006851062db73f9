"""Two admins at the rules of one brand at once, each in a process of their own."""

import asyncio
from typing import Any

import pytest

from app.domain.errors import Conflict, NotFound, StaleRules
from app.domain.rules import Rules
from app.graph.deciding import Decision, decider
from app.graph.driver import Graph
from app.graph.rulebook import RuleBook
from app.ingest.transaction import Brand, ingest
from app.review import rehearse
from app.review.rehearse import Rehearsal
from app.review.rule_versions import create_version, delete_version, replace_version, seen_as
from tests.resolve.world import event

BOOK = RuleBook(Rules())
DRAFT = Rules(max_auto_merge=2)


@pytest.fixture
def decision(brand_id: str) -> Decision:
    return decider(BOOK, "USD")(brand_id, None)


@pytest.mark.parametrize("step", ["promote", "dry_run"])
async def test_a_draft_that_is_deleted_meanwhile_is_not_put_in_force(
    graph: Graph, decision: Decision, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Rules that are nowhere would be in force, and no event of the brand could be stored any more."""
    version = await create_version(graph, decision, DRAFT, "0")
    looks = rehearse.rules_of

    async def looks_and_waits(*asked: Any) -> Rules:
        found = await looks(*asked)
        await delete_version(graph, decision.brand_id, version)
        return found

    monkeypatch.setattr(rehearse, "rules_of", looks_and_waits)
    with pytest.raises(NotFound):
        await getattr(Rehearsal(graph, BOOK, "USD"), step)(decision, version)
    assert await graph.read("rules/run_next", brand_id=decision.brand_id) == []
    (told,) = await ingest(graph, Brand(decision.brand_id, "USD", BOOK), [event(1, "m1", brand=decision.brand_id)])
    assert told.outcome == "created"


async def test_a_draft_that_is_changed_meanwhile_is_put_in_force_as_it_was_looked_at_or_not_at_all(
    graph: Graph, decision: Decision, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever changes it between the comparison and the commit waits, and finds no draft any more."""
    version = await create_version(graph, decision, DRAFT, "0")
    checks, changes = rehearse.check_there, []

    async def checks_and_waits(*asked: Any) -> None:
        await checks(*asked)
        changing = asyncio.create_task(replace_version(graph, decision, version, Rules(max_auto_merge=9), "0"))
        changes.append(changing)
        await asyncio.wait([changing], timeout=0.5)

    monkeypatch.setattr(rehearse, "check_there", checks_and_waits)
    rehearsal = Rehearsal(graph, BOOK, "USD")
    with pytest.raises(StaleRules):
        await rehearsal.promote(decision, version, seen_as("0", Rules()))
    changes.clear()
    await rehearsal.promote(decision, version, seen_as("0", DRAFT))
    with pytest.raises(Conflict):
        await changes[0]
    assert (await BOOK.now(graph, decision.brand_id)).max_auto_merge == 2
