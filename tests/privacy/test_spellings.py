"""What a process remembers of people outside of the graph: how their identifiers were spelt, for a while."""

import asyncio

import pytest

from app.domain.normalise import email, phone
from app.domain.rules import Rules
from app.domain.search import national
from app.graph.deciding import decider
from app.graph.driver import Graph
from app.graph.rulebook import RuleBook
from app.privacy import spellings
from app.privacy.erasure import erase
from tests.resolve.world import ids


def remembered() -> int:
    """Of one person, who is read as an event of theirs would be."""
    assert (email("Gone@Mail.org", "US"), phone("+1 415 555 0100", "US"), national("14155550100")) == (
        "gone@mail.org", "14155550100", "4155550100",
    )  # fmt: skip
    return sum(reads.cache_info().currsize for reads in (email, phone, national))


async def test_who_is_erased_is_remembered_by_no_spelling(graph: Graph, brand_id: str) -> None:
    assert remembered() >= 3
    await erase(graph, decider(RuleBook(Rules()), "USD")(brand_id, None), ids("m0"))
    assert [reads.cache_info().currsize for reads in (email, phone, national)] == [0, 0, 0]


async def test_what_another_process_erased_is_forgotten_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    assert remembered() >= 3
    monkeypatch.setattr(spellings, "FORGET_S", 0)
    forgetting = asyncio.create_task(spellings.forget_now_and_then())
    while email.cache_info().currsize:  # noqa: ASYNC110 - it ends when nothing is remembered, else the test never does
        await asyncio.sleep(0)
    forgetting.cancel()
    assert [reads.cache_info().currsize for reads in (email, phone, national)] == [0, 0, 0]
