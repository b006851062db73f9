"""How long streams are kept: the oldest entries leave, a bounded number at a time. Events themselves stay."""

from datetime import datetime

from app.graph.changes import stream_key
from app.graph.driver import Graph
from app.graph.rows import millis
from app.publish.topics import outbox_key

TRIMMED_AT_ONCE = 2_000  # entries one transaction deletes: more than one that places makes, so that a backlog shrinks


async def expire(graph: Graph, brand_id: str, before: datetime) -> int:
    """Deletes the oldest entries of a brand that were stored before a moment: of each stream one bounded step.

    Returns how many; 0 says that there are none left. A job calls it until then.
    """
    events, changes = outbox_key(brand_id), stream_key(brand_id)
    (oldest,) = await graph.read("publish/oldest", brand_id=brand_id, events=events, changes=changes)
    deleted = 0
    for found, name, key in (
        (oldest["events"], "publish/trim", events),
        (oldest["changes"], "publish/changes_trim", changes),
    ):
        if found is not None and found < millis(before):
            (row,) = await graph.change(name, brand_id=brand_id, stream=key, before=millis(before), limit=TRIMMED_AT_ONCE)
            deleted += int(row["deleted"])
    return deleted
