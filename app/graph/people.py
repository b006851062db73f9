"""Reads people: lists of profiles, one profile, and all that is known of one. Each is one round trip."""

import asyncio
from collections.abc import Collection, Iterable, Sequence

from app.domain.errors import Erased
from app.domain.identifiers import Identifier
from app.domain.readings import readings
from app.domain.search import Asked, asked, beginnings, lucene, rank_of
from app.graph.driver import Graph, Rows
from app.graph.learnt import learnt_view
from app.graph.messages import campaign_view, execution_view
from app.graph.rows import Row, attributes_from, identifier_text, moment
from app.graph.views import event_view, intent_view, merge_view, order_view, profile_view, visit_view
from app.graph.whole import READS, settled, whole

LAST_CHARACTER = "\U0010ffff"
HIGHEST_RANK = 2**53  # above every rank
MOST_FOUND = 1_000  # the best that a search lists, page by page
MOST_WITHIN_GROUPS = 100_000  # of which those are kept who hold the identifiers asked for as well

# Whose words changed so lately is looked at here: the full-text index shows it up to a second after the commit
# (graph/embedded/config.py), which may come a moment after the words were written. At a thousand new people a second it is
# the newest of them.
FRESH_MS, MOST_FRESH = 3_000, 3_000

Groups = Sequence[Iterable[Identifier]]
"""Filters by identifier: a person must hold at least one of each group."""


@settled
async def list_profiles(graph: Graph, brand_id: str, groups: Groups, segment: str | None, after: str, limit: int) -> list[Row]:
    """People by profile id, from behind `after` ('' for the first page), who hold one identifier of each group, and are in
    a segment if one is named."""
    texts = _texts(groups)
    if not all(texts):
        return []
    page = {"brand_id": brand_id, "after": after, "limit": limit}
    if texts:
        found = await whole(graph, "read/profiles_holding", groups=texts, segment=segment, **page)
    elif segment is not None:
        found = await whole(graph, "read/profiles_in_segment", segment=segment, **page)
    else:
        found = await whole(graph, "read/profiles", **page)
    return [profile_view(row["profile"]) for row in found]


@settled
async def found_profiles(
    graph: Graph,
    brand_id: str,
    text: str,
    numbers: Iterable[str],
    groups: Groups,
    segment: str | None,
    after: tuple[int, str],
    limit: int,
) -> list[tuple[int, Row]]:
    """People found by the words of `text` (or whose profile id it is), the best first, with the rank each is listed at.

    `numbers` are what it may stand for as a phone number. From behind `after` ((a rank above all, '') for the first page).
    Without `groups` and `segment`, the best 1,000 are all that is listed.
    """
    texts = _texts(groups)
    wanted = asked(text, brand_id, numbers)
    if not wanted or not all(texts):
        return []
    rank, profile_id = after
    fresh = await graph.read("read/fresh_words", brand_id=brand_id, ms=FRESH_MS, limit=MOST_FRESH)
    found: Rows = await whole(
        graph,
        "read/profiles_found",
        brand_id=brand_id,
        id=text,
        query=lucene(wanted),
        fresh=[row["profile_id"] for row in fresh],
        known=await asyncio.to_thread(_found_among, fresh, wanted),  # others are served meanwhile
        most=MOST_WITHIN_GROUPS if texts or segment else MOST_FOUND,
        groups=texts,
        segment=segment,
        rank=rank,
        after=profile_id,
        limit=limit,
    )
    return [(row["rank"], profile_view(row["profile"])) for row in found]


@settled
async def search_profiles(
    graph: Graph, brand_id: str, text: str, groups: Groups, segment: str | None, after: tuple[str, str], limit: int
) -> list[tuple[str, Row]]:
    """People with an identifier that begins as `text` does, or whose profile id it is, with the value each is listed at.

    In the order of value and profile id, from behind `after` (('', '') for the first page).
    """
    texts = _texts(groups)
    if not all(texts):
        return []
    value, profile_id = after
    found: Rows = await whole(
        graph,
        "read/profiles_like",
        brand_id=brand_id,
        id=text,
        ranges=[[max(prefix, value), prefix, prefix + LAST_CHARACTER] for prefix in beginnings(text)],
        groups=texts,
        segment=segment,
        value=value,
        after=profile_id,
        limit=limit,
    )
    return [(row["value"], profile_view(row["profile"])) for row in found]


