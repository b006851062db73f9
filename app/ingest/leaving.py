"""The door of whoever wants no more e-mail: mail programs post to a letter's link (RFC 8058), people press a button there.

A no is evidence as any other: an event that carries the address. So it is whose the address is, whoever was merged, parted or
rebuilt since.
"""

import time

from fastapi import APIRouter, Request, Response

from app.domain.events import stable_id
from app.graph.leaving import PATH, Links
from app.ingest.batcher import Batcher
from app.ingest.doors import Door, delivery_of, headers_of, store, waited_s
from app.sources.base import Parsed
from app.sources.envelope import Envelope
from app.sources.people import people

NAME = "unsubscribe"
HEADERS = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'none'; form-action 'self'; frame-ancestors 'none'",
    "x-robots-tag": "noindex",
}
PAGE = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    "<title>{title}</title></head><body><h1>{title}</h1>{rest}</body></html>"
)
ASKS = PAGE.format(title="No more e-mail?", rest='<form method="post"><button>Unsubscribe</button></form>')
DONE = PAGE.format(title="You are unsubscribed", rest="<p>You will get no more of these e-mails. You can close this page.</p>")
UNKNOWN = PAGE.format(
    title="This link is not whole", rest="<p>Open it from the e-mail itself, or answer that e-mail and say so there.</p>"
)


def leaving_router(batcher: Batcher, links: Links) -> APIRouter:
    router = APIRouter(tags=["ingest"], route_class=Door)

    async def ask(request: Request) -> Response:
        """Changes nothing: programs that look for what is dangerous open every link of an e-mail."""
        return _page(ASKS) if links.whose(request.path_params["token"]) else _page(UNKNOWN, 404)

    async def leave(request: Request) -> Response:
        """Answers once it is committed. What is posted is not read: the link says it all."""
        token, heard_at = request.path_params["token"], time.monotonic() - waited_s(request)
        if (whose := links.whose(token)) is None:
            return _page(UNKNOWN, 404)
        brand_id, address = whose
        delivery = delivery_of(request, brand_id, headers_of(request), b"")
        # Pressed twice it is said once; and again by the same letter, should they have said yes since.
        key = stable_id(brand_id, NAME, token, f"{delivery.received_at:%Y-%m-%dT%H:%M}")
        event = Envelope(delivery, NAME, key, "").event(
            "unsubscribed",
            delivery.received_at,
            people([("email", address)], ""),
            {"channel": "email"},
            attributes=(("email_consent", "unsubscribed"),),
        )
        await store(batcher, delivery, Parsed((event,)), heard_at)
        return _page(DONE)

    path = f"{PATH}/{{token}}"
    router.add_api_route(path, ask, methods=["GET", "HEAD"], response_model=None, include_in_schema=False)
    router.add_api_route(path, leave, methods=["POST"], response_model=None, include_in_schema=False)
    return router


def _page(text: str, status: int = 200) -> Response:
    return Response(text, status, HEADERS, media_type="text/html")
