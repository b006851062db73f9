"""The composition root: settings to FastAPI app."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from functools import partial

from fastapi import Depends, FastAPI
from fastapi.routing import APIRoute

from app.access.alone import within_brand
from app.access.asking import name_of_key
from app.access.doorman import Access, Asks, Doorman
from app.access.sessions import PURPOSE, Sessions
from app.act.jobs import Runner
from app.act.queueing import Rules as MessageRules
from app.api.described import Described
from app.api.event_stream import written
from app.api.filters import only_known
from app.console.assets import load_assets
from app.console.desk import Desk
from app.console.pages import Pages
from app.console.sign_in import SigningIn, turned_away
from app.domain.access import OF_THE_API, Need, need_of
from app.domain.errors import ConstIntelError, Unavailable
from app.domain.loopback import is_loopback
from app.domain.plan import Answer
from app.domain.rules import Rules
from app.domain.senders import SEGMENT
from app.graph.api_keys import ApiKeys
from app.graph.cypher_door import CypherDoor, counted
from app.graph.deciding import decider
from app.graph.driver import Graph
from app.graph.leaving import PURPOSE as LEAVING
from app.graph.leaving import Links
from app.graph.rulebook import RuleBook
from app.graph.seal import Seal
from app.graph.senders import Senders
from app.ingest.batcher import Batcher
from app.ingest.transaction import Brand, Evidence, ingest
from app.own_names import AnyPage, OwnNames, name_of
from app.privacy.spellings import forget_now_and_then
from app.problems import answer_refusals, problem, problems, refusal, status_of
from app.publish.follow import Streams
from app.review.rehearse import Rehearsal
from app.routes import Routers, routers
from app.settings import CHECKOUT, Settings
from app.sources import SOURCES
from app.telemetry.metrics import Metrics
from app.telemetry.watch import Watch
from app.work import jobs, rehearser, scheduled, ways_out

VERSION = "0.1.0"
STOPPING = Unavailable("the service is stopping and cannot wait for this; it may be done or not: look, or try again")


def create_app(graph: Graph, settings: Settings, door: CypherDoor | None = None) -> FastAPI:
    """The service over an open, migrated graph. Without a `door` there is no POST /api/cypher. Closing both is the caller's."""
    book = RuleBook(Rules(max_auto_merge=settings.max_auto_merge_profiles, trust=settings.source_priority))

    def brand_for(brand_id: str) -> Brand:
        return Brand(brand_id, settings.default_currency, book)

    async def process(brand_id: str, evidence: Sequence[Evidence]) -> Sequence[Answer | ConstIntelError]:
        return await ingest(graph, brand_for(brand_id), evidence)

    metrics = Metrics([*(name for source in SOURCES for name in source.names), SEGMENT, "import"], VERSION)
    batcher = Batcher(
        process, settings.batch_max_events, settings.batch_max_wait_ms / 1000, settings.request_deadline_s, observer=metrics
    )
    metrics.watch_waiting(lambda: batcher.waiting)
    streams = Streams(graph, written, settings.max_open_streams, timedelta(days=settings.stream_retention_days))
    outside = ways_out(settings)
    rehearsal = Rehearsal(graph, book, settings.default_currency, settings.rules_grace_s)
    links = Links(sealed_by(settings, LEAVING), settings.public_url or "")
    sending = MessageRules(outside, settings.require_consent, settings.approval_above, links)
    runner = Runner(graph, jobs(graph, settings, sending, streams, brand_for, rehearsal), settings.job_lease_s)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        scheduler = scheduled(graph, runner) if settings.scheduler else None
        forgetting = asyncio.create_task(forget_now_and_then())
        yield
        forgetting.cancel()
        streams.close()
        if scheduler is not None:
            await scheduler.close()
        await runner.close()
        await batcher.close()
        for channel in outside.values():
            await channel.close()

    app = _described(lifespan)
    app.state.streams = streams  # who stops the service ends them first: it waits for open answers
    decided_by = decider(book, settings.default_currency, name_of_key)
    signing = signing_in(graph, settings)
    read = within_brand(counted(door.read, metrics.asked), graph, signing.access) if door is not None else None
    senders = Senders(graph, sealed_by(settings))
    desk = Desk(read, sending, book, rehearsal, rehearser(runner), runner, metrics.figures, senders)
    pages = Pages(load_assets(CHECKOUT / "node_modules"))
    asks = included(app, routers(graph, settings, decided_by, batcher, streams, metrics, desk, pages, signing))
    doorman = partial(Doorman, access=signing.access, keys=signing.keys, sessions=signing.sessions, asks=asks)
    _surround(app, settings, metrics, doorman, pages)
    return app


def _described(lifespan: Callable[[FastAPI], AbstractAsyncContextManager[None]]) -> FastAPI:
    return Described(
        title="ConstIntel",
        version=VERSION,
        summary="One identity graph out of every channel's events.",
        lifespan=lifespan,
        docs_url=None,  # the console has them: FastAPI's own pages are fetched from other hosts
        redoc_url=None,
    )


def signing_in(graph: Graph, settings: Settings) -> SigningIn:
    keys = ApiKeys(graph)
    sessions = Sessions(sealed_by(settings, PURPOSE), keys)
    return SigningIn(access_of(keys, settings), keys, sessions, settings.public_url or "")


def included(app: FastAPI, found: Routers) -> list[Asks]:
    """Takes all routers into an app; what each route asks of its callers, in their order."""
    asks = [Asks("/openapi.json", re.compile("/openapi[.]json$"), {"GET", "HEAD"}, Need.NOTHING)]
    for router, refusals, need in found:
        said = refusals if need is Need.NOTHING else {**problems(401, 403), **refusals}
        app.include_router(router, responses=said, dependencies=[Depends(only_known)] if need in OF_THE_API else ())
        for route in router.routes:
            assert isinstance(route, APIRoute)
            methods = route.methods or ()
            asks.append(Asks(route.path, route.path_regex, methods, need_of(need, methods, route.path)))
    return asks


def access_of(keys: ApiKeys, settings: Settings) -> Access:
    return Access(keys, settings.access, is_loopback(settings.host))


def sealed_by(settings: Settings, purpose: str = "") -> Seal:
    key = settings.secret_key
    return Seal(None if key is None else key.get_secret_value(), settings.home, purpose)


def _surround(app: FastAPI, settings: Settings, metrics: Metrics, doorman: Callable[..., Doorman], pages: Pages) -> None:
    """What stands around every route: refusals as problems, who may come in, the names that the service answers to, and who
    watches it all."""
    answer_refusals(app)
    broken = problem(500, "Something went wrong on our side", "the error was logged; nothing was acknowledged", {})
    app.add_middleware(doorman, refused=refusal, turned_away=turned_away(pages, status_of))
    app.add_middleware(OwnNames, allowed=(*settings.allowed_hosts, name_of(settings.public_url or "")), refused=refusal)
    app.add_middleware(Watch, answered=metrics.answered, unexpected=broken, stopping=refusal(STOPPING))
    app.add_middleware(AnyPage)  # outermost: a page may read also that the service stops, or broke
