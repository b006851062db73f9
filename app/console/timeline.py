"""The timeline of a person's page: what its address asks for, and what stands in it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

import orjson

from app.console.charts import months
from app.domain.cursors import cut
from app.domain.errors import BadInput
from app.domain.times import END_OF_TIME
from app.graph.driver import Graph
from app.graph.rows import millis
from app.graph.timeline import EVENT_LIST, Window, activity, timeline

PAGE = 25
LONGEST_VALUE = 300  # characters of a property that the page shows


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the address asks for; empty means all."""

    kind: str = ""
    since: str = ""
    until: str = ""
    place: str = ""

    def address(self, **changed: str) -> str:
        """The query of an address that asks for this."""
        asked = {"type": self.kind, "from": self.since, "to": self.until, "at": self.place, **changed}
        return urlencode({name: value for name, value in asked.items() if value})


def chosen_in(params: Mapping[str, str]) -> Chosen:
    return Chosen(*(params.get(name, "").strip() for name in ("type", "from", "to", "at")))


def window_of(chosen: Chosen) -> Window:
    """Raises BadInput for a date or a place that is none. Days are of UTC, and the last one counts as a whole."""
    since = _midnight(chosen.since, "from") if chosen.since else 0
    until = _midnight(chosen.until, "to", days=1) if chosen.until else END_OF_TIME
    return Window((chosen.kind,) if chosen.kind else (), since, until, EVENT_LIST.begin(chosen.place))


async def read_timeline(graph: Graph, brand: str, profile_id: str, params: Mapping[str, str]) -> dict[str, Any]:
    chosen = chosen_in(params)
    found = await timeline(graph, brand, profile_id, window_of(chosen), PAGE + 1)
    rows = await activity(graph, brand, profile_id)
    kinds: Counter[str] = Counter()
    by_month: Counter[datetime] = Counter()
    for row in rows:
        kinds[row["type"]] += row["events"]
        by_month[row["month"]] += row["events"]
    shown, following = cut(found, PAGE, EVENT_LIST.place)
    return {
        "chosen": chosen,
        "query": chosen.address(),
        "events": [{**event, "told": told(event["properties"])} for event in shown],
        "total": kinds.total(),
        "kinds": sorted(kinds.items()),
        "months": months(by_month),
        "older": chosen.address(at=following) if following else None,
        "newest": chosen.address(at="") if chosen.place else None,
    }


def told(properties: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What an event says, as text; lists and objects as JSON."""
    texts = ((name, value if isinstance(value, str) else orjson.dumps(value).decode()) for name, value in properties.items())
    return [(name, text if len(text) <= LONGEST_VALUE else text[:LONGEST_VALUE] + " ...") for name, text in texts]


def _midnight(text: str, where: str, days: int = 0) -> int:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise BadInput(f"{where}: {text[:40]!r} is no day; write one such as 2024-01-15, or leave it empty") from None
    if date.max - day < timedelta(days=days):
        return END_OF_TIME
    day += timedelta(days=days)
    return max(0, min(millis(datetime.combine(day, time(), UTC)), END_OF_TIME))
