"""Reading the built-in streams: page by page, or following them as they grow."""

from typing import Annotated

from fastapi import APIRouter, Header, Request, Response

from app.api.event_stream import EventStream, wanted
from app.api.paging import DEFAULT_LIMIT, Brand, Cursor, Limit, answer
from app.domain.brands import brand_of
from app.domain.errors import BadInput
from app.publish.follow import Streams

LastEventId = Annotated[
    str | None,
    Header(alias="last-event-id", description="Only with events: the id of the last one seen; it wins over `after`."),
]
Accept = Annotated[str, Header(include_in_schema=False)]
FOLLOWED = {200: {"description": "A page, or with `Accept: text/event-stream` events", "content": {"text/event-stream": {}}}}


def streams_router(streams: Streams) -> APIRouter:
    router = APIRouter(tags=["streams"])

    @router.get(
        "/api/streams/{topic}",
        summary="Read or follow a stream: events.raw, events.normalized or identity.changes",
        responses=FOLLOWED,  # type: ignore[arg-type]
    )
    async def stream(
        request: Request,
        topic: str,
        x_brand_id: Brand = None,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
        last_event_id: LastEventId = None,
        accept: Accept = "",
    ) -> Response:
        """Entries in the order of their positions, which have no gaps and never change. Without `after` from the oldest kept.

        As JSON: a page of large events ends before `limit`. `next` is null when there is nothing more now; for what comes
        later ask again after the last entry's position.

        With `Accept: text/event-stream`: Server-Sent Events, what is there and then what comes, without an end. `id` is the
        position, `event` the topic, `data` the entry's JSON. `Last-Event-ID` goes on where the connection was lost.

        A position whose followers are kept no longer, or that was not given yet, is 410; `oldest_position` says where the stream
        begins now.
        """
        brand_id = brand_of(x_brand_id)
        if wanted(accept):
            after = _position(last_event_id or cursor, "Last-Event-ID" if last_event_id else "after")
            return EventStream(await streams.follow(brand_id, topic, after), request.state.stands)
        page = await streams.page(brand_id, topic, _position(cursor, "after"), limit)
        return answer(page.entries, next=None if page.next is None else str(page.next))

    return router


def _position(text: str | None, name: str) -> int | None:
    """A position that a client hands back. Raises BadInput when it is none."""
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 18):
        raise BadInput(f"{name} must be a position, such as 0, `next` of a page or the id of an event, not {text[:40]!r}")
    return int(text)
