"""Lists by time, the newest first: where a page begins, and where each entry stands."""

from typing import NamedTuple

from app.domain.cursors import Place, decode_cursor
from app.domain.times import END_OF_TIME
from app.graph.rows import Row, millis


class Newest(NamedTuple):
    """A list, the property that it is ordered by, and the one that names an entry, which orders those of one moment."""

    name: str
    at: str
    named: str

    def begin(self, cursor: str | None) -> Place:
        """Behind which place the page of a cursor begins; None or '' is the first page. Raises BadInput."""
        _, before, after = decode_cursor(cursor or None, (self.name, END_OF_TIME, ""))
        return before, after

    def place(self, entry: Row) -> tuple[str, int, str]:
        """What the cursor of an entry holds."""
        return self.name, millis(entry[self.at]), entry[self.named]
