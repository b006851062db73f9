"""Every router of the service, with what /openapi.json says of its refusals and what it asks of its callers."""

from collections.abc import Iterator, Sequence

from fastapi import APIRouter

from app.act.reports import take_reports
from app.api.approvals import approval_router, batches_router
from app.api.automations import automation_changes_router, automations_router
from app.api.cypher import cypher_router
from app.api.decisions import decisions_router
from app.api.executions import executions_router, redrive_router
from app.api.explain import explain_router
from app.api.graph_health import graph_health_router
from app.api.health import health_router
from app.api.identifiers import declarations_router, identifiers_router
from app.api.jobs import job_history_router, jobs_router
from app.api.keys import key_changes_router, keys_router
from app.api.merges import merges_router
from app.api.metrics import metrics_router
from app.api.models import explanations_router, models_router, promotions_router
from app.api.privacy import erasing_router, export_router, privacy_lists_router
from app.api.profiles import profile_router, profiles_router
from app.api.queue import queue_router
from app.api.reminders import reminders_router, resend_router
from app.api.rule_runs import rule_changes_router, rule_runs_router
from app.api.rules import drafts_router, rules_router
from app.api.senders import sender_changes_router, senders_router
from app.api.streams import streams_router
from app.api.surroundings import surroundings_router
from app.console.desk import Desk
from app.console.pages import Pages
from app.console.router import console_router, open_router
from app.console.sign_in import SigningIn
from app.domain.access import Need
from app.graph.deciding import Decider
from app.graph.driver import Graph
from app.graph.leaving import Links
from app.graph.senders import Senders
from app.ingest.batcher import Batcher
from app.ingest.doors import import_router, ingest_router
from app.ingest.gate import Gate
from app.ingest.leaving import leaving_router
from app.ingest.segment_doors import segment_router
from app.privacy.wishes import Asked, erase_whoever, note_request
from app.problems import Responses, problems, status_of
from app.publish.follow import Streams
from app.settings import Settings
from app.sources import SOURCES
from app.sources.base import Defaults, Report, Wanted, Wish
from app.telemetry.metrics import Metrics

Routers = Iterator[tuple[APIRouter, Responses, Need]]
"""The need is of what only reads: `need_of` (app/domain/access.py) says what else a router has."""


def routers(
    graph: Graph,
    settings: Settings,
    decided_by: Decider,
    batcher: Batcher,
    streams: Streams,
    metrics: Metrics,
    desk: Desk,
    pages: Pages,
    signing: SigningIn,
) -> Routers:
    # Paths are tried in this order, so what every delivery takes stands first.
    yield from _arrivals(graph, settings, decided_by, batcher, desk.senders, desk.sending.links)
    yield keys_router(signing.keys), problems(400, 422, 503), Need.ADMIN
    yield key_changes_router(signing.keys), problems(400, 404, 409, 413, 415, 422, 503), Need.ADMIN
    yield from _rules(graph, settings, decided_by, desk)
    yield from _people(graph, settings, decided_by, desk)
    yield from _acts(graph, desk)
    yield streams_router(streams), problems(400, 404, 410, 422, 503), Need.READING
    yield health_router(graph), problems(503), Need.NOTHING
    yield metrics_router(graph, metrics), {}, Need.NOTHING
    yield open_router(pages, status_of, signing), {}, Need.NOTHING
    yield console_router(graph, settings.default_country, decided_by, status_of, pages, desk), {}, Need.PAGE
    if desk.read is not None:
        yield cypher_router(desk.read), problems(400, 413, 415, 422, 503), Need.READING


def _rules(graph: Graph, settings: Settings, decided_by: Decider, desk: Desk) -> Routers:
    # Runs of rules come before GET /api/rules/{version}, which would take `runs` for a version.
    yield rule_runs_router(desk.rehearsal), problems(400, 404, 422, 503), Need.READING
    yield rule_changes_router(decided_by, desk.rehearsal, desk.go_on), problems(400, 404, 409, 413, 415, 422, 503), Need.READING
    yield rules_router(graph, desk.book), problems(400, 404, 422, 503), Need.READING
    yield (
        drafts_router(graph, desk.book, settings.default_country, decided_by),
        problems(400, 404, 409, 413, 415, 422, 503),
        Need.ADMIN,
    )


