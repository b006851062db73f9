"""The micro-batcher: who waits for whom, what a failure takes along, and what becomes of a commit nobody answered."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import pytest_asyncio
from neo4j import AsyncDriver

from app.domain.errors import ConstIntelError, PoisonEvent, TooLarge, Unavailable
from app.domain.events import Event
from app.domain.plan import Answer, Outcome
from app.domain.rules import Rules
from app.graph.driver import Graph
from app.graph.embedded import Neo4jAddress
from app.graph.failures import CommitUnknown
from app.graph.rulebook import RuleBook
from app.ingest import batcher as module
from app.ingest import transaction
from app.ingest.batcher import Batcher
from app.ingest.lanes import PATIENCE_S
from app.ingest.transaction import Brand, Evidence, ingest
from app.main import create_app
from app.settings import Settings
from tests.conftest import new_brand
from tests.ingest.conftest import Shop
from tests.ingest.looking import check_laws, count
from tests.resolve.world import event

Answers = Sequence[Answer | ConstIntelError]


@dataclass
class Recorder:
    """A process function that keeps what came in one go. `during` runs before each answer."""

    seconds: float = 0.0
    batches: list[list[str]] = field(default_factory=list)
    under_way: int = 0
    most_under_way: int = 0
    during: Callable[[Sequence[Evidence]], object] = lambda evidence: None

    async def __call__(self, brand_id: str, evidence: Sequence[Evidence]) -> Answers:
        self.batches.append([named(entry) for entry in evidence])
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            await asyncio.sleep(self.seconds)
            self.during(evidence)
            return [Answer(named(entry), "purchase", Outcome.CREATED, named(entry)) for entry in evidence]
        finally:
            self.under_way -= 1

    @property
    def sizes(self) -> list[int]:
        return sorted(map(len, self.batches))


def named(entry: Evidence) -> str:
    assert isinstance(entry, Event)
    return entry.identifiers[0].value


def batcher(process: module.Process, max_events: int = 100, deadline_s: float = 10.0, wait_s: float = 0.0) -> Batcher:
    return Batcher(process, max_events, wait_s, deadline_s)


async def test_a_lone_request_waits_for_nobody() -> None:
    recorder = Recorder()
    lone = batcher(recorder)
    began = time.perf_counter()
    (answer,) = await lone.submit("b", [event(1, "m1")])
    assert time.perf_counter() - began < 0.05
    assert (answer.event_id, recorder.sizes) == ("m1", [1])


async def test_requests_of_one_moment_share_a_transaction() -> None:
    recorder = Recorder(seconds=0.05)
    shared = batcher(recorder)
    answers = await asyncio.gather(*(shared.submit("b", [event(n, f"m{n}")]) for n in range(60)))
    assert [answer.event_id for (answer,) in answers] == [f"m{n}" for n in range(60)]
    assert recorder.sizes == [60]


async def test_what_comes_meanwhile_goes_together_and_two_are_under_way_at_the_most() -> None:
    recorder = Recorder(seconds=0.05)
    shared = batcher(recorder, max_events=10)

    async def later(number: int) -> None:
        await asyncio.sleep(number * 0.001)
        await shared.submit("b", [event(number, f"m{number}")])

    await asyncio.gather(*map(later, range(60)))
    assert recorder.most_under_way == 2
    assert max(recorder.sizes) == 10
    assert len(recorder.batches) <= 12


async def test_a_few_wait_for_the_many_that_are_under_way() -> None:
    """A transaction costs as much as ten events: beside one of twenty, three wait for its end, and twenty do not."""
    recorder = Recorder(seconds=0.1)
    shared = batcher(recorder)

    async def sent(count: int, at_s: float) -> None:
        await asyncio.sleep(at_s)
        await asyncio.gather(*(shared.submit("b", [event(n, f"m{at_s}-{n}")]) for n in range(count)))

    await asyncio.gather(sent(20, 0), sent(3, 0.01), sent(4, 0.02))
    assert ([len(batch) for batch in recorder.batches], recorder.most_under_way) == ([20, 7], 1)
    recorder.batches.clear()
    await asyncio.gather(sent(20, 0), sent(3, 0.01), sent(17, 0.02))
    assert ([len(batch) for batch in recorder.batches], recorder.most_under_way) == ([20, 20], 2)


async def test_nobody_waits_long_for_a_transaction_that_hangs() -> None:
    async def process(brand_id: str, evidence: Sequence[Evidence]) -> Answers:
        await asyncio.sleep(30 if len(evidence) == 20 else 0)
        return [Answer("e", "x", Outcome.CREATED) for _ in evidence]

    shared = batcher(process)
    hanging = [asyncio.create_task(shared.submit("b", [event(n, f"m{n}")])) for n in range(20)]
    await asyncio.sleep(0.01)
    began = time.perf_counter()
    assert await asyncio.gather(*(shared.submit("b", [event(n, f"p{n}")]) for n in range(3)))
    assert PATIENCE_S / 2 < time.perf_counter() - began < 2
    for task in hanging:
        task.cancel()
    await cancelled(shared)


async def test_brands_do_not_wait_for_each_other() -> None:
    async def process(brand_id: str, evidence: Sequence[Evidence]) -> Answers:
        await asyncio.sleep(30 if brand_id == "slow" else 0)
        return [Answer("e", "x", Outcome.CREATED) for _ in evidence]

    lanes = batcher(process, deadline_s=0.2)
    slow = asyncio.create_task(lanes.submit("slow", [event(1, "m1")]))
    assert await lanes.submit("quick", [event(1, "m1")])
    with pytest.raises(Unavailable):
        await slow
    await cancelled(lanes)


async def test_one_delivery_is_never_split_and_a_long_one_goes_alone() -> None:
    recorder = Recorder()
    shared = batcher(recorder, max_events=10)
    three = [[event(n, f"{letter}{n}") for n in range(size)] for letter, size in (("m", 6), ("p", 6), ("u", 25))]
    answers = await asyncio.gather(*(shared.submit("b", delivery) for delivery in three))
    assert [len(answer) for answer in answers] == [6, 6, 25]
    assert recorder.sizes == [6, 6, 25]


async def test_heavy_events_share_with_fewer() -> None:
    """Large texts and many identifiers count as more than one event, lest a batch outgrow Neo4j's memory limit."""
    recorder = Recorder()
    shared = batcher(recorder)
    large = [replaced(event(n, f"m{n}"), raw="a" * 399_000) for n in range(30)]
    many = [event(n, [f"c{n}-{m}" for m in range(100)]) for n in range(30)]
    await asyncio.gather(*(shared.submit("b", [one]) for one in [*large, *many]))
    assert recorder.sizes == [10] * 6


