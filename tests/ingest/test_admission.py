"""Whether a delivery is taken: the pure part, by its laws; the batcher over it; and the real thing under too much work."""

import asyncio
import time
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from neo4j import AsyncDriver

from app.domain.errors import Overloaded, Unavailable
from app.domain.events import Event
from app.domain.rules import Rules
from app.graph.driver import Graph
from app.graph.rulebook import RuleBook
from app.ingest.admission import SHARE, START_RATE, Pace, admits
from app.ingest.batcher import Batcher
from app.ingest.transaction import Brand, Evidence, ingest
from app.telemetry.requests import request_ids
from tests.conftest import new_brand
from tests.ingest.conftest import Shop
from tests.ingest.looking import ask, check_laws
from tests.ingest.test_batcher import Answers, Recorder, order
from tests.resolve.world import event

amounts = st.floats(0.0, 1e6)
some = st.floats(0.01, 1e6)


@given(amounts, some, some, some, some)
def test_what_is_taken_is_taken_with_less_before_it_a_better_pace_or_more_time(
    ahead: float, own: float, rate: float, deadline: float, more: float
) -> None:
    if admits(ahead, own, rate, deadline):
        assert admits(max(0.0, ahead - more), own, rate, deadline)
        assert admits(ahead, own / (1 + more), rate, deadline)
        assert admits(ahead, own, rate * (1 + more), deadline)
        assert admits(ahead, own, rate, deadline * (1 + more))


@given(some, some, some)
def test_with_nothing_before_it_everything_is_taken(own: float, rate: float, deadline: float) -> None:
    assert admits(0.0, own, rate, deadline)


@given(some, some, some, some)
def test_what_is_taken_is_done_in_time_and_what_is_not_would_be_late(
    ahead: float, own: float, rate: float, deadline: float
) -> None:
    takes = (ahead + own) / rate
    assert takes <= deadline if admits(ahead, own, rate, deadline) else takes > deadline * SHARE * 0.999


@given(st.lists(st.tuples(st.floats(1, 1e4), st.floats(0.001, 10), st.floats(0, 10)), min_size=1))
def test_a_pace_lies_between_the_slowest_and_the_fastest_transaction(seen: list[tuple[float, float, float]]) -> None:
    """One after another, with pauses between, which do not count."""
    pace, now, rates = Pace(), 100.0, []
    for weight, seconds, pause in seen:
        pace.note(weight, now, now + seconds)
        rates.append(weight / seconds)
        now += seconds + pause
    assert min(rates) * 0.999 <= pace.rate <= max(rates) * 1.001


def test_two_writers_at_once_are_twice_as_fast() -> None:
    one, two = Pace(), Pace()
    for turn in range(20):
        one.note(100, turn, turn + 1)
        two.note(100, turn, turn + 1)
        two.note(100, turn + 0.001, turn + 1.001)
    assert one.rate == pytest.approx(100)
    assert two.rate == pytest.approx(200, rel=0.2)  # it is seen just after both have ended
    assert Pace().rate == START_RATE


def test_a_bad_moment_is_soon_forgotten() -> None:
    pace = Pace()
    pace.note(100, 0, 20)  # twenty seconds of a hanging graph
    for turn in range(25):
        pace.note(100, 20 + turn * 0.02, 20 + turn * 0.02 + 0.02)
    assert pace.rate > 500


async def test_more_than_can_be_done_in_time_is_refused_at_once() -> None:
    """Twenty a second may be done, for a second: the rest hears it at once, and who is taken is answered in time."""
    busy = Batcher(Recorder(seconds=0.2), 4, 0.0, 1.0, writers=1)
    await busy.submit("b", [event(0, "m0")])
    refused_after: list[float] = []

    async def caller(number: int) -> bool:
        began = time.perf_counter()
        try:
            await busy.submit("b", [event(number, f"m{number}")])
        except Overloaded:
            refused_after.append(time.perf_counter() - began)
            return False
        return True

    taken = await asyncio.gather(*(caller(n) for n in range(1, 101)))
    assert 8 <= sum(taken) <= 20
    assert max(refused_after) < 0.1
    assert await caller(200)  # and afterwards the door is open again
    await busy.close()


async def test_what_nobody_waits_for_any_more_is_not_begun() -> None:
    recorder = Recorder(seconds=0.3)
    late = Batcher(recorder, 1, 0.0, 0.1, writers=1)
    answers = await asyncio.gather(*(late.submit("b", [event(n, f"m{n}")]) for n in range(5)), return_exceptions=True)
    assert all(isinstance(answer, Unavailable) for answer in answers)
    await late.close()
    assert recorder.batches == [["m0"]]


