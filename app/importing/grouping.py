"""Rows that together are one thing: an order and its lines."""

from collections.abc import Callable, Iterator, Sequence

from app.importing.records import BadRow, Place, Reader, Record
from app.sources.reading import JsonObject

MOST_ROWS = 2_000  # of one thing: it is kept until its last row was read


class Grouped:
    """One record for rows that stand behind each other, where each `belongs` to the first; `make` gives their events."""

    def __init__(
        self,
        rows: Reader,
        belongs: Callable[[JsonObject, JsonObject], bool],
        make: Callable[[Sequence[JsonObject]], tuple[JsonObject, ...]],
    ) -> None:
        self._rows, self._belongs, self._make = rows, belongs, make

    @property
    def share(self) -> float:
        return self._rows.share

    def records(self, begin: Place) -> Iterator[Record]:
        held: list[Record] = []
        for record in self._rows.records(begin):
            if held and record.content and len(held) < MOST_ROWS and self._belongs(held[0].content[0], record.content[0]):
                held.append(record)
                continue
            if held:
                yield self._made(held)
            held = [record] if record.content else []
            if not record.content:
                yield record
        if held:
            yield self._made(held)

    def _made(self, held: Sequence[Record]) -> Record:
        first, behind = held[0], held[-1].behind
        try:
            content = self._make([one.content[0] for one in held])
            return Record(first.line, content, content[0], behind)
        except BadRow as error:
            return Record(first.line, (), [one.raw for one in held] if len(held) > 1 else first.raw, behind, error.detail)
