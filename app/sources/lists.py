"""Bodies that hold several things of one kind: taken whole, or refused whole with what is wrong of which."""

from collections.abc import Callable, Iterable, Iterator

from app.domain.bodies import check_named
from app.domain.errors import BadInput, Unprocessable
from app.domain.events import Event
from app.sources.reading import JsonObject, kind

MAX_EVENTS = 1_000


def each(elements: list[object], read: Callable[[int, JsonObject], Event]) -> tuple[Event, ...]:
    """What `read` makes of each, by its place. Raises Unprocessable when there are too many or none, or when one is not valid:
    its `extra` has `indexes` and `errors` (index, detail) of every bad element then. TooLarge when they name too many people."""
    if not 1 <= len(elements) <= MAX_EVENTS:
        mend = "send it in parts" if elements else "send at least one"
        raise Unprocessable(f"a list holds 1 to {MAX_EVENTS:,} events, this one {len(elements):,}; {mend}")
    errors: list[dict[str, object]] = []

    def events() -> Iterator[Event]:
        for index, element in enumerate(elements):
            try:
                if not isinstance(element, dict):
                    raise BadInput(f"an event must be an object, not {kind(element)}")
                found = read(index, element)
            except BadInput as error:
                errors.append({"index": index, "detail": error.detail})
            else:
                yield found

    taken = tuple(of_one_call(events()))
    if errors:
        indexes = [error["index"] for error in errors]
        named = ", ".join(map(str, indexes[:10])) + (", ..." if len(indexes) > 10 else "")
        raise Unprocessable(
            f"nothing was stored: {len(errors)} of {len(elements)} events are not valid (index {named}); "
            f"the first: {errors[0]['detail']}",
            indexes=indexes,
            errors=errors,
        )
    return taken


def of_one_call(events: Iterable[Event]) -> Iterator[Event]:
    """Events as they are read. Raises TooLarge as soon as they name too many: the rest need not be read, which takes seconds."""
    named = 0
    for event in events:
        named += len(event.identifiers)
        check_named(named)
        yield event
