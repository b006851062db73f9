"""Time travel: the same fold over the entries that were there by a moment (`as_of`, `known_at`). Pure."""

from collections.abc import Iterable
from dataclasses import replace

from app.domain.identifiers import Identifier
from app.domain.judgements import Judgement
from app.domain.past import Declared, Moments, Past, Shape, Whole
from app.domain.profiles import Merge, Profile, ReviewStatus, Standing
from app.domain.rules import Rules
from app.domain.state import Anchor, Entry, Placed, entry_id
from app.resolve.arrivals import brought
from app.resolve.fold import in_order, replayed
from app.resolve.resolve import evidence
from app.resolve.rewriting import homes_of, intents_of, with_held
from app.resolve.working import Working

Log = tuple[tuple[int, Entry], ...]


def cut(log: Iterable[tuple[int, Entry]], when: Moments) -> Log:
    """The entries that were there by then, in the order of the log. A judgement that was taken back later still counted."""
    return tuple((clock, _as_it_was(entry, when)) for clock, entry in in_order(log) if when.holds(entry))


def _as_it_was(entry: Entry, when: Moments) -> Entry:
    if isinstance(entry, Judgement) and entry.retracted_at is not None and not when.knew(entry.retracted_at):
        return replace(entry, retracted_at=None)
    return entry


def past(whole: Whole, profile_id: str, when: Moments, rules: Rules, rules_now: Rules) -> Past | None:
    """Who answered for an id then, with all their components; None when nobody did. `rules` are those in force then.

    `whole` holds the whole components of the id, also through identifiers that are shared today and were not by then.
    """
    everything = cut(whole.log, Moments())
    log = cut(everything, when)
    then = _folded(whole, log, when, rules)
    person = then.where(profile_id) or _named_by(then, log, everything, whole.issued.get(profile_id))
    if person is None:
        return None
    now, heard = _others(whole, log, then, when, (rules, rules_now))
    legacy = whole.issued.keys() - _born(now)
    founded = {entry_id(entry) for _, entry in log}
    by_then = {key for key, anchor in whole.issued.items() if anchor.founded_by in founded}
    shape = _shape(then, by_then & legacy, by_then)
    today = shape if now is then else _shape(now, legacy, legacy)
    return Past(when, person, log, shape, shape if heard is then else _shape(heard, (), ()), today, whole)


def _others(whole: Whole, log: Log, then: Working, when: Moments, rules: tuple[Rules, Rules]) -> tuple[Working, Working]:
    """All entries folded, and those that were known by then; the same again where these are the same entries."""
    rules_then, rules_now = rules
    everything, known = cut(whole.log, Moments()), Moments(known_at=when.known_at)
    declared_later = any(one.by(when) != one.by(Moments()) for one in whole.declared)
    same = log == everything and not declared_later and rules_then == rules_now
    now = then if same else _folded(whole, everything, Moments(), rules_now)
    by_then = cut(everything, known)
    if log == by_then:
        return now, then
    return now, now if when.known_at is None else _folded(whole, by_then, known, rules_then)


def _folded(whole: Whole, log: Log, when: Moments, rules: Rules) -> Working:
    declared = {one.identifier: said for one in whole.declared if (said := one.by(when)) is not None}
    # Their evidence lies outside of these components; that it made them shared by then was asked of the graph.
    shared = whole.shared_by_then if when != Moments() else _shared_today(whole.declared)
    pinned = dict.fromkeys(shared - declared.keys(), Standing.SHARED)
    nodes = evidence(whole.brand_id, log, rules, {**pinned, **declared})
    return replayed(whole.brand_id, log, nodes, whole.issued, rules).working


def _shared_today(declared: Iterable[Declared]) -> frozenset[Identifier]:
    return frozenset(one.identifier for one in declared if one.standing is Standing.SHARED)


def _named_by(then: Working, log: Log, everything: Log, anchor: Anchor | None) -> str | None:
    """Who held then what the founder of an id was the first to carry, though it came later (in time) than the moment.

    A history that is brought in late names people before the event by which we met them: they are there, under another id.
    """
    if anchor is None:
        return None
    carried: set[Identifier] = set()
    for _, entry in everything:
        own = frozenset() if isinstance(entry, Judgement) else frozenset(entry.identifiers)
        if entry_id(entry) == anchor.founded_by:
            taken = (own if anchor.founded_on is None else own & {anchor.founded_on}) - carried
            people = {holder for one in taken if one in then.nodes for holder in then.holders(one)}
            return min(people) if len(people) == 1 else None
        carried |= own
    return None


def _born(working: Working) -> frozenset[str]:
    return frozenset(working.profiles) | working.absorbed.keys()


def _shape(working: Working, legacy: Iterable[str], issued: Iterable[str]) -> Shape:
    """`legacy` are ids that a history before the last replay issued and that this one does not; `issued` are all that there
    may have been, which somebody may answer for: one that lives again today was led elsewhere by then."""
    merged = {profile_id: Placed(gone.into, gone.merge_id) for profile_id, gone in working.absorbed.items()}
    led = {key: working.where(key) for key in issued if key not in working.profiles and key not in merged}
    return Shape(
        profiles=working.profiles,
        identifiers={key: node._replace(holders=working.holders(key)) for key, node in working.nodes.items()},
        holds=brought(working.holds, working.absorbed),
        homes=homes_of(working),
        answers={stored.event.event_id: stored.answer for stored in working.events},
        places={**merged, **{key: Placed(led[key], None) for key in legacy if key in led}},
        led=led,
        absorbed={one.profile_id: _unplaced(one) for merge in working.merges for one in merge.before if one.profile_id in merged},
        merges={merge.merge_id: _told(working, merge) for merge in working.merges},
        reviews={key: review for key, review in working.waiting.reviews.items() if review.status is ReviewStatus.PENDING},
        intents=intents_of(working),
        orders=working.orders,
    )


def _told(working: Working, merge: Merge) -> Merge:
    """A merge without what a fold keeps for itself, so that two folds that agree on it say so."""
    return replace(with_held(working, merge), before=tuple(_unplaced(one) for one in merge.before), after=_unplaced(merge.after))


def _unplaced(profile: Profile) -> Profile:
    return profile._replace(clock=0, tags=frozenset())