async def test_who_hangs_up_loses_neither_the_own_event_nor_others() -> None:
    recorder = Recorder(seconds=0.1)
    shared = batcher(recorder)
    callers = [asyncio.create_task(shared.submit("b", [event(n, f"m{n}")])) for n in range(6)]
    await asyncio.sleep(0.02)
    late = asyncio.create_task(shared.submit("b", [event(9, "m9")]))
    await asyncio.sleep(0.02)
    for gone in (callers[0], callers[3], late):
        gone.cancel()
    answers = await asyncio.gather(*callers, return_exceptions=True)
    assert [isinstance(answer, asyncio.CancelledError) for answer in answers] == [n in {0, 3} for n in range(6)]
    await shared.close()
    assert sorted(name for batch in recorder.batches for name in batch) == [*(f"m{n}" for n in range(6)), "m9"]


async def test_after_the_deadline_the_caller_is_told_to_send_again() -> None:
    recorder = Recorder(seconds=0.3)
    late = batcher(recorder, deadline_s=0.05)
    began = time.perf_counter()
    with pytest.raises(Unavailable, match="send it again"):
        await late.submit("b", [event(1, "m1")])
    assert time.perf_counter() - began < 0.25
    await late.close()
    assert recorder.batches == [["m1"]]


async def test_a_heavy_delivery_is_given_more_time() -> None:
    """A thousand events are one transaction, which takes longer than one event may wait."""
    patient = batcher(Recorder(seconds=0.3), deadline_s=0.05)
    heavy = [event(n, f"m{n}") for n in range(50)]
    assert len(await patient.submit("b", heavy)) == 50
    with pytest.raises(Unavailable, match=r"within 0\.05 s"):
        await patient.submit("b", heavy[:1])
    await patient.close()


async def test_a_heavy_delivery_hears_at_once_that_the_graph_is_away() -> None:
    def away(evidence: Sequence[Evidence]) -> None:
        raise Unavailable("away")

    began = time.perf_counter()
    with pytest.raises(Unavailable, match="away"):
        await batcher(Recorder(during=away)).submit("b", [event(n, f"m{n}") for n in range(1_000)])
    assert time.perf_counter() - began < 1