def _arrivals(
    graph: Graph, settings: Settings, decided_by: Decider, batcher: Batcher, senders: Senders, links: Links | None
) -> Routers:
    defaults = Defaults(settings.default_currency, settings.default_country)

    async def reported(brand_id: str, source: str, reports: Sequence[Report]) -> None:
        await take_reports(
            graph, brand_id, source, [(one.message_id, one.status, one.error_code, one.campaign_id) for one in reports]
        )

    async def asked(brand_id: str, source: str, wishes: Sequence[Wish]) -> None:
        for one in wishes:
            decision = decided_by(brand_id, one.topic, source)
            if one.wanted is Wanted.ERASURE:
                await erase_whoever(graph, decision, one.named)
            else:
                await note_request(graph, decision, Asked(one.key, one.wanted.value, one.named, one.shop_domain))

    gate = Gate(senders, defaults)
    signing, others = [one for one in SOURCES if one.verify], [one for one in SOURCES if not one.verify]
    yield ingest_router(batcher, gate, reported, asked, signing), problems(400, 401, 403, 413, 415, 422, 503), Need.SIGNATURE
    yield ingest_router(batcher, gate, reported, asked, others), problems(400, 401, 403, 413, 415, 422, 503), Need.EVENTS
    yield segment_router(batcher, gate, senders), problems(400, 401, 403, 413, 415, 422, 503), Need.NOTHING
    if links is not None:
        yield leaving_router(batcher, links), {}, Need.NOTHING
    yield import_router(batcher, defaults), problems(400, 409, 413, 415, 422, 503), Need.ADMIN
    yield senders_router(senders), problems(400, 404, 422, 503), Need.READING
    yield sender_changes_router(senders), problems(400, 404, 409, 413, 415, 422, 503), Need.ADMIN


def _people(graph: Graph, settings: Settings, decided_by: Decider, desk: Desk) -> Routers:
    book, country, currency = desk.book, settings.default_country, settings.default_currency
    yield decisions_router(graph, country, decided_by), problems(400, 404, 409, 413, 415, 422, 503), Need.ADMIN
    yield declarations_router(graph, country, decided_by), problems(400, 404, 409, 413, 415, 422, 503), Need.ADMIN
    yield identifiers_router(graph, country), problems(400, 404, 422, 503), Need.READING
    yield profiles_router(graph, country), problems(400, 404, 422, 503), Need.READING
    yield profile_router(graph, book, currency), problems(400, 404, 409, 410, 422, 503), Need.READING
    yield export_router(graph), problems(400, 404, 410, 413, 415, 422, 503), Need.READING
    yield erasing_router(graph, country, decided_by), problems(400, 409, 413, 415, 422, 503), Need.ADMIN
    yield privacy_lists_router(graph), problems(400, 422, 503), Need.READING
    yield surroundings_router(graph, book, currency), problems(400, 404, 409, 410, 422, 503), Need.READING
    yield explain_router(graph, book), problems(400, 404, 410, 422, 503), Need.READING
    yield graph_health_router(graph, book), problems(400, 422, 503), Need.READING
    yield merges_router(graph), problems(400, 404, 422, 503), Need.READING
    yield queue_router(graph), problems(400, 404, 422, 503), Need.READING


def _acts(graph: Graph, desk: Desk) -> Routers:
    yield automations_router(graph), problems(400, 404, 413, 415, 422, 503), Need.READING
    yield automation_changes_router(graph), problems(400, 404, 409, 413, 415, 422, 503), Need.ADMIN
    yield executions_router(graph), problems(400, 422, 503), Need.READING
    yield batches_router(graph), problems(400, 422, 503), Need.READING
    yield approval_router(graph), problems(400, 404, 409, 413, 415, 422, 503), Need.ADMIN
    yield models_router(graph), problems(400, 404, 422, 503), Need.READING
    yield explanations_router(graph), problems(400, 404, 409, 410, 422, 503), Need.READING
    yield promotions_router(graph), problems(400, 404, 409, 410, 413, 415, 422, 503), Need.ADMIN
    yield redrive_router(graph, desk.sending.providers), problems(400, 404, 409, 413, 415, 422, 503), Need.ADMIN
    yield reminders_router(graph), problems(400, 422, 503), Need.READING
    yield resend_router(graph), problems(400, 404, 409, 413, 415, 422, 503), Need.ADMIN
    yield jobs_router(desk.runner), problems(400, 404, 409, 413, 415, 422, 503), Need.ADMIN
    yield job_history_router(desk.runner), problems(400, 404, 422, 503), Need.READING
