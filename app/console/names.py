"""What people are called in lists that know only their ids."""

from collections.abc import Mapping, Sequence

from app.console.people import name_of
from app.domain.identifiers import Identifier
from app.graph.driver import Graph
from app.graph.rows import attributes_from, identifier_from


async def names_of(
    graph: Graph, brand: str, profile_ids: Sequence[str], visitors: Mapping[str, Identifier] | None = None
) -> dict[str, str]:
    """By id, as on their own pages: by their attributes, else by what names them, else by their visitor's id in `visitors`.
    Of whom nothing is known is not among them."""
    names = {}
    for row in await graph.read("read/called", brand_id=brand, profile_ids=profile_ids):
        said = {one.name: one.value for one in attributes_from(row["attributes"])}
        visitor = (visitors or {}).get(row["profile_id"])
        held = [identifier_from(text) for text in row["strong"] or ()] or ([visitor] if visitor else [])
        if said or held:
            names[row["profile_id"]] = name_of({"attributes": said, "identifiers": dict(reversed(held))})
    return names