async def test_a_full_queue_says_so_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_WAITING", 5)
    full = batcher(Recorder(seconds=0.2), max_events=1)
    taken = [asyncio.create_task(full.submit("b", [event(n, f"m{n}")])) for n in range(7)]
    await asyncio.sleep(0.05)
    began = time.perf_counter()
    with pytest.raises(Unavailable, match="waiting already"):
        await asyncio.gather(*(full.submit("b", [event(n, f"m{n}")]) for n in range(7, 12)))
    assert time.perf_counter() - began < 0.1
    assert await full.submit("another", [event(1, "m1")])
    answers = await asyncio.gather(*taken, return_exceptions=True)
    assert sum(isinstance(answer, list) for answer in answers) >= 5
    await full.close()


async def test_close_waits_for_what_was_accepted() -> None:
    recorder = Recorder(seconds=0.05)
    closing = batcher(recorder, max_events=4)
    callers = [asyncio.create_task(closing.submit("b", [event(n, f"m{n}")])) for n in range(20)]
    await asyncio.sleep(0)
    await closing.close()
    assert all(caller.done() for caller in callers) or len(await asyncio.gather(*callers)) == 20
    assert sum(recorder.sizes) == 20


async def test_a_poison_delivery_is_found_in_a_few_halvings(caplog: pytest.LogCaptureFixture) -> None:
    def refuse(evidence: Sequence[Evidence]) -> None:
        if any(named(entry) in {"m13", "m40"} for entry in evidence):
            raise ValueError("not this one")

    recorder = Recorder(during=refuse)
    halving = batcher(recorder)
    with caplog.at_level(logging.CRITICAL, module.__name__):
        callers = (halving.submit("b", [event(n, f"m{n}")]) for n in range(64))
        answers = await asyncio.gather(*callers, return_exceptions=True)
    assert [n for n, answer in enumerate(answers) if isinstance(answer, PoisonEvent)] == [13, 40]
    assert sum(isinstance(answer, list) for answer in answers) == 62
    assert len(recorder.batches) <= 1 + 2 * 2 * 6


async def test_what_is_too_much_for_one_transaction_goes_in_parts() -> None:
    def limited(evidence: Sequence[Evidence]) -> None:
        if len(evidence) > 10:
            raise TooLarge("more than memory allows")

    recorder = Recorder(during=limited)
    parts = batcher(recorder)
    deliveries = [[event(n, f"m{n}")] for n in range(30)] + [[event(n, f"p{n}") for n in range(11)]]
    answers = await asyncio.gather(*(parts.submit("b", one) for one in deliveries), return_exceptions=True)
    assert all(isinstance(answer, list) for answer in answers[:30])
    assert isinstance(answers[30], TooLarge)


async def test_when_the_graph_is_away_everybody_is_told_and_nothing_is_halved() -> None:
    def away(evidence: Sequence[Evidence]) -> None:
        raise Unavailable("away")

    recorder = Recorder(during=away)
    waiting = batcher(recorder)
    callers = (waiting.submit("b", [event(n, f"m{n}")]) for n in range(20))
    answers = await asyncio.gather(*callers, return_exceptions=True)
    assert all(isinstance(answer, Unavailable) for answer in answers)
    assert recorder.sizes == [20]


async def test_a_poison_among_real_transactions(graph: Graph, database: AsyncDriver, caplog: pytest.LogCaptureFixture) -> None:
    """The poison raises after its transaction wrote: all of that is rolled back, and the others are written again."""
    brand = Brand(new_brand(), "USD", RuleBook(Rules()))

    async def process(brand_id: str, evidence: Sequence[Evidence]) -> Answers:
        async def work(tx: Any) -> None:
            await tx.run("CREATE (:Event {brand_id: $brand, event_id: 'half-written'})", {"brand": brand_id})
            raise ValueError("not this one")

        if any(named(entry) == "m5" for entry in evidence):
            await graph.write(work)
        return await ingest(graph, brand, evidence)

    real = batcher(process)
    with caplog.at_level(logging.CRITICAL, module.__name__):
        deliveries = ([event(n, f"m{n}", brand=brand.brand_id)] for n in range(12))
        answers = await asyncio.gather(*(real.submit(brand.brand_id, one) for one in deliveries), return_exceptions=True)
    assert [n for n, answer in enumerate(answers) if isinstance(answer, PoisonEvent)] == [5]
    assert await count(database, brand.brand_id, "Event") == 11
    await check_laws(database, brand.brand_id)


