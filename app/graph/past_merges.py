"""Merge history as it stood at a moment."""

from app.domain.past import Past
from app.domain.profiles import Merge
from app.domain.state import entry_id
from app.graph.driver import Graph
from app.graph.past import stored_merges
from app.graph.rows import EPOCH, Row, millis, moment
from app.graph.write_decisions import merge_properties


async def merges_then(graph: Graph, past: Past, currency: str) -> list[Row]:
    """The merges that stood, and those that were undone by then, as rows of merge history, the newest first."""
    brand_id = past.whole.brand_id
    stored = {row["merge_id"]: row for row in await graph.look(lambda tx: stored_merges(tx, brand_id, past.whole.issued))}
    rows = []
    for merge_id in {*past.then.merges, *stored}:
        row = _merge_row(past, stored.get(merge_id), merge_id, currency)
        if row is not None:
            rows.append(row)
    return sorted(rows, key=lambda row: (-row["decided_at"], row["merge_id"]))


def _merge_row(past: Past, stored: Row | None, merge_id: str, currency: str) -> Row | None:
    made = past.then.merges.get(merge_id)
    if made is not None:
        if stored is not None and past.heard.merges.get(merge_id) == made and _is_of(stored, made):
            return {**stored, "undone_at": None, "undone_because": None}
        return _written(made, currency)
    if stored is None or not _was_there(past, stored):
        return None
    if stored["undone_at"] is not None:
        return stored if past.when.knew(moment(stored["undone_at"]) or EPOCH) else None
    # It stands again: what had undone it was taken back since.
    today = past.latest.merges.get(merge_id)
    undone = past.undone(today) if today is not None else None
    return {**stored, "undone_at": millis(undone.decided_at), "undone_because": undone.judgement_id} if undone else None


def _is_of(stored: Row, made: Merge) -> bool:
    """Whether a merge is written as it was made: a replay may have found since that it is of others."""
    return (stored["base_profile_id"], tuple(stored["merged_profile_ids"])) == (made.base_id, made.absorbed_ids)


def _was_there(past: Past, stored: Row) -> bool:
    """Whether those whom it merged were there, and what merged them."""
    by_then = any(entry_id(entry) == stored["because"] for _, entry in past.log)
    return by_then and past.ids() >= {stored["base_profile_id"], *stored["merged_profile_ids"]}


def _written(made: Merge, currency: str) -> Row:
    """A merge that the entries by then make otherwise than all entries do, as it would have been written."""
    row = merge_properties(made, currency, {})
    return {**row, "decided_at": millis(made.decided_at), "undone_at": None, "undone_because": None}
