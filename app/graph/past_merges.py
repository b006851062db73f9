"""Merge history as it stood at a moment."""

from datetime import datetime

from app.domain.past import Past
from app.domain.profiles import Merge
from app.domain.state import entry_id
from app.graph.driver import Graph
from app.graph.past import stored_merges
from app.graph.rows import Row, millis, moment
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
        if stored is not None and past.heard.merges.get(merge_id) == made and _is_of(stored, made) and _is_told(past, stored):
            return {**stored, "undone_at": None, "undone_because": None}
        return _written(made, currency)
    if stored is None or not _was_there(past, stored):
        return None
    by_then = [(at, because) for at, because in _stood(stored) if past.when.knew(at)]
    if not by_then:
        return None
    at, because = by_then[-1]
    if because:
        return {**stored, "undone_at": millis(at), "undone_because": because}
    # It was undone before such times were kept, and what had undone it was taken back since.
    today = past.latest.merges.get(merge_id)
    undone = past.undone(today) if today is not None else None
    return {**stored, "undone_at": millis(undone.decided_at), "undone_because": undone.judgement_id} if undone else None


def _stood(stored: Row) -> list[tuple[datetime, str]]:
    """Since when a merge stood (because of nothing), and since when and because of what no more; the first first."""
    if stored["stood"]:
        told = (one.split("|", 1) for one in stored["stood"])
        return [(moment(int(at)), because) for at, because in told]
    undone = [(moment(stored["undone_at"]), stored["undone_because"] or "")] if stored["undone_at"] is not None else []
    return [(moment(stored["decided_at"]), ""), *undone]


def _is_told(past: Past, stored: Row) -> bool:
    """Whether a merge was written by then as it is now: a replay may have written its snapshots anew since."""
    return past.when.knew(max(at for at, because in _stood(stored) if not because))


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
