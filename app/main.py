"""The composition root: settings to FastAPI app, and the one table from error to HTTP status."""

import logging
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any

import orjson
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from app.act.channels.base import Channel
from app.act.channels.sandbox import Sandbox
from app.act.jobs import Job, Runner
from app.act.queueing import Rules as MessageRules
from app.act.reminders.job import Admins, Reminding
from app.act.reports import take_reports
from app.act.run import Automating
from app.act.sending import Patience
from app.api.approvals import approval_router, batches_router
from app.api.automations import automation_changes_router, automations_router
from app.api.cypher import cypher_router
from app.api.decisions import decisions_router
from app.api.event_stream import written
from app.api.executions import executions_router, redrive_router
from app.api.explain import explain_router
from app.api.graph_health import graph_health_router
from app.api.health import health_router
from app.api.identifiers import declarations_router, identifiers_router
from app.api.jobs import job_history_router, jobs_router
from app.api.merges import merges_router
from app.api.metrics import metrics_router
from app.api.models import explanations_router, models_router, promotions_router
from app.api.profiles import profile_router, profiles_router
from app.api.queue import queue_router
from app.api.reminders import reminders_router, resend_router
from app.api.rule_runs import rule_changes_router, rule_runs_router
from app.api.rules import drafts_router, rules_router
from app.api.streams import streams_router
from app.api.surroundings import surroundings_router
from app.console.desk import Desk
from app.console.router import console_router
from app.domain import errors
from app.domain.brands import brand_of
from app.domain.errors import ConstIntelError, JobRunning, MissingBrand
from app.domain.plan import Answer
from app.domain.progress import Progress
from app.domain.rules import Rules
from app.graph.cypher_door import CypherDoor, counted
from app.graph.driver import Graph
from app.graph.rulebook import RuleBook
from app.ingest.batcher import Batcher
from app.ingest.doors import import_router, ingest_router
from app.ingest.parked import release
from app.ingest.transaction import Brand, Evidence, ingest
from app.learn.drift_job import drift
from app.learn.feature_job import build_features
from app.learn.prediction_job import predict
from app.learn.training_job import train
from app.publish.follow import Streams
from app.review.decide import Decider, decider
from app.review.rehearse import GoOn, Rehearsal
from app.settings import CHECKOUT, Settings
from app.sources import SOURCES
from app.sources.base import Defaults, Report
from app.telemetry.metrics import Metrics
from app.telemetry.watch import Watch

if TYPE_CHECKING:
    from app.act.scheduler import Scheduler

log = logging.getLogger(__name__)

# The nearest ancestor that is listed counts.
STATUS: dict[type[ConstIntelError], int] = {
    errors.BadInput: 400,
    errors.Unprocessable: 422,
    errors.TooLarge: 413,
    errors.UnsupportedEncoding: 415,
    errors.QueryTooExpensive: 422,
    errors.NotFound: 404,
    errors.ForeignForm: 403,
    errors.Conflict: 409,
    errors.Gone: 410,
    errors.PoisonEvent: 500,
    errors.Unavailable: 503,
    errors.SetUpError: 503,
    errors.ConstIntelError: 500,
}
RETRY_AFTER_S = 2
VERSION = "0.1.0"

# What /openapi.json says of each status.
SAYS: dict[int, str] = {
    400: "The brand is missing, or the request is not what the route takes",
    404: "Nothing in this brand has this id",
    409: "It contradicts what stands; nothing was changed",
    410: "The entries behind this position are kept no longer; `oldest_position` says where the stream begins now",
    413: "The body is too large",
    415: "The body is compressed",
    422: "The content is not valid; `detail` says where and how to mend it",
    503: "The graph does not answer in time, or too much waits for it; send it again after `Retry-After` seconds",
}
Responses = dict[int | str, dict[str, Any]]
PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {name: {"type": "integer" if name == "status" else "string"} for name in ("type", "title", "status", "detail")},
}


