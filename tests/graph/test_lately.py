"""What was read a moment ago: held for so long, so much of it, and not past a change."""

import asyncio

from app.domain.errors import Unavailable
from app.graph.lately import Lately, Seldom


class Asked:
    """Answers with how often it was asked; of nobody with nothing."""

    def __init__(self) -> None:
        self.times = 0
        self.go_on = asyncio.Event()
        self.go_on.set()

    async def __call__(self, asked: str) -> int | None:
        self.times += 1
        answer = self.times if asked != "nobody" else None
        await self.go_on.wait()
        return answer


async def all_wait() -> None:
    """Whoever can go on has gone on."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_what_was_read_holds_until_it_is_old_or_changed() -> None:
    read, held, old = Asked(), Lately[str, int](3600, 10), Lately[str, int](0, 10)
    assert [await held.get("a", read) for _ in range(2)] == [1, 1]
    held.forget()
    assert [await held.get("a", read), await held.anew("a", read), await held.get("a", read)] == [2, 3, 3]
    assert [await old.get("a", read) for _ in range(2)] == [4, 5]


async def test_nothing_is_no_answer() -> None:
    read, held = Asked(), Lately[str, int](3600, 10)
    assert [await held.get("nobody", read) for _ in range(2)] == [None, None]
    assert read.times == 2


async def test_only_so_many_are_held() -> None:
    read, held = Asked(), Lately[str, int](3600, 2)
    for one in ("a", "b", "a", "c"):
        await held.get(one, read)
    assert [await held.get(one, read) for one in ("b", "c", "a")] == [2, 3, 4]


async def test_what_was_being_read_while_it_changed_is_not_held() -> None:
    read, held = Asked(), Lately[str, int](3600, 10)
    read.go_on.clear()
    reading = asyncio.create_task(held.get("a", read))
    await all_wait()
    held.forget()
    read.go_on.set()
    assert await reading == 1
    assert await held.get("a", read) == 2


async def test_of_many_who_ask_at_once_one_reads() -> None:
    read, held = Asked(), Lately[str, int](0, 10)  # nothing holds: only the reads themselves are shared
    read.go_on.clear()
    first, hangs_up, last = [asyncio.create_task(held.get("a", read)) for _ in range(3)]
    other = asyncio.create_task(held.get("b", read))
    await all_wait()
    hangs_up.cancel()
    await all_wait()
    read.go_on.set()
    assert (await first, await last, await other) == (1, 1, 2)
    assert await held.get("a", read) == 3


async def test_who_began_to_read_may_hang_up() -> None:
    read, held = Asked(), Lately[str, int](3600, 10)
    read.go_on.clear()
    hangs_up, waits = [asyncio.create_task(held.get("a", read)) for _ in range(2)]
    await all_wait()
    hangs_up.cancel()
    await all_wait()
    read.go_on.set()
    assert (await waits, read.times) == (1, 1)


async def test_who_asks_after_a_change_does_not_join_a_read_from_before() -> None:
    read, held = Asked(), Lately[str, int](3600, 10)
    read.go_on.clear()
    before = asyncio.create_task(held.get("a", read))
    await all_wait()
    held.forget()
    after = asyncio.create_task(held.get("a", read))
    await all_wait()
    read.go_on.set()
    assert (await before, await after, await held.get("a", read)) == (1, 2, 2)


async def test_a_read_that_fails_fails_for_all_and_is_not_held() -> None:
    go_on, held = asyncio.Event(), Lately[str, int](3600, 10)

    async def fail(asked: str) -> int:
        await go_on.wait()
        raise LookupError(asked)

    asking = [asyncio.create_task(held.get("a", fail)) for _ in range(2)]
    await all_wait()
    go_on.set()
    assert [str(one) for one in await asyncio.gather(*asking, return_exceptions=True)] == ["a", "a"]
    assert await held.get("a", Asked()) == 1


async def test_what_cannot_be_noted_is_no_reason_to_refuse_what_was_done() -> None:
    """A delivery that is stored is not answered 503 for it."""
    seldom, tries = Seldom[str](), []

    async def down() -> None:
        tries.append(1)
        raise Unavailable("Neo4j is down")

    for _ in range(2):
        await seldom.note("a", down)
    assert len(tries) == 1
