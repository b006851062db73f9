"""Why ids are, or are not, one person."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from app.api.paging import Brand, answer
from app.api.profiles import no_profile
from app.domain.brands import brand_of
from app.domain.events import Event, ProfileImport
from app.domain.evidence import Decision, Evidence, Sighting, Waiting
from app.domain.identifiers import Identifier
from app.domain.judgements import Judgement
from app.domain.state import Entry, entry_id
from app.graph.driver import Graph
from app.graph.evidence import evidence_of_person
from app.graph.rulebook import RuleBook
from app.resolve.cut import Cut
from app.resolve.explain import Apart, Belonging, PairExplained, Step, explain_person
from app.resolve.guards import Guard, Node
from app.review.explanation import why_pair

Shown = dict[str, Any]


def explain_router(graph: Graph, book: RuleBook) -> APIRouter:
    router = APIRouter(tags=["profiles"])

    @router.get("/api/profiles/{profile_id}/explain", summary="Why two ids are, or are not, one person")
    async def explain(
        profile_id: str,
        x_brand_id: Brand = None,
        other: Annotated[str | None, Query(alias="with", max_length=512, description="The other id, absorbed or not.")] = None,
    ) -> Response:
        """With `with`: the merges between the two ids, each with its event or decision, the rule and its version; or what keeps
        them apart, and the guard that stopped a merge.

        Two ids of one person have a `cut`: a minimal set of evidence (events, imports, what people judged the same) without which
        they would be two. Nothing is removed; a split or the undo of a merge is what separates them. `checked` says how the set
        was tried: `all_smaller` (no part of it is enough), `each_alone` (none of it can be spared), `as_a_whole` (it is enough).
        `cut` is null, with its `reason`, where no removal separates them or more than 10,000 entries hang together.

        Without: why each identifier and each absorbed id belongs to this person.
        """
        brand_id = brand_of(x_brand_id)
        if other is None:
            read = await evidence_of_person(graph, brand_id, profile_id)
            if read is None:
                raise await no_profile(graph, brand_id, profile_id)
            return answer(_person_view(*read, profile_id))
        told = await why_pair(graph, book, brand_id, profile_id, other)
        return answer({"profile_id": profile_id, "with": other, **_pair_view(told.explained, told.evidence)})

    return router


def _person_view(profile_id: str, evidence: Evidence, asked: str) -> Shown:
    explained = explain_person(evidence, profile_id)
    return {
        "profile_id": profile_id,
        **({"merged_from": asked} if asked != profile_id else {}),
        "identifiers": [_belonging_view(one) for one in explained.identifiers],
        "absorbed": [{"profile_id": step.act.gone, **_step_view(step)} for step in explained.absorbed],
        "truncated": evidence.truncated,
    }


def _pair_view(explained: PairExplained, evidence: Evidence) -> Shown:
    return {
        "one_person": explained.one_person,
        "says": explained.says,
        "steps": [_step_view(step) for step in explained.steps],
        "apart": explained.apart and _apart_view(explained.apart, evidence),
        "would_join": explained.would_join,
        "would_separate": explained.would_separate,
        "separation": explained.cut and _cut_view(explained.cut),
    }


def _cut_view(cut: Cut) -> Shown:
    return {
        "cut": [_entry_view(entry) for entry in cut.entries] or None,
        "checked": cut.checked or None,
        "reason": cut.reason or None,
    }


def _entry_view(entry: Entry) -> Shown:
    """A piece of evidence: `id` is the event's, the imported profile's or the judgement's."""
    match entry:
        case Event():
            said = {"kind": "event", "type": entry.type, "source": entry.source, "at": entry.occurred_at}
        case ProfileImport():
            said = {"kind": "import", "type": "profile_import", "source": entry.source, "at": entry.created_at}
        case Judgement():
            said = {"kind": "judgement", "type": entry.kind.value, "source": entry.decided_by, "at": entry.decided_at}
    carried = entry.identifiers if isinstance(entry, Event | ProfileImport) else ()
    return {**said, "id": entry_id(entry), "identifiers": [_identifier_view(one) for one in sorted(carried)]}


def _step_view(step: Step) -> Shown:
    act = step.act
    return {
        "between": step.between,
        "says": step.says,
        "merge_id": act.merge_id or None,
        "base_profile_id": act.into,
        "merged_profile_id": act.gone,
        "rule": act.reason if step.event else None,
        "rule_version": act.rule_version or None,
        "source": step.event.source if step.event else act.decided_by,
        "reason": act.reason,
        "decided_by": act.decided_by,
        "decided_at": act.decided_at,
        "note": act.note,
        "event": step.event and _event_view(step.event),
        "ties": [
            {**_identifier_view(tie.identifier), "held_by": tie.held_by, "seen_in": [_event_view(one) for one in tie.seen_in]}
            for tie in step.ties
        ],
        "judgement": step.decision and _decision_view(step.decision),
        "review": step.review and _review_view(step.review),
        "guard": step.guard and _guard_view(step.guard),
        "events": [_event_view(one) for one in step.cited],
    }


def _apart_view(apart: Apart, evidence: Evidence) -> Shown:
    return {
        "judgements": [_decision_view(one) for one in apart.decisions],
        "reviews": [_review_view(one) for one in apart.reviews],
        "events": [_event_view(one) for one in apart.cited],
        "nearest": [_node_view(node, evidence) for node in apart.nearest],
        "objection": apart.objection and {"rule": apart.objection.rule, "reason": apart.objection.reason},
        "guard": apart.guard and _guard_view(apart.guard),
    }


def _guard_view(guard: Guard) -> Shown:
    return {
        "place": guard.place,
        "guard": guard.name,
        "reason": guard.reason,
        "rule_version": guard.rule_version or None,
        "at": guard.at,
        "event": guard.event and _event_view(guard.event),
    }


def _node_view(node: Node, evidence: Evidence) -> Shown:
    match node:
        case Sighting():
            return {"event": _event_view(node)}
        case Identifier():
            return {"identifier": {**_identifier_view(node), "standing": evidence.standings[node].value}}
        case _:
            return {"profile_id": node}


def _belonging_view(one: Belonging) -> Shown:
    return {**_identifier_view(one.identifier), "says": one.says, "events": [_event_view(seen) for seen in one.seen_in]}


def _identifier_view(identifier: Identifier) -> Shown:
    return {"type": identifier.type, "value": identifier.value}


def _event_view(seen: Sighting) -> Shown:
    return {
        "event_id": seen.event_id,
        "source": seen.source,
        "type": seen.type,
        "occurred_at": seen.occurred_at,
        "profile_id": seen.profile_id,
        "identifiers": [_identifier_view(one) for one in sorted(seen.identifiers)],
    }


def _decision_view(one: Decision) -> Shown:
    return {
        "judgement_id": one.judgement_id,
        "kind": one.kind,
        "decided_by": one.decided_by,
        "decided_at": one.decided_at,
        "note": one.note,
        "review_id": one.review_id,
    }


def _review_view(one: Waiting) -> Shown:
    return {
        "review_id": one.review_id,
        "status": one.status,
        "reason": one.reason,
        "rules": sorted({link.rule for link in one.links}),
    }
