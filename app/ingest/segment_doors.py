"""Segment's HTTP tracking API: any of its libraries can point here. The write key says whose a call is."""

import time
from dataclasses import replace

from fastapi import APIRouter, Request, Response

from app.domain.any_page import PREFLIGHT
from app.domain.bodies import unpacked, whole
from app.domain.errors import UnknownKey, UnknownKeyOfPage
from app.graph.senders import Senders
from app.ingest.batcher import Batcher
from app.ingest.doors import Door, Handler, delivery_of, events_of, headers_of, json_answer, store, waited_s
from app.ingest.gate import Gate
from app.ingest.openapi import said_of_segment
from app.sources import segment
from app.sources.base import Delivery

ROUTES = (segment.BATCH, *segment.CALLS)
MEASURES = "/v1/m"  # where a browser's library counts its own calls, each half minute


def segment_router(batcher: Batcher, gate: Gate, senders: Senders) -> APIRouter:
    """Each call under its long name and, as browsers send it, under its first letter."""
    router = APIRouter(tags=["ingest"], route_class=Door)
    for call in ROUTES:
        door, said = _door(call, batcher, gate, senders), said_of_segment(segment.EXAMPLES[call])
        for path in (f"/v1/{call}", f"/v1/{call[0]}"):
            shown = path.endswith(call)
            router.add_api_route(path, door, methods=["POST"], response_model=None, openapi_extra=said, include_in_schema=shown)
            router.add_api_route(path, _preflight, methods=["OPTIONS"], include_in_schema=False)
    router.add_api_route(MEASURES, _measured, methods=["POST"], include_in_schema=False)
    return router


async def _preflight(request: Request) -> Response:
    """A browser asks whether a page may send: with a key that is meant to be seen, any may."""
    return Response(status_code=204, headers=PREFLIGHT)


async def _measured(request: Request) -> Response:
    """Nothing of it is kept, but refused it would stand as an error in the console of a shop's every page. Raises TooLarge."""
    await whole(request.stream(), headers_of(request))
    return json_answer({"success": True})


def _door(call: str, batcher: Batcher, gate: Gate, senders: Senders) -> Handler:
    async def door(request: Request) -> Response:
        unowned, heard_at = await _read(request), time.monotonic() - waited_s(request)
        delivery = await _owned(unowned, senders)
        admitted = await gate.admit_known(segment.NAME, delivery)
        parsed = segment.parse(delivery, call, admitted.defaults)
        answers = await store(batcher, delivery, parsed, heard_at)
        await gate.note(admitted.sender, delivery)
        return json_answer({"success": True, "data": {"events": events_of(parsed, answers)}})

    door.__doc__ = f"Takes Segment's `{call}` calls; answers once they are committed."
    return door


async def _read(request: Request) -> Delivery:
    """The call, whosever it is. Raises TooLarge, UnsupportedEncoding, BadInput."""
    headers = headers_of(request)
    sent = unpacked(await whole(request.stream(), headers), headers.get("content-encoding"))
    return delivery_of(request, "", headers, sent)


async def _owned(delivery: Delivery, senders: Senders) -> Delivery:
    """The call, as the brand's whose write key it brings. Raises UnknownKey, Unavailable."""
    write_key = segment.write_key_of(delivery)
    brand_id = await senders.brand_of(write_key) if write_key is not None else None
    if brand_id is None:
        raise (UnknownKeyOfPage if "origin" in delivery.headers else UnknownKey)(
            "the call brings no write key of a brand (as the user of HTTP Basic authorization, or as writeKey in its body); "
            "PUT /api/sources/segment with the brand's write_key, and set the library up with that"
        )
    return replace(delivery, brand_id=brand_id)
