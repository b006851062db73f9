"""The way from one to another as a list that people read: whom, by which identifier, in which event, by which rule. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.console.pages import segment
from app.domain.events import Event, ProfileImport
from app.domain.evidence import Decision, Evidence, Sighting
from app.domain.identifiers import TYPES, Identifier, Kind
from app.domain.judgements import SENDER_MERGE, Judgement
from app.domain.profiles import Standing
from app.domain.state import Entry, entry_id
from app.domain.strength import strength
from app.resolve.explain import PairExplained, Step, Tie
from app.resolve.guards import Guard, Node

Fact = tuple[str, str | datetime]


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop on the way. `kind` is what it is drawn as; `facts` are what is known of it, by name."""

    kind: str
    title: str
    facts: tuple[Fact, ...] = ()
    says: str = ""
    page: str = ""  # below the brand's


def way_of(explained: PairExplained, evidence: Evidence, names: Mapping[str, str]) -> list[Stop]:
    """From one to the other: by the merges between two ids of one person, else by the nearest that connects two people."""
    if explained.apart is not None:
        return way_through(explained.apart.nearest, evidence, names)
    stops: list[Stop] = []
    for step in explained.steps:
        left, right = step.between
        stops += [] if stops else [_person(left, evidence, names)]
        stops += [*_ties(step, left), *_decided(step), *_ties(step, right), _person(right, evidence, names)]
    return stops


def way_through(nodes: Iterable[Node], evidence: Evidence, names: Mapping[str, str]) -> list[Stop]:
    return [_stop(node, evidence, names) for node in nodes]


def facts_of(guard: Guard) -> tuple[Fact, ...]:
    return _known(
        [
            ("Guard", guard.name.replace("_", " ")),
            ("Place among the guards", str(guard.place)),
            ("When", guard.at),
            ("Rules", _rules(guard.rule_version)),
            *(_event_facts(guard.event) if guard.event else ()),
        ]
    )


def judged(decision: Decision) -> Stop:
    facts = _known([("By", decision.decided_by), ("Decided", decision.decided_at), ("Judgement", decision.judgement_id)])
    return Stop("guard", "Judged not the same", facts, decision.note or decision.reason)


def piece(entry: Entry) -> Stop:
    """A piece of evidence: an event, an import, or what somebody judged."""
    match entry:
        case Event():
            kind, title, source, at = "events", entry.type, entry.source, entry.occurred_at
        case ProfileImport():
            kind, title, source, at = "events", "profile_import", entry.source, entry.created_at
        case Judgement():
            kind, title, source, at = "merge", f"judged {entry.kind.value}", entry.decided_by, entry.decided_at
    carried = () if isinstance(entry, Judgement) else tuple(("Carried", str(one)) for one in sorted(entry.identifiers))
    return Stop(kind, title, (("Source", source), ("When", at), *carried, ("Id", entry_id(entry))))


def _stop(node: Node, evidence: Evidence, names: Mapping[str, str]) -> Stop:
    match node:
        case Sighting():
            return _event(node)
        case Identifier():
            return _identifier(node, evidence.standings.get(node, Standing.LINKABLE))
        case _:
            return _person(node, evidence, names)


def _person(profile_id: str, evidence: Evidence, names: Mapping[str, str]) -> Stop:
    person = evidence.people.get(profile_id)
    kind = "absorbed" if person is None else "person"
    facts = _known([("Strength", f"{strength(person)} of 100" if person else None), ("Profile id", profile_id)])
    says = "" if person else "Absorbed: another profile answers for it."
    return Stop(kind, names.get(profile_id, profile_id), facts, says, f"profiles/{segment(profile_id)}")


def _identifier(one: Identifier, standing: Standing, tie: Tie | None = None) -> Stop:
    row = TYPES[one.type]
    strong = row.kind is Kind.STRONG
    links = {Standing.SHARED: "none: shared by too many", Standing.BLOCKED: "none: a placeholder"}
    weight = links.get(standing, "names a person" if strong else "anonymous")
    first = next(iter(tie.seen_in), None) if tie else None
    facts = _known(
        [
            ("Type", one.type),
            ("Weight", weight),
            ("One person may have", str(row.limit) if row.limit else None),
            ("Brought there by", f"{first.type} from {first.source}" if first else None),
            ("On", first.occurred_at if first else None),
        ]
    )
    return Stop("identifier" if strong else "anonymous", one.value, facts)


def _event(seen: Sighting) -> Stop:
    return Stop("events", seen.type, _known(_event_facts(seen)))


def _event_facts(seen: Sighting) -> Sequence[tuple[str, str | datetime | None]]:
    return (("Source", seen.source), ("Occurred", seen.occurred_at), ("Event", seen.event_id))


def _ties(step: Step, side: str) -> Iterator[Stop]:
    for tie in step.ties:
        if tie.held_by == side:
            yield _identifier(tie.identifier, Standing.LINKABLE, tie)


def _decided(step: Step) -> Iterator[Stop]:
    act = step.act
    page = f"merges/{segment(act.merge_id)}" if act.merge_id else ""
    why = act.reason.replace("_", " ")
    how = ("Rule" if step.event else "Reason", why), ("Rules", _rules(act.rule_version))
    merged = _known([*how, ("Decided", act.decided_at), ("By", act.decided_by)])
    if step.event is not None:
        yield _event(step.event)
        yield Stop("merge", "Merged by its sender" if act.reason == SENDER_MERGE else "Merged by the rules", merged, page=page)
    elif not act.merge_id:
        yield Stop("merge", "Moved by a replay", (), step.says)
    else:
        if step.guard is not None:
            yield Stop("guard", "The rules had not merged them", facts_of(step.guard), step.guard.reason)
        yield Stop("merge", "Merged by a person", merged, act.note, page)


def _rules(version: str) -> str | None:
    return {"": None, "0": "the service's own"}.get(version, f"version {version}")


def _known(facts: Iterable[tuple[str, str | datetime | None]]) -> tuple[Fact, ...]:
    return tuple((name, value) for name, value in facts if value is not None)
