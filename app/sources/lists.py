"""Bodies that hold several things of one kind: taken whole, or refused whole with what is wrong of which."""

from collections.abc import Callable

from app.domain.errors import BadInput, Unprocessable
from app.domain.events import Event
from app.sources.reading import JsonObject, kind

MAX_EVENTS = 1_000


def each(elements: list[object], read: Callable[[int, JsonObject], Event]) -> tuple[Event, ...]:
    """What `read` makes of each, by its place. Raises Unprocessable when there are too many or none, or when one is not valid:
    its `extra` has `indexes` and `errors` (index, detail) of every bad element then."""
    if not 1 <= len(elements) <= MAX_EVENTS:
        mend = "send it in parts" if elements else "send at least one"
        raise Unprocessable(f"a list holds 1 to {MAX_EVENTS:,} events, this one {len(elements):,}; {mend}")
    events: list[Event] = []
    errors: list[dict[str, object]] = []
    for index, element in enumerate(elements):
        try:
            if not isinstance(element, dict):
                raise BadInput(f"an event must be an object, not {kind(element)}")
            events.append(read(index, element))
        except BadInput as error:
            errors.append({"index": index, "detail": error.detail})
    if errors:
        indexes = [error["index"] for error in errors]
        named = ", ".join(map(str, indexes[:10])) + (", ..." if len(indexes) > 10 else "")
        raise Unprocessable(
            f"nothing was stored: {len(errors)} of {len(elements)} events are not valid (index {named}); "
            f"the first: {errors[0]['detail']}",
            indexes=indexes,
            errors=errors,
        )
    return tuple(events)
