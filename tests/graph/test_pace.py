"""How much is tried at once: halved after a refusal, down to one; grown again slowly."""

import pytest

from app.domain.errors import QueryTooExpensive, RegionTooLarge, TooLarge, Unavailable
from app.graph import pace as paces
from app.graph.driver import Rows
from app.graph.pace import Pace, borne, pages

PEOPLE = [f"p{n:02}" for n in range(40)]
REFUSALS = (Unavailable("slow"), QueryTooExpensive("memory"), TooLarge("to write"), RegionTooLarge("to fold"))


class Refusing:
    """Refuses the first times it is asked, and says of which size."""

    def __init__(self, refusal: Exception, times: int) -> None:
        self.refusal, self.times = refusal, times
        self.tried: list[int] = []

    async def __call__(self, size: int) -> str:
        self.tried.append(size)
        if len(self.tried) <= self.times:
            raise self.refusal
        return "done"


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda one: type(one).__name__)
async def test_less_is_tried_until_it_is_borne(refusal: Exception) -> None:
    work = Refusing(refusal, 2)
    assert await borne(Pace(16, 16), work) == ("done", Pace(16, 4))
    assert work.tried == [16, 8, 4]


async def test_a_graph_that_does_not_answer_is_asked_again_so_many_times(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paces, "PAUSE_S", 0.0)
    work = Refusing(Unavailable("down"), 4)
    assert await borne(Pace(2, 2), work, tries=3) == ("done", Pace(2, 1))
    with pytest.raises(Unavailable):
        await borne(Pace(2, 2), Refusing(Unavailable("down"), 5), tries=3)


async def test_one_alone_that_is_too_much_is_not_asked_again() -> None:
    work = Refusing(TooLarge("no"), 9)
    with pytest.raises(TooLarge):
        await borne(Pace(1, 1), work, tries=3)
    assert work.tried == [1]


async def test_pages_shrink_until_they_are_read_and_none_is_missed() -> None:
    tried: list[int] = []

    async def read(after: str, limit: int) -> Rows:
        tried.append(limit)
        if limit > 5:
            raise Unavailable("too slow")
        return [{"profile_id": one} for one in PEOPLE if one > after][:limit]

    found = [row["profile_id"] async for page in pages(read, 32) for row in page]
    assert found == PEOPLE
    assert tried[:4] == [32, 16, 8, 4]


async def test_a_page_of_one_that_is_refused_ends_it() -> None:
    async def read(after: str, limit: int) -> Rows:
        raise QueryTooExpensive("no")

    with pytest.raises(QueryTooExpensive):
        [page async for page in pages(read, 32)]


def test_a_pace_never_leaves_its_bounds() -> None:
    pace = Pace(10, 10)
    for _ in range(20):
        pace = pace.slower(pace.size)
    assert pace == Pace(10, 1)
    for _ in range(20):
        pace = pace.faster()
    assert pace == Pace(10, 10)
