"""The HTTP doors of every source: one route each, and one with the brand in its path for senders without headers."""

import time
import uuid
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute

from app.domain.access import ApiKey, Need, check_may
from app.domain.bodies import MAX_BODY_BYTES, check_encoding, check_named, whole, without_mark
from app.domain.brands import brand_of
from app.domain.errors import MissingBrand
from app.domain.events import ProfileImport
from app.domain.plan import Answer, Outcome
from app.domain.times import whole_milliseconds
from app.ingest.batcher import Batcher
from app.ingest.gate import Gate
from app.ingest.openapi import BACKFILL, said_of_import, said_of_source
from app.sources import EXAMPLES, SOURCES
from app.sources.base import Defaults, Delivery, Parsed, Reply, Report, Source, Wish
from app.sources.profile_import import EXAMPLE as IMPORT_EXAMPLE
from app.sources.profile_import import parse_import
from app.sources.reading import flag

TWIML = b'<?xml version="1.0" encoding="UTF-8"?><Response></Response>'

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
Reported = Callable[[str, str, Sequence[Report]], Awaitable[None]]  # the brand, the source's name, what it reports


class Door(APIRoute):
    """A route that FastAPI documents and then stays out of: what strangers send, their source reads, not a model of ours."""

    def get_route_handler(self) -> Handler:
        return self.endpoint


Asked = Callable[[str, str, Sequence[Wish]], Awaitable[None]]  # the same, and what people ask for


async def _nobody(brand_id: str, source: str, said: Sequence[Report] | Sequence[Wish]) -> None:
    """Nobody here sends messages, or keeps what somebody could ask for."""


def ingest_router(
    batcher: Batcher, gate: Gate, reported: Reported = _nobody, asked: Asked = _nobody, sources: Sequence[Source] = SOURCES
) -> APIRouter:
    """`reported` is told what became of messages that were sent, `asked` what people ask for; both before the answer."""
    router = APIRouter(tags=["ingest"], route_class=Door)
    for source in sources:
        door = _door(source, source.name, batcher, gate, reported, asked)
        _add(router, source.path, source.name, door, said_of_source(source, EXAMPLES[source.name], brand_in_path=False))
        for name in source.names:
            door = _door(source, name, batcher, gate, reported, asked)
            said = said_of_source(source, EXAMPLES[source.name], brand_in_path=True)
            _add(router, f"/api/integrations/{name}/webhook/{{brand}}", f"{name}_by_path", door, said)
    return router


def import_router(batcher: Batcher, defaults: Defaults) -> APIRouter:
    router = APIRouter(tags=["ingest"], route_class=Door)
    _add(router, "/api/profiles", "import_profile", _import_door(batcher, defaults), said_of_import(IMPORT_EXAMPLE))
    return router


def _add(router: APIRouter, path: str, name: str, door: Handler, said: dict[str, Any]) -> None:
    router.add_api_route(path, door, methods=["POST"], name=name, response_model=None, openapi_extra=said)


def _door(source: Source, name: str, batcher: Batcher, gate: Gate, reported: Reported, asked: Asked) -> Handler:
    async def door(request: Request) -> Response:
        keyless = getattr(request.state, "keyless", False)
        if keyless:
            await gate.expect_signer(source, brand_named(request, headers_of(request)))
        delivery, heard_at = await read_delivery(request, source.most_bytes), time.monotonic() - waited_s(request)
        admitted = await gate.admit(source, name, delivery, keyless=keyless)
        parsed = source.parse(delivery, admitted.defaults)
        admitted.vouch(parsed.events)
        if parsed.wishes and not admitted.signed:
            check_may_erase(getattr(request.state, "caller", None))
        answers = await store(batcher, delivery, parsed, heard_at)
        if parsed.reports:
            await reported(delivery.brand_id, source.name, parsed.reports)
        if parsed.wishes:
            await asked(delivery.brand_id, source.name, parsed.wishes)
        await gate.note(admitted.sender, delivery)
        return _reply(parsed, answers)

    door.__doc__ = f"Takes what {source.name} sends; answers once it is committed."
    return door


