"""When profiles that one event names may become one. A new merge rule is one function and one line in `RULES`.

The first rule that answers wins, and a person's "no" stands first. A rule's docstring is what people see of it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from app.domain.identifiers import PRIORITY, STRONG, Identifier
from app.domain.profiles import Profile, Tag, clash
from app.domain.rules import Rules
from app.domain.strength import strength


@dataclass(frozen=True, slots=True)
class Encounter:
    """One event's meeting: the profiles it names (best base first), its identifiers nobody holds, all DISTINCT tags in play."""

    members: tuple[Profile, ...]
    fresh: tuple[Identifier, ...]
    tags: frozenset[Tag]


@dataclass(frozen=True, slots=True)
class Objection:
    """Why nothing merges here."""

    rule: str
    reason: str


Rule = Callable[[Encounter, Rules], str | None]


def human_said_no(encounter: Encounter, rules: Rules) -> str | None:
    """A person decided that two of these are not the same."""
    return "Auto-merge blocked: a person decided that two of these are not the same" if clash(encounter.tags) else None


def over_the_limit(encounter: Encounter, rules: Rules) -> str | None:
    """Together they would hold more identifiers of one type than a person may, and than any of them held before."""
    name = _exceeded([member.strong for member in encounter.members], encounter.fresh, rules)
    if name is None:
        return None
    return f"Auto-merge blocked: one person would hold more than {rules.limits[name]} {name}"


def above_the_cap(encounter: Encounter, rules: Rules) -> str | None:
    """More profiles at once than may merge without a person."""
    count = len(encounter.members)
    return cap_reason(count, rules) if count > rules.max_auto_merge else None


def above_the_cumulative_cap(encounter: Encounter, rules: Rules) -> str | None:
    """More strong profiles absorbed since a person last decided than may merge without one."""
    if len(encounter.members) < 2:
        return None
    total = sum(member.cumulative for member in encounter.members) + sum(member.is_strong for member in encounter.members[1:])
    if total <= rules.max_auto_merge:
        return None
    return f"Auto-merge blocked: {total} profiles merged without a person exceed threshold of {rules.max_auto_merge}"


RULES: tuple[Rule, ...] = (human_said_no, over_the_limit, above_the_cap, above_the_cumulative_cap)
# Those that a brand may switch off. A person's "no" always holds.
OPTIONAL = tuple(rule.__name__ for rule in RULES[1:])


def objection(encounter: Encounter, rules: Rules, *, joined: bool = False) -> Objection | None:
    """The first rule that says no, with its reason, or None when these are one person. `joined`: their sender made them one, and
    then only a person here may say no."""
    for rule in RULES:
        off = rule is not human_said_no and (joined or rule.__name__ in rules.off)
        reason = None if off else rule(encounter, rules)
        if reason is not None:
            return Objection(rule.__name__, reason)
    return None


def cap_reason(count: int, rules: Rules) -> str:
    return f"Auto-merge blocked: {count} profiles exceed threshold of {rules.max_auto_merge}"


def base_order(profile: Profile) -> tuple[int, object, str]:
    """Sort key of the base rule: highest strength, then oldest, then smallest id."""
    return -strength(profile), profile.created_at, profile.profile_id


def accepts(profile: Profile, offered: Iterable[Identifier], tags: Iterable[Tag], rules: Rules) -> bool:
    """Whether a profile may take these identifiers, and what is known of them, without a conflict."""
    offered = tuple(offered)
    return not clash((*profile.tags, *tags)) and _exceeded([profile.strong], offered, rules) is None


def together(
    identifiers: Iterable[Identifier],
    tags_of: Callable[[Identifier], frozenset[Tag]],
    own: frozenset[Tag],
    rules: Rules,
) -> tuple[Identifier, ...]:
    """The greedy compatible part of identifiers that nobody holds, in the order given. `own` are the event's tags."""
    kept: list[Identifier] = []
    tags = own
    for candidate in identifiers:
        both = tags | tags_of(candidate)
        if not clash(both) and _exceeded([], (*kept, candidate), rules) is None:
            kept.append(candidate)
            tags = both
    return tuple(kept)


def without_strangers(
    members: tuple[Profile, ...], met_strongly: frozenset[str], carried: Iterable[Identifier], rules: Rules
) -> tuple[Profile, ...]:
    """Leaves out profiles met only through an anonymous identifier whose own limited identifiers contradict the rest.

    Two people at one browser are not a question for an admin: the second simply does not join. DISTINCT plays no part
    here, so that a decision made later changes nothing that was decided before it.
    """
    if len(members) == len(met_strongly):
        return members
    kept = [member for member in members if member.profile_id in met_strongly]
    for stranger in (member for member in members if member.profile_id not in met_strongly):
        if _exceeded([member.strong for member in kept] + [stranger.strong], carried, rules) is None or not stranger.strong:
            kept.append(stranger)
    return tuple(sorted(kept, key=base_order))


def _exceeded(held: list[frozenset[Identifier]], fresh: Iterable[Identifier], rules: Rules) -> str | None:
    """The first limited type whose values, all together, pass its limit and the largest single holder's count."""
    if over_the_limit.__name__ in rules.off:
        return None
    values: dict[str, set[str]] = {}
    largest: dict[str, int] = {}
    for strong in held:
        own: dict[str, int] = {}
        for type_name, value in strong:
            values.setdefault(type_name, set()).add(value)
            own[type_name] = own.get(type_name, 0) + 1
        for type_name, count in own.items():
            largest[type_name] = max(largest.get(type_name, 0), count)
    for type_name, value in fresh:
        if type_name in STRONG:
            values.setdefault(type_name, set()).add(value)
    for type_name in sorted(values, key=PRIORITY.__getitem__):
        all_values = values[type_name]
        limit = rules.limits.get(type_name)
        if limit is not None and len(all_values) > limit and len(all_values) > largest.get(type_name, 0):
            return type_name
    return None