def create_app(graph: Graph, settings: Settings, door: CypherDoor | None = None) -> FastAPI:
    """The service over an open, migrated graph. Without a `door` there is no POST /api/cypher. Closing both is the caller's."""
    book = RuleBook(Rules(max_auto_merge=settings.max_auto_merge_profiles, trust=settings.source_priority))

    def brand_for(brand_id: str) -> Brand:
        return Brand(brand_id, settings.default_currency, book)

    async def process(brand_id: str, evidence: Sequence[Evidence]) -> Sequence[Answer | ConstIntelError]:
        return await ingest(graph, brand_for(brand_id), evidence)

    metrics = Metrics([*(source.name for source in SOURCES), "import"], VERSION)
    batcher = Batcher(
        process, settings.batch_max_events, settings.batch_max_wait_ms / 1000, settings.request_deadline_s, observer=metrics
    )
    metrics.watch_waiting(lambda: batcher.waiting)
    streams = Streams(graph, written, settings.max_open_streams, timedelta(days=settings.stream_retention_days))
    outside = _outside(settings)
    rehearsal = Rehearsal(graph, book, settings.default_currency, settings.rules_grace_s)
    sending = MessageRules(outside, settings.require_consent, settings.approval_above)
    jobs = _jobs(graph, settings, sending, streams, brand_for, rehearsal)
    runner = Runner(graph, jobs, settings.job_lease_s)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        scheduler = _scheduler(graph, runner) if settings.scheduler else None
        yield
        streams.close()
        if scheduler is not None:
            await scheduler.close()
        await runner.close()
        await batcher.close()
        for channel in outside.values():
            await channel.close()

    app = FastAPI(
        title="ConstIntel",
        version=VERSION,
        summary="One identity graph out of every channel's events.",
        lifespan=lifespan,
    )
    app.state.streams = streams  # who stops the service ends them first: it waits for open answers
    decided_by = decider(book, settings.default_currency)
    rehearse = _rehearser(runner)
    read = counted(door.read, metrics.asked) if door is not None else None
    desk = Desk(read, sending, book, rehearsal, rehearse, runner, metrics.figures)
    # Runs of rules come before GET /api/rules/{version}, which would take `runs` for a version.
    for router, refusals in chain(
        _rule_routers(rehearsal, decided_by, rehearse),
        _routers(graph, settings, decided_by, batcher, streams, metrics, desk),
        _job_routers(graph, runner, outside),
    ):
        app.include_router(router, responses=refusals)
    app.add_exception_handler(ConstIntelError, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(ClientDisconnect, _hung_up)
    broken = problem(500, "Something went wrong on our side", "the error was logged; nothing was acknowledged", {})
    app.add_middleware(Watch, answered=metrics.answered, unexpected=broken)
    return app


def _learning(graph: Graph) -> dict[str, Job]:
    return {
        "features": Job(partial(build_features, graph), "Builds the features of people who changed.", lease="learning"),
        "predictions": Job(partial(predict, graph), "Features, then scores, segments and journeys.", lease="learning"),
        "training": Job(partial(train, graph), "Trains the brand's own models and tries them on its latest days."),
        "drift": Job(partial(drift, graph), "Compares people with those of the week before."),
    }


def _jobs(
    graph: Graph,
    settings: Settings,
    sending: MessageRules,
    streams: Streams,
    brand_for: Callable[[str], Brand],
    rehearsal: Rehearsal,
) -> dict[str, Job]:
    """Every job by name: what it does with a brand at a clock."""

    async def maintenance(brand_id: str, as_of: datetime, progress: Progress) -> dict[str, object]:
        return {"released": await release(graph, brand_for(brand_id)), "expired": await streams.expire(brand_id)}

    async def outbox(brand_id: str, as_of: datetime, progress: Progress) -> dict[str, object]:
        return {"placed": await streams.place(brand_id)}

    async def rules(brand_id: str, as_of: datetime, progress: Progress) -> dict[str, object]:
        return await rehearsal.go_on(brand_id, progress)

    automating = Automating(graph, sending, Patience(settings.send_timeout_s, settings.send_backoff_s))
    return {
        **_learning(graph),
        "cart-abandonment": Job(automating.run_carts, "Writes to people who left a cart.", lease="automations"),
        "automations": Job(automating.run, "Evaluates every automation and sends what they say.", lease="automations"),
        "reminders": Job(_reminding(graph, settings, sending).run, "Tells admins of reviews that are new or have waited long."),
        "rules": Job(rules, "Takes a dry run or a change of rules that is under way to its end."),
        "outbox": Job(outbox, "Gives new events their places in the streams."),
        "maintenance": Job(maintenance, "Resolves parked events; lets go of entries of streams past the retention."),
    }


def _reminding(graph: Graph, settings: Settings, sending: MessageRules) -> Reminding:
    secret, webhook = settings.admin_webhook_secret, None
    if settings.admin_webhook_url and secret:
        from app.act.reminders.webhook import Webhook  # noqa: PLC0415 - with its HTTP client, for those who use it

        webhook = Webhook(settings.admin_webhook_url, secret.get_secret_value(), settings.send_timeout_s)
    admins = Admins(settings.admin_emails, webhook, settings.review_ageing_days, settings.public_url or "")
    return Reminding(graph, admins, sending.channels["email"], settings.send_timeout_s, settings.send_backoff_s)


def _scheduler(graph: Graph, runner: Runner) -> "Scheduler":
    from app.act.scheduler import Scheduler, all_brands  # noqa: PLC0415 - a third of a second, for those who use it

    scheduler = Scheduler(runner, lambda: all_brands(graph))
    scheduler.start()
    return scheduler


def _outside(settings: Settings) -> dict[str, Channel]:
    """The way out by channel: a real one where there are credentials, else the sandbox."""
    ways: dict[str, Channel] = dict.fromkeys(("whatsapp", "sms", "email"), Sandbox())
    senders = {"whatsapp": settings.twilio_whatsapp_from, "sms": settings.twilio_sms_from}
    given = {name: sender for name, sender in senders.items() if sender}
    if settings.twilio_account_sid and settings.twilio_auth_token and given:
        from app.act.channels.twilio import Account, Twilio  # noqa: PLC0415 - half a second, for those who use it

        token = settings.twilio_auth_token.get_secret_value()
        callback, base = settings.twilio_status_callback, settings.twilio_api_base
        account = Account(settings.twilio_account_sid, token, given, base, callback)
        ways |= dict.fromkeys(given, Twilio(account, settings.send_timeout_s))
    if settings.smtp_url and settings.smtp_from:
        from app.act.channels.email import Email, server_of  # noqa: PLC0415

        ways["email"] = Email(server_of(settings.smtp_url.get_secret_value(), settings.smtp_from), settings.send_timeout_s)
    return ways


def _rehearser(runner: Runner) -> GoOn:
    async def rehearse(brand_id: str) -> None:
        """Where another process has the lease it takes this run along, or the next turn of the scheduler does."""
        with suppress(JobRunning):
            await runner.run_alongside("rules", brand_id, None, wait_s=1.0)

    return rehearse


def _rule_routers(rehearsal: Rehearsal, decided_by: Decider, rehearse: GoOn) -> Iterator[tuple[APIRouter, Responses]]:
    yield rule_runs_router(rehearsal), problems(400, 404, 422, 503)
    yield rule_changes_router(decided_by, rehearsal, rehearse), problems(400, 404, 409, 415, 422, 503)


def _job_routers(graph: Graph, runner: Runner, outside: Mapping[str, Channel]) -> Iterator[tuple[APIRouter, Responses]]:
    providers = {name: channel.provider for name, channel in outside.items()}
    yield redrive_router(graph, providers), problems(400, 404, 409, 415, 422, 503)
    yield reminders_router(graph), problems(400, 422, 503)
    yield resend_router(graph), problems(400, 404, 409, 415, 422, 503)
    yield jobs_router(runner), problems(400, 404, 409, 415, 422, 503)
    yield job_history_router(runner), problems(400, 404, 422, 503)


def _routers(
    graph: Graph,
    settings: Settings,
    decided_by: Decider,
    batcher: Batcher,
    streams: Streams,
    metrics: Metrics,
    desk: Desk,
) -> Iterator[tuple[APIRouter, Responses]]:
    """Every router, with what /openapi.json says of its refusals."""
    book, read = desk.book, desk.read
    defaults = Defaults(settings.default_currency, settings.default_country)

    async def reported(brand_id: str, source: str, reports: Sequence[Report]) -> None:
        await take_reports(
            graph, brand_id, source, [(one.message_id, one.status, one.error_code, one.campaign_id) for one in reports]
        )

    yield ingest_router(batcher, defaults, reported), problems(400, 413, 415, 422, 503)
    yield import_router(batcher, defaults), problems(400, 409, 413, 415, 422, 503)
    yield decisions_router(graph, decided_by), problems(400, 404, 409, 415, 422, 503)
    yield declarations_router(graph, settings.default_country, decided_by), problems(400, 409, 415, 422, 503)
    yield identifiers_router(graph, settings.default_country), problems(400, 404, 422, 503)
    yield rules_router(graph, book), problems(400, 404, 422, 503)
    yield drafts_router(graph, book, settings.default_country, decided_by), problems(400, 404, 409, 415, 422, 503)
    yield profiles_router(graph, settings.default_country), problems(400, 404, 422, 503)
    currency = settings.default_currency
    yield profile_router(graph, book, currency), problems(400, 404, 409, 422, 503)
    yield surroundings_router(graph, book, currency), problems(400, 404, 409, 422, 503)
    yield explain_router(graph, book), problems(400, 404, 422, 503)
    yield graph_health_router(graph, book), problems(400, 422, 503)
    yield automations_router(graph), problems(400, 404, 415, 422, 503)
    yield automation_changes_router(graph), problems(400, 404, 409, 415, 422, 503)
    yield executions_router(graph), problems(400, 422, 503)
    yield batches_router(graph), problems(400, 422, 503)
    yield approval_router(graph), problems(400, 404, 409, 415, 422, 503)
    yield models_router(graph), problems(400, 404, 422, 503)
    yield explanations_router(graph), problems(400, 404, 409, 422, 503)
    yield promotions_router(graph), problems(400, 404, 409, 415, 422, 503)
    yield merges_router(graph), problems(400, 404, 422, 503)
    yield queue_router(graph), problems(400, 404, 422, 503)
    yield streams_router(streams), problems(400, 404, 410, 422, 503)
    yield health_router(graph), problems(503)
    yield console_router(graph, settings.default_country, decided_by, status_of, CHECKOUT / "node_modules", desk), {}
    yield metrics_router(graph, metrics), {}
    if read is not None:
        yield cypher_router(read), problems(400, 415, 422, 503)


def status_of(error: ConstIntelError) -> int:
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, ConstIntelError)
    status = status_of(error)
    headers = {"retry-after": str(RETRY_AFTER_S)} if status == 503 else None
    request.state.refusal = error.detail
    return problem(status, error.title, error.detail, error.extra, headers)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    brandless = _without_brand(request)
    if brandless is not None:
        return await _refused(request, brandless)
    found = [{"where": ".".join(map(str, one["loc"])), "what": one["msg"]} for one in error.errors()]
    detail = "; ".join(f"{one['where']}: {one['what']}" for one in found[:5])
    request.state.refusal = detail
    return problem(422, "The request is not valid", detail, {"errors": found})


def _without_brand(request: Request) -> MissingBrand | None:
    """What a call that names no brand must hear first, whatever else is wrong with it."""
    try:
        brand_of(request.headers.get("x-brand-id"))
    except MissingBrand as error:
        return error if request.url.path.startswith("/api/") else None
    return None


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    request.state.refusal = error.detail
    return problem(
        error.status_code,
        str(error.detail),
        f"{request.method} {request.url.path}: {error.detail}; see /docs",
        {},
        error.headers,
    )


async def _hung_up(request: Request, error: Exception) -> Response:
    """Who hung up in the middle of a body hears no answer, and it is no fault of ours to log."""
    return Response(status_code=400)


def problems(*statuses: int) -> Responses:
    """What /openapi.json says of a route's refusals."""
    content = {"application/problem+json": {"schema": PROBLEM}}
    return {status: {"description": SAYS[status], "content": content} for status in statuses}


def problem(status: int, title: str, detail: str, extra: dict[str, Any], headers: Any = None) -> Response:
    """An RFC 9457 problem document."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **extra}
    content = orjson.dumps(body, default=str)
    return Response(content, status, headers=headers and dict(headers), media_type="application/problem+json")