async def test_a_light_delivery_does_not_wait_for_heavy_ones() -> None:
    class Slow(Recorder):
        async def __call__(self, brand_id: str, evidence: Sequence[Evidence]) -> Answers:
            self.seconds = 0.3 if len(evidence) >= 100 else 0.01
            return await super().__call__(brand_id, evidence)

    recorder = Slow()
    mixed = Batcher(recorder, 100, 0.0, 10.0)
    heavy = [asyncio.create_task(mixed.submit("b", [event(n, f"m{k}h{n}") for n in range(120)])) for k in range(4)]
    await asyncio.sleep(0.05)
    for n in range(5):
        began = time.perf_counter()
        await mixed.submit("b", [event(n, f"m{n}")])
        assert time.perf_counter() - began < 0.2
    assert not all(task.done() for task in heavy)
    assert [len(answer) for answer in await asyncio.gather(*heavy)] == [120] * 4
    assert recorder.most_under_way == 2
    assert sorted(recorder.sizes)[-4:] == [120] * 4


async def test_a_batch_knows_the_requests_in_it() -> None:
    seen: list[tuple[str, ...]] = []
    shared = Batcher(Recorder(seconds=0.02, during=lambda evidence: seen.append(request_ids.get())), 100, 0.0, 10.0)

    async def request(name: str) -> None:
        request_ids.set((name,))
        await shared.submit("b", [event(1, f"m{name}")])
        assert request_ids.get() == (name,)

    await asyncio.gather(*(asyncio.create_task(request(name)) for name in "pqr"))
    await asyncio.create_task(request("s"))
    assert seen == [("p", "q", "r"), ("s",)]


async def test_with_one_writer_neither_heavy_nor_light_ones_starve() -> None:
    recorder = Recorder(seconds=0.01)
    mixed = Batcher(recorder, 10, 0.0, 10.0, writers=1)
    sizes = [120, 1, 120, 1, 120, 1]
    calls = [mixed.submit("b", [event(n, f"u{k}-{n}") for n in range(size)]) for k, size in enumerate(sizes)]
    assert [len(answer) for answer in await asyncio.gather(*calls)] == sizes
    assert [batch[0].split("-")[0] for batch in recorder.batches] == ["u0", "u1", "u2", "u4"]


async def test_overload_is_answered_in_time_and_what_is_acknowledged_is_stored_once(graph: Graph, database: AsyncDriver) -> None:
    brand = Brand(new_brand(), "USD", RuleBook(Rules()))

    deadline_s = 5.0

    async def process(brand_id: str, evidence: Sequence[Evidence]) -> Answers:
        """A slow graph, which does a hundred a second at the most, whatever the machine."""
        _, answers = await asyncio.gather(asyncio.sleep(0.2), ingest(graph, brand, evidence))
        return answers

    def one_of(number: int) -> list[Event]:
        return [event(number, f"m{number}", brand=brand.brand_id)]

    real = Batcher(process, 20, 0.0, deadline_s, writers=1)
    await asyncio.gather(*(real.submit(brand.brand_id, one_of(n)) for n in range(20)))  # now it knows its pace
    took: dict[type, list[float]] = {list: [], Overloaded: [], Unavailable: []}

    async def caller(number: int) -> str | None:
        began = time.perf_counter()
        (one,) = one_of(number)
        try:
            await real.submit(brand.brand_id, [one])
        except Unavailable as error:
            took[type(error)].append(time.perf_counter() - began)
            return None
        took[list].append(time.perf_counter() - began)
        return one.event_id

    answered = await asyncio.gather(*(caller(n) for n in range(100, 1_100)))
    await real.close()
    acknowledged = {event_id for event_id in answered if event_id is not None}
    assert acknowledged
    assert len(took[Overloaded]) > len(took[Unavailable])  # most of those refused did not wait for it
    assert max(took[list] + took[Unavailable]) < deadline_s + 1
    rows = await ask(database, "MATCH (e:Event {brand_id: $brand}) RETURN e.event_id AS id", brand=brand.brand_id)
    assert len(rows) == len({row["id"] for row in rows})
    assert acknowledged <= {row["id"] for row in rows}
    await check_laws(database, brand.brand_id)


async def test_a_small_event_beside_four_calls_of_a_thousand(patient: Shop) -> None:
    def call(number: int) -> list[dict[str, object]]:
        """Orders of its own: two who tell of one order wait for one another."""
        return [order(number * 1_000 + n, email=f"l{number}n{n}@mail.org") for n in range(1_000)]

    async def timed(path_body: object) -> tuple[int, float]:
        began = time.perf_counter()
        answer = await patient.send("/api/events", path_body)
        return answer.status_code, time.perf_counter() - began

    large = [asyncio.create_task(timed(call(number))) for number in range(4)]
    await asyncio.sleep(0.5)
    small = []
    while not all(task.done() for task in large):
        small.append(await timed(order(4_000 + len(small), email=f"small{len(small)}@mail.org")))
        await asyncio.sleep(0.1)
    assert {status for status, _ in small} == {200}
    assert {task.result()[0] for task in large} <= {200, 503}
    quickest_large = min(task.result()[1] for task in large)
    assert sorted(seconds for _, seconds in small)[len(small) // 2] < quickest_large
    assert await patient.count("Event") >= len(small)
