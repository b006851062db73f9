"""People who are erased or absorbed at the very moment they are read."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from app.domain.errors import Unavailable
from app.graph.driver import Graph, Rows
from app.graph.people import READS, find_profile, list_profiles, three_sixty
from tests.api.brand import Brand

Read = Callable[[Graph, str], Awaitable[Any]]
READ: dict[str, Read] = {
    "one": lambda graph, brand_id: find_profile(graph, brand_id, "p1"),
    "all": lambda graph, brand_id: list_profiles(graph, brand_id, (), None, "", 10),
    "a 360": lambda graph, brand_id: three_sixty(graph, brand_id, "p1", 10),
}


@pytest.mark.parametrize("what", READ)
async def test_who_was_read_in_the_middle_of_a_commit_is_read_again(
    graph: Graph, brand: Brand, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """Neo4j finds them by their key and then shows the properties of a stone."""
    await brand.bring(profile_id="p1", identifiers={"email": "ann@x.org"}, lifetime_value=5)
    whole, read, half_read = await READ[what](graph, brand.brand_id), Graph.read, 1

    async def halfway(self: Graph, name: str, **asked: object) -> Rows:
        nonlocal half_read
        found, half_read = await read(self, name, **asked), half_read - 1
        for row in found:
            told = row.get("part", row)
            if half_read >= 0 and "profile" in told:
                told["profile"] |= dict.fromkeys(told["profile"].keys() - {"profile_id"})
        return found

    monkeypatch.setattr(Graph, "read", halfway)
    assert await READ[what](graph, brand.brand_id) == whole
    half_read = READS
    with pytest.raises(Unavailable):
        await READ[what](graph, brand.brand_id)
