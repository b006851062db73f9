"""Reading people: the list with its filters, one profile, and the 360 view."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.api.filters import TypedByName, typed
from app.api.paging import DEFAULT_LIMIT, Brand, Cursor, Limit, answer, page
from app.api.past import Then, When
from app.domain.brands import brand_of
from app.domain.cursors import decode_cursor, list_named
from app.domain.errors import Erased, NotFound
from app.domain.identifiers import Identifier
from app.domain.past import Past
from app.domain.readings import readings
from app.domain.segments import canonical_segment
from app.domain.times import END_OF_TIME
from app.graph.driver import Graph
from app.graph.past_views import profile_then, provenance_then, three_sixty_then
from app.graph.people import find_profile, found_profiles, if_erased, list_profiles, search_profiles, three_sixty
from app.graph.provenance import with_provenance
from app.graph.rows import Row
from app.graph.rulebook import RuleBook

ENTRIES = 200  # of each list in a 360 view, unless asked for otherwise

Provenance = Annotated[bool, Query(description="Say of each attribute who gave it and when, and which others were given.")]
Filters = tuple[list[tuple[Identifier, ...]], str | None]  # groups of readings, and a segment
Text = Annotated[str | None, Query(max_length=1_000)]


def profiles_router(graph: Graph, country: str) -> APIRouter:
    """Lists. `country` (ISO 3166) reads phone numbers that are written without theirs."""
    router = APIRouter(tags=["profiles"])

    @router.get("/api/profiles", summary="List or find profiles")
    async def profiles(
        others: TypedByName,
        x_brand_id: Brand = None,
        email: Text = None,
        phone: Annotated[str | None, Query(max_length=1_000, description="In any written form.")] = None,
        identifier: Annotated[list[str] | None, Query(description="`type:value`; several must all match.")] = None,
        q: Annotated[
            str | None, Query(max_length=512, description="A name, an identifier, or how it begins; a profile id.")
        ] = None,
        segment: Annotated[str | None, Query(max_length=100, description="Such as champion or at_risk.")] = None,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
        provenance: Provenance = False,
    ) -> Response:
        """All filters given must match; in the order of profile ids. Any type of identifier is a filter too, such as
        `loyalty_id=LOY-789456`.

        With `q` the best first, 1,000 at the most: people whose names and identifiers hold all its words, each whole, begun,
        or with a typing error. Who is found by none of that, by how any identifier's value begins, in the order of values.
        """
        brand_id = brand_of(x_brand_id)
        groups = _groups(email, phone, [*(identifier or []), *others], country)
        text = (q or "").strip()
        named = None if segment is None else canonical_segment(segment)
        if text:
            places, found = await _search(graph, brand_id, text, country, (groups, named), limit, cursor)
        else:
            _, last = decode_cursor(cursor, ("profiles", ""))
            found = await list_profiles(graph, brand_id, groups, named, last, limit + 1)
            places = [("profiles", one["profile_id"]) for one in found]
        if provenance:
            found = await with_provenance(graph, brand_id, found)
        return page(list(zip(places, found, strict=True)), limit, lambda one: one[0], lambda one: one[1])

    return router


def profile_router(graph: Graph, book: RuleBook, currency: str) -> APIRouter:
    """One person: today, or as they stood at a moment."""
    router = APIRouter(tags=["profiles"])

    @router.get("/api/profiles/{profile_id}", summary="One profile; an absorbed id gives the survivor")
    async def profile(profile_id: str, x_brand_id: Brand = None, provenance: Provenance = False, when: When = None) -> Response:
        """`merged_from` is the id asked for, when another profile absorbed it. With `as_of` or `known_at` the profile as it
        was: exactly what would stand if only the events by then had been sent.
        """
        brand_id = brand_of(x_brand_id)

        async def then(past: Past) -> Row:
            shown = profile_then(past, profile_id, currency)
            return provenance_then(past, shown) if provenance else shown

        if when is not None:
            found = await Then(graph, book, brand_id, profile_id, when).seen(then)
        elif (found := await find_profile(graph, brand_id, profile_id)) and provenance:
            (found,) = await with_provenance(graph, brand_id, [found])
        if found is None:
            raise await no_profile(graph, brand_id, profile_id)
        return answer(found)

    @router.get("/api/profiles/{profile_id}/360", summary="All that is known of one person")
    async def profile_360(profile_id: str, x_brand_id: Brand = None, limit: Limit = ENTRIES, when: When = None) -> Response:
        """Each list newest first, and no longer than `limit`; `events_total` counts them all. With `as_of` or `known_at` all
        of it as it stood then; scores and messages are those that had been made by then.
        """
        brand_id = brand_of(x_brand_id)

        async def then(past: Past) -> Row:
            return await three_sixty_then(graph, past, profile_id, currency, limit)

        if when is None:
            found = await three_sixty(graph, brand_id, profile_id, limit)
        else:
            found = await Then(graph, book, brand_id, profile_id, when).seen(then, depth=1)
        if found is None:
            raise await no_profile(graph, brand_id, profile_id)
        return answer(found)

    return router


async def _search(
    graph: Graph, brand_id: str, text: str, country: str, filters: Filters, limit: int, cursor: str | None
) -> tuple[Sequence[tuple[object, ...]], list[Row]]:
    """A page (and one more) of a search by words; or of one by the beginning of values, which goes on as it began.

    First where each entry stands in its list, then the entries.
    """
    if cursor is None or list_named(cursor) == "found":
        _, rank, last = decode_cursor(cursor, ("found", END_OF_TIME, ""))
        numbers = [one.value for one in readings("phone", text, country)]
        found = await found_profiles(graph, brand_id, text, numbers, *filters, (rank, last), limit + 1)
        if found or cursor is not None:
            return [("found", rank, one["profile_id"]) for rank, one in found], [one for _, one in found]
    _, value, last = decode_cursor(cursor, ("search", "", ""))
    listed = await search_profiles(graph, brand_id, text, *filters, (value, last), limit + 1)
    return [("search", value, one["profile_id"]) for value, one in listed], [one for _, one in listed]


async def no_profile(graph: Graph, brand_id: str, profile_id: str) -> NotFound | Erased:
    """What to say of an id that nobody answers for."""
    unknown = f"no profile {profile_id[:128]!r} in this brand; GET /api/profiles?email=... finds people by identifier"
    return await if_erased(graph, brand_id, profile_id) or NotFound(unknown)


def _groups(email: str | None, phone: str | None, typed_values: list[str], country: str) -> list[tuple[Identifier, ...]]:
    """One group of readings for each filter given."""
    plain = [("email", email), ("phone", phone)]
    groups = [readings(type_name, value, country) for type_name, value in plain if value is not None]
    return groups + [typed(value, country) for value in typed_values]
