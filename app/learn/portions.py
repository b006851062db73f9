"""Work on a whole brand at the pace that the graph bears. A person who is too much alone is set aside with a reason, and the
others go on."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from app.domain.errors import ConstIntelError, Unavailable
from app.graph.driver import Graph
from app.graph.pace import TOO_MUCH, Pace

T = TypeVar("T")

SHOWN = 20  # of those who were set aside, with their reasons; their number counts all


class Portions:
    """Hands work out in portions of at most `most`, and keeps who was too much alone."""

    def __init__(self, graph: Graph, most: int) -> None:
        self._graph = graph
        self._pace = Pace(most, most)
        self._aside: list[tuple[str, str]] = []

    async def each(self, items: Sequence[T], work: Callable[[Sequence[T]], Awaitable[int]], name: Callable[[T], str]) -> int:
        """The sum of what `work` gives for every portion. It may see an item again whose portion was too much.

        Raises what `work` raises when the graph answers nobody, which is no fault of an item.
        """
        done, at = 0, 0
        while at < len(items):
            portion = items[at : at + self._pace.size]
            try:
                done += await work(portion)
            except TOO_MUCH as error:
                if len(portion) > 1:
                    self._pace = self._pace.slower(len(portion))
                    continue
                await self._blamed(name(portion[0]), error)
            else:
                self._pace = self._pace.faster()
            at += len(portion)
        return done

    @property
    def set_aside(self) -> dict[str, object]:
        """For a job's result: how many were too much alone, and of the first of them who and why."""
        shown = [{"profile_id": profile_id, "reason": reason} for profile_id, reason in self._aside[:SHOWN]]
        return {"set_aside": len(self._aside), "set_aside_first": shown}

    async def _blamed(self, profile_id: str, error: ConstIntelError) -> None:
        """Sets somebody aside, unless the graph answers nobody: then the fault is not theirs."""
        if isinstance(error, Unavailable):
            try:
                await self._graph.read("read/ready")
            except Unavailable:
                raise error from None
        self._aside.append((profile_id, error.detail))
