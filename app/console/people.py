"""Finding people: what the search page shows of them, and why each is in the list."""

import re
import shlex
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from app.console.pages import Pages, wants_part
from app.console.routes import Brand
from app.domain.identifiers import PRIORITY, STRONG, Identifier, by_priority
from app.domain.matches import CLOSENESS, Match, matches
from app.domain.normalise import as_seen
from app.domain.readings import readings
from app.graph.driver import Graph
from app.graph.people import find_people, list_profiles
from app.graph.rows import Row

# Marks of width and order. The latter turn around what stands beside a name as well: who is merged into whom.
UNSEEN = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")
NAMED = ("first_name", "last_name", "name", "full_name")
LONGEST_NAME = 80  # of each part
SHOWN = 20
MOST_SHOWN = 200

Text = Annotated[str, Query(max_length=512)]
Most = Annotated[int, Query(alias="show", ge=1, le=MOST_SHOWN)]
After = Annotated[int, Query(ge=0, le=MOST_SHOWN)]


@dataclass(frozen=True, slots=True)
class Found:
    """A person in a list, with what the search hit of them."""

    profile: Row
    name: str
    matched: tuple[Match, ...]

    @property
    def held(self) -> list[Row]:
        return strongest_first(self.profile)


def people_router(router: APIRouter, graph: Graph, pages: Pages, country: str) -> None:
    @router.get("/console/{brand}/search")
    async def search(request: Request, brand: Brand, q: Text = "", show: Most = SHOWN, after: After = 0) -> Response:
        """`after` are how many were shown already: who asked for more goes on behind them."""
        text = q.strip()
        if text:
            found = found_people(text, country, await find_people(graph, brand, text, country, show + 1))
        else:
            listed = await list_profiles(graph, brand, (), None, "", show + 1)
            found = [Found(profile, name_of(profile), ()) for profile in listed]
        shown: dict[str, Any] = {"q": text, "people": found[:show], "more": len(found) > show, "show": show, "most": MOST_SHOWN}
        shown["after"] = after
        if wants_part(request):
            return pages.part("part_people.html", brand=brand, **shown)
        template = "search.html" if found or text else "first_event.html"
        return pages.page(template, brand=brand, place="search", **shown, door=door_of(request))


def found_people(text: str, country: str, profiles: list[Row]) -> list[Found]:
    """Those with a value that is exactly what was asked for come first; otherwise in the order in which they were found."""
    numbers = [one.value for one in readings("phone", text, country)]
    found = [Found(profile, name_of(profile), tuple(_matched(text, numbers, profile))) for profile in profiles]
    return sorted(found, key=lambda one: CLOSENESS[one.matched[0].how] if one.matched else len(CLOSENESS))


def _matched(text: str, numbers: list[str], profile: Row) -> list[Match]:
    held = [Identifier(one["type"], one["value"]) for one in profile["all_identifiers"]]
    ids = [profile["profile_id"], *profile["merged_profile_ids"]]
    return matches(text, numbers, ids, held, profile["attributes"])


def strongest_first(profile: Row) -> list[Row]:
    """All their identifiers: those that name a person before those of browsers."""
    return sorted(profile["all_identifiers"], key=lambda one: by_priority(Identifier(one["type"], one["value"])))


def name_of(profile: Row) -> str:
    """What people call somebody: a name, else the identifier that says most, else that there is none."""
    said = {part: _seen(profile["attributes"].get(part, "")) for part in NAMED}
    whole = " ".join(said[part] for part in NAMED[:2] if said[part])
    if name := whole or said["name"] or said["full_name"]:
        return name
    best = min(profile["identifiers"].items(), key=lambda one: PRIORITY[one[0]], default=None)
    readable = [profile["identifiers"][kind] for kind in ("email", "whatsapp", "phone") if kind in profile["identifiers"]]
    if readable:
        return str(readable[0])
    return "Somebody without an identifier" if best is None else str(best[1]) if best[0] in STRONG else f"Visitor {best[1]}"


def _seen(text: str) -> str:
    """A name without what is not seen; '' when nothing is left. Joiners stay, which Persian and emoji are written with. Of one
    that would fill the page its beginning: the attributes have the whole."""
    seen = UNSEEN.sub("", text).strip() if as_seen(text) else ""
    return seen if len(seen) <= LONGEST_NAME else f"{seen[:LONGEST_NAME].rstrip()}\u2026"


def name_of_snapshot(snapshot: Row) -> str:
    """As `name_of`, of somebody as merge history keeps them."""
    said = {one["type"]: one["value"] for one in snapshot["identifiers"]}
    return name_of({"identifiers": said, "attributes": snapshot["attributes"]})


def door_of(request: Request) -> str:
    """Where events are sent to, as whoever reads the page reaches this service, and as a shell takes it."""
    return shlex.quote(f"{request.url.scheme}://{request.url.netloc}/api/events")
