"""What a fold changed, as rows to write. (rewriting.py: what a replay did.)"""

from collections.abc import Mapping
from dataclasses import replace

from app.domain.identifiers import Identifier
from app.domain.plan import Moved, Plan, StoredEvent
from app.resolve.arrivals import Gone, absorptions, arrival, brought
from app.resolve.working import Working


def changes(working: Working) -> Plan:
    """Everything that changed, each row independent of the others: ids are those that stand after the whole batch."""

    def stood(identifier: Identifier) -> frozenset[str]:
        node = working.at_first.get(identifier)
        return node.holders if node is not None else frozenset()

    held = brought(working.holds, working.absorbed, stood)
    return Plan(
        answers=tuple(working.answers),
        events=tuple(_where_it_is(stored, working.absorbed) for stored in working.events),
        imports=tuple(working.imports),
        identifiers=tuple(working.nodes[identifier] for identifier in working.touched_nodes),
        profiles=tuple(working.profiles[profile_id] for profile_id in working.touched_profiles),
        founded=frozenset(working.founded),
        stillborn=tuple(working.stillborn),
        holds=tuple(held),
        brought=tuple((hold, merge_id) for hold, merge_id in held.items() if merge_id is not None),
        absorptions=absorptions(working.absorbed),
        merges=tuple(working.merges),
        links=tuple(working.waiting.new_links),
        reviews=working.waiting.changed(),
        judgements=tuple(working.judgements),
        intents=tuple(working.intents),
        closed_intents=tuple(working.closed_intents),
        reckoned=tuple(working.reckoned.items()),
        adopted=tuple(
            Moved(key, (end := arrival(working.absorbed, to)).profile_id, False, end.moved_by)
            for key, to in working.adopted.items()
        ),
    )


def _where_it_is(stored: StoredEvent, absorbed: Mapping[str, Gone]) -> StoredEvent:
    if stored.profile_id is None or stored.profile_id not in absorbed:
        return stored
    end = arrival(absorbed, stored.profile_id)
    return replace(stored, profile_id=end.profile_id, moved_by=end.moved_by)