def check_may_erase(caller: ApiKey | None) -> None:
    """What people ask for is as good as done, so whoever may only send asks for it in nobody's name: its sender signs it, or an
    admin says it. Where no key is asked for, everybody is one. Raises Forbidden."""
    if caller is not None:
        check_may(caller, Need.ADMIN, ())


def _import_door(batcher: Batcher, defaults: Defaults) -> Handler:
    async def door(request: Request) -> Response:
        """Brings in an existing profile as it is, without matching."""
        delivery, heard_at = await read_delivery(request), time.monotonic() - waited_s(request)
        new: ProfileImport = parse_import(delivery, defaults)
        (answer,) = await batcher.submit(delivery.brand_id, [new], time.monotonic() - heard_at)
        status = 201 if answer.outcome is Outcome.CREATED else 200
        return json_answer({"data": {"profile_id": answer.profile_id, "outcome": answer.outcome}}, status)

    return door


async def read_delivery(request: Request, most_bytes: int = MAX_BODY_BYTES) -> Delivery:
    """The call as a source sees it. Raises MissingBrand, UnsupportedEncoding, TooLarge, BadInput."""
    headers = headers_of(request)
    brand_id = brand_named(request, headers)
    check_encoding(headers.get("content-encoding"))
    return delivery_of(request, brand_id, headers, await whole(request.stream(), headers, most_bytes))


def headers_of(request: Request) -> dict[str, str]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in request.scope["headers"]}


def delivery_of(request: Request, brand_id: str, headers: Mapping[str, str], sent: bytes) -> Delivery:
    body = without_mark(sent)
    return Delivery(
        brand_id=brand_id,
        headers=headers,
        body=body,
        received_at=whole_milliseconds(datetime.now(UTC)),
        request_id=uuid.uuid4().hex,
        query=dict(request.query_params),
        raw_query=request.scope["query_string"].decode("latin-1"),
        mark=sent[: len(sent) - len(body)],
        backfill=flag(request.query_params, BACKFILL),
    )


def waited_s(request: Request) -> float:
    """How long its sender has waited before it was looked at: it is taken off the time that is left."""
    return float(getattr(request.state, "waited_s", 0.0))


def brand_named(request: Request, headers: Mapping[str, str]) -> str:
    """The brand that path, header or both name. Raises MissingBrand when neither does, or when they contradict each other."""
    in_path, in_header = request.path_params.get("brand"), headers.get("x-brand-id")
    header = (in_header or "").strip()
    if in_path and header and header != in_path:
        raise MissingBrand(f"the path names brand {in_path[:80]!r}, x-brand-id {header[:80]!r}; send the one that is meant")
    return brand_of(in_path or in_header)


async def store(batcher: Batcher, delivery: Delivery, parsed: Parsed, heard_at: float) -> list[Answer]:
    """The answers to what a delivery says, once it is committed. `heard_at` (time.monotonic) is since when its sender waits.
    Raises TooLarge, and as `Batcher.submit`."""
    check_named(sum(len(event.identifiers) for event in parsed.events))
    if not parsed.events:
        return []
    return await batcher.submit(delivery.brand_id, parsed.events, time.monotonic() - heard_at)


def _reply(parsed: Parsed, answers: Iterable[Answer]) -> Response:
    if parsed.reply is Reply.TWIML:
        return Response(TWIML, media_type="text/xml")
    return json_answer({"data": {"events": events_of(parsed, answers)}})


def events_of(parsed: Parsed, answers: Iterable[Answer]) -> list[dict[str, object]]:
    """What became of each event, and then what was passed over."""
    nothing = dict.fromkeys(("event_id", "type", "profile_id", "outcome", "merge_id", "review_id"))
    ignored = [{**nothing, "type": name, "outcome": Outcome.IGNORED} for name in parsed.ignored]
    events = [
        {
            "event_id": answer.event_id,
            "type": answer.type,
            "profile_id": answer.profile_id,
            "outcome": answer.outcome,
            "merge_id": answer.merge_id,
            "review_id": answer.review_id,
        }
        for answer in answers
    ]
    return [*events, *ignored]


def json_answer(content: object, status: int = 200) -> Response:
    return Response(orjson.dumps(content), status, media_type="application/json")