async def find_people(graph: Graph, brand_id: str, text: str, country: str, limit: int) -> list[Row]:
    """People whom `text` finds in any way: by their words, the best first, then by how an identifier of any type begins.

    Up to twice `limit`. `country` (ISO 3166) reads phone numbers that are written without theirs.
    """
    numbers = [one.value for one in readings("phone", text, country)]
    by_words, by_value = await asyncio.gather(
        found_profiles(graph, brand_id, text, numbers, (), None, (HIGHEST_RANK, ""), limit),
        search_profiles(graph, brand_id, text, (), None, ("", ""), limit),
    )
    ordered = [profile for _, profile in (*by_words, *by_value)]
    return list({profile["profile_id"]: profile for profile in ordered}.values())


@settled
async def find_profile(graph: Graph, brand_id: str, profile_id: str) -> Row | None:
    """Who answers for a profile id; the survivor when it was absorbed."""
    found = await whole(graph, "read/profile", brand_id=brand_id, profile_id=profile_id)
    return _as_asked(profile_view(found[0]["profile"]), profile_id) if found else None


async def if_erased(graph: Graph, brand_id: str, profile_id: str) -> Erased | None:
    """What to raise of an id that was erased; None of any other."""
    found = await graph.read("read/erased", brand_id=brand_id, profile_id=profile_id)
    if not found:
        return None
    return Erased(f"profile {profile_id[:128]!r} was erased on {moment(found[0]['erased_at']):%Y-%m-%d}; nothing of it is kept")


async def named(graph: Graph, brand_id: str, profile_ids: Collection[str]) -> dict[str, Row]:
    """By id, of those that anybody answers for: `profile_id` of who does, and the `identifiers` and `attributes` of a name."""
    found = await graph.read("read/named", brand_id=brand_id, profile_ids=sorted(set(profile_ids)))
    return {
        row["id"]: {
            "profile_id": row["profile_id"],
            "identifiers": dict(sorted(row["held"], reverse=True)),
            "attributes": {attribute.name: attribute.value for attribute in attributes_from(row["attributes"])},
        }
        for row in found
    }


async def three_sixty(graph: Graph, brand_id: str, profile_id: str, limit: int) -> Row | None:
    """All that is known of who answers for a profile id. At most `limit` entries a list, the newest first.

    Lists and figures are of one moment; of somebody who changes at each of `READS` reads, as the last one found them.
    """
    for _ in range(READS):
        is_still, found = await _three_sixty(graph, brand_id, profile_id, limit)
        if is_still:
            break
    return found


@settled
async def _three_sixty(graph: Graph, brand_id: str, profile_id: str, limit: int) -> tuple[bool, Row | None]:
    """Whether all of it is of one moment, and what it is."""
    found = await whole(graph, "read/three_sixty", brand_id=brand_id, profile_id=profile_id, limit=limit)
    if not found:
        return True, None
    row: Row = {name: entries for one in found for name, entries in one["part"].items()}
    return row["still"].items() <= row["profile"].items(), _three_sixty_view(row, profile_id)


def _three_sixty_view(row: Row, profile_id: str) -> Row:
    return {
        "profile": _as_asked(profile_view(row["profile"]), profile_id),
        "events": [event_view(event) for event in row["events"]],
        "events_total": row["profile"]["events_total"],
        "orders": [order_view(order) for order in row["orders"]],
        "store_visits": [visit_view(visit) for visit in row["visits"]],
        "product_intents": [intent_view(intent) for intent in row["intents"]],
        "merge_history": [merge_view(merge) for merge in row["merges"]],
        "automation_executions": [execution_view(execution) for execution in row["executions"]],
        "campaign_executions": [campaign_view(campaign) for campaign in row["campaigns"]],
        **learnt_view(row),
    }


def _as_asked(profile: Row, asked: str) -> Row:
    """An absorbed id is answered with the survivor, who says so."""
    return profile if profile["profile_id"] == asked else {**profile, "merged_from": asked}


def _texts(groups: Groups) -> list[list[str]]:
    return [[identifier_text(identifier) for identifier in group] for group in groups]


def _found_among(fresh: Rows, wanted: Asked) -> list[Row]:
    ranks = ((row["profile_id"], rank_of(row["search"], wanted)) for row in fresh)
    return [{"profile_id": profile_id, "rank": rank} for profile_id, rank in ranks if rank is not None]