async def test_concurrent_requests_share_a_real_commit(graph: Graph, database: AsyncDriver) -> None:
    brand = Brand(new_brand(), "USD", RuleBook(Rules()))
    commits = 0

    async def process(brand_id: str, evidence: Sequence[Evidence]) -> Answers:
        nonlocal commits
        commits += 1
        return await ingest(graph, brand, evidence)

    real = batcher(process)
    deliveries = ([event(n, f"m{n} p{n // 2}", brand=brand.brand_id)] for n in range(100))
    answers = await asyncio.gather(*(real.submit(brand.brand_id, one) for one in deliveries))
    assert commits == 1
    assert {answer.outcome for (answer,) in answers} == {Outcome.CREATED, Outcome.ATTACHED}
    assert (await count(database, brand.brand_id, "Event"), await count(database, brand.brand_id, "Profile")) == (100, 50)
    await check_laws(database, brand.brand_id)


# -- a commit whose answer is lost ---------------------------------------------------------------------------------

COMMIT = b"\x00\x02\xb0\x12\x00\x00"  # the whole Bolt message, with its chunk header and end


@dataclass
class Proxy:
    """Stands between the service and Neo4j, and cuts connections where a test says."""

    host: str
    port: int
    lose: int = 0  # so many commits from now on are not answered
    forwarded: bool = True  # whether Neo4j gets them all the same
    seen: int = 0
    closed: bool = False
    silent: bool = False  # whether connections opened from now on, and those there are, say nothing more
    port_here: int = 0
    writers: set[asyncio.StreamWriter] = field(default_factory=set)

    async def serve(self, client_in: asyncio.StreamReader, client_out: asyncio.StreamWriter) -> None:
        if self.closed:
            client_out.close()
            return
        server_in, server_out = await asyncio.open_connection(self.host, self.port)
        self.writers |= {client_out, server_out}
        back = asyncio.create_task(self._copy(server_in, client_out))
        try:
            while data := await client_in.read(65_536):
                if COMMIT in data:
                    self.seen += 1
                    if self.lose > 0:
                        self.lose -= 1
                        back.cancel()
                        await asyncio.wait([back])  # a stream has one reader: it must be gone before we read
                        if self.forwarded:
                            server_out.write(data)
                            await server_out.drain()
                            await server_in.readuntil(b"bookmark")  # it is committed now
                        break
                if self.silent:
                    await asyncio.sleep(3_600)
                server_out.write(data)
                await server_out.drain()
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            back.cancel()
            for writer in (client_out, server_out):
                writer.close()
                self.writers.discard(writer)

    async def _copy(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(65_536):
                sink.write(data)
                await sink.drain()
        sink.close()

    def cut(self) -> None:
        self.closed = True
        for writer in self.writers:
            writer.close()


@pytest_asyncio.fixture
async def proxy(graph: Graph, neo4j_address: Neo4jAddress) -> AsyncIterator[Proxy]:
    parts = urlsplit(neo4j_address.uri)
    assert parts.hostname is not None
    assert parts.port is not None
    between = Proxy(parts.hostname, parts.port)
    server = await asyncio.start_server(between.serve, "127.0.0.1", 0)
    between.port_here = server.sockets[0].getsockname()[1]
    yield between
    server.close()
    between.cut()
    await asyncio.sleep(0.05)


@pytest_asyncio.fixture
async def far(proxy: Proxy, neo4j_address: Neo4jAddress) -> AsyncIterator[Graph]:
    """The graph behind the proxy."""
    uri = f"bolt://127.0.0.1:{proxy.port_here}"
    opened = Graph.connect(uri, neo4j_address.username, neo4j_address.password)
    yield opened
    await opened.close()


@pytest_asyncio.fixture
async def distant(far: Graph, brand_id: str, database: AsyncDriver) -> AsyncIterator[Shop]:
    """A service whose graph is behind the proxy."""
    transport = httpx.ASGITransport(create_app(far, Settings()), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
        yield Shop(brand_id, client, database)


def order(number: int, **identifiers: str) -> dict[str, object]:
    key, properties = f"order-{number}", {"total": 10, "order_id": str(number)}
    return {"type": "purchase", "identifiers": identifiers, "properties": properties, "idempotency_key": key}


@pytest.mark.parametrize("forwarded", [True, False])
@pytest.mark.parametrize("identifiers", [{"email": "ann@mail.org"}, {}])
async def test_an_unknown_commit_is_settled_by_reading(
    distant: Shop, proxy: Proxy, forwarded: bool, identifiers: dict[str, str]
) -> None:
    """Whether Neo4j had stored it or not: the caller hears what happened, as if nothing had been lost."""
    await distant.event(order(0, email="first@mail.org"))
    proxy.lose, proxy.forwarded = 1, forwarded
    answer = await distant.event(order(1, **identifiers))
    assert proxy.lose == 0
    assert answer["outcome"] == ("created" if identifiers else "unidentified")
    assert await distant.event(order(1, **identifiers)) == {**answer, "outcome": "duplicate"}
    assert await distant.count("Event") == 2
    await distant.check_laws()


async def test_an_unknown_commit_of_many_callers(distant: Shop, proxy: Proxy) -> None:
    """One of them repeats an event stored before, two are the same delivery: each hears what is its own."""
    await distant.event(order(0, email="p0@mail.org"))
    proxy.lose = 1
    bodies = [order(n, email=f"p{n}@mail.org") for n in range(8)] + [order(7, email="p7@mail.org")]
    answers = await asyncio.gather(*map(distant.event, bodies))
    assert [answer["outcome"] for answer in answers] == ["duplicate"] + ["created"] * 7 + ["duplicate"]
    assert answers[7]["event_id"] == answers[8]["event_id"]
    assert await distant.count("Event") == 8
    await distant.check_laws()


async def test_an_unknown_commit_of_an_import_is_its_own(distant: Shop, proxy: Proxy) -> None:
    await distant.event(order(0, email="first@mail.org"))
    body = {"profile_id": "prof-1", "identifiers": {"email": "ann@mail.org"}, "lifetime_value": 5}
    proxy.lose = 1
    assert (await distant.send("/api/profiles", body)).status_code == 201
    assert (await distant.send("/api/profiles", body)).status_code == 200
    assert await distant.count("ProfileImport") == 1


async def test_when_no_commit_is_answered_the_redelivery_is_a_duplicate(distant: Shop, proxy: Proxy) -> None:
    await distant.event(order(0, email="first@mail.org"))
    proxy.lose = 1_000
    began = time.perf_counter()
    answer = await distant.send("/api/events", order(1, email="ann@mail.org"))
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert time.perf_counter() - began < 5
    proxy.lose = 0
    again = await distant.event(order(1, email="ann@mail.org"))
    assert again["outcome"] == "duplicate"
    assert await distant.count("Event") == 2
    await distant.check_laws()


async def test_a_connection_that_died_silently_does_not_hold_the_brand_up(
    distant: Shop, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A network that drops packets closes no connection: only patience ends the wait."""
    await distant.event(order(0, email="first@mail.org"))
    monkeypatch.setattr(transaction, "PATIENCE_S", 0.4)
    proxy.silent = True
    waiting = asyncio.gather(*(distant.event(order(n, email=f"p{n}@mail.org")) for n in range(1, 5)))
    await asyncio.sleep(0.2)
    proxy.silent = False  # for new connections: the old one sleeps on
    began = time.perf_counter()
    assert [answer["outcome"] for answer in await waiting] == ["created"] * 4
    assert time.perf_counter() - began < 2
    await distant.check_laws()


async def test_a_lost_commit_has_a_name_of_its_own(far: Graph, proxy: Proxy, database: AsyncDriver, brand_id: str) -> None:
    async def work(tx: Any) -> None:
        await tx.run("CREATE (:Note {brand_id: $brand})", {"brand": brand_id})

    await far.read("read/ready")
    proxy.lose = 1
    with pytest.raises(CommitUnknown):
        await far.write(work)
    assert await count(database, brand_id, "Note") == 1


async def test_while_neo4j_is_away_every_door_answers_in_time(distant: Shop, proxy: Proxy) -> None:
    await distant.event(order(0, email="first@mail.org"))
    proxy.cut()
    began = time.perf_counter()
    named = {"x-brand-id": distant.brand_id}
    answers = await asyncio.gather(
        *(distant.send("/api/events", order(n, email=f"p{n}@mail.org")) for n in range(5)),
        distant.send("/api/merges", {"profile_ids": ["a", "b"]}),
        distant.client.get("/api/profiles", headers=named),
        distant.client.get("/readyz"),
    )
    assert time.perf_counter() - began < 5
    assert {answer.status_code for answer in answers} == {503}
    assert all(answer.headers["retry-after"] for answer in answers)
    assert (await distant.client.get("/healthz")).status_code == 200
    proxy.closed = False
    assert (await distant.event(order(9, email="p9@mail.org")))["outcome"] == "created"


async def cancelled(lanes: Batcher) -> None:
    for task in list(lanes._tasks):
        task.cancel()
    await lanes.close()


def replaced(entry: Event, **changes: Any) -> Event:
    return replace(entry, **changes)
