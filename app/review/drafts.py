"""Drafts of a brand's rules: what they say otherwise than the version they are based on; and versions as people read them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from app.domain.errors import Unprocessable
from app.domain.identifiers import TYPES, Identifier
from app.domain.rules import SERVICE, Rules, rules_from
from app.graph.driver import Graph
from app.graph.rows import Row, moment
from app.graph.rulebook import RuleBook
from app.resolve.rules import OPTIONAL, RULES
from app.resolve.sightings import KEPT
from app.review.rule_versions import find_version, rules_of

MOST_AUTO_MERGE = 100
MOST_HELD = 10_000  # the highest limit of values that one person may hold
MOST_SEEN = KEPT - 1  # the highest fan-out: more is not counted
MOST_BLOCKED = 1_000

Numbers = Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class Changes:
    """What a draft says otherwise than `based_on` (None: the version in force). None, and names that are not in a mapping, stay
    as they are; a limit that is None is none."""

    based_on: str | None = None
    max_auto_merge: int | None = None
    limits: Numbers = field(default_factory=dict)
    fan_out: Numbers = field(default_factory=dict)
    blocked: Collection[Identifier] | None = None
    trust: Mapping[str, Sequence[str]] | None = None
    guards: Mapping[str, bool] = field(default_factory=dict)


async def drafted(graph: Graph, book: RuleBook, brand_id: str, changes: Changes) -> tuple[Rules, str]:
    """The rules of a draft, whole, and the version it is based on. Raises NotFound, Unprocessable."""
    based_on = changes.based_on or (await book.now(graph, brand_id)).version
    return changed(await rules_of(graph, book, brand_id, based_on), changes), based_on


def changed(base: Rules, changes: Changes) -> Rules:
    """Raises Unprocessable for names that there are none of."""
    for name, table in (("limits", changes.limits), ("fan_out", changes.fan_out)):
        _known(name, table, TYPES)
    _known("guards", changes.guards, OPTIONAL)
    guards = {**{name: name not in base.off for name in OPTIONAL}, **changes.guards}
    return Rules(
        base.max_auto_merge if changes.max_auto_merge is None else changes.max_auto_merge,
        _merged(base.limits, changes.limits),
        _merged(base.fan_out, changes.fan_out),
        base.blocked if changes.blocked is None else frozenset(changes.blocked),
        base.trust if changes.trust is None else {name: tuple(sources) for name, sources in changes.trust.items()},
        frozenset(name for name, on in guards.items() if not on),
    )


def _known(where: str, names: Iterable[str], there_are: Iterable[str]) -> None:
    strange = sorted(set(names) - set(there_are))
    if strange:
        raise Unprocessable(f"{where}: no {', '.join(one[:40] for one in strange[:5])}; there are {', '.join(there_are)}")


def _merged(base: Mapping[str, int], changes: Numbers) -> dict[str, int]:
    return {name: limit for name, limit in {**base, **changes}.items() if limit is not None}


async def read_version(graph: Graph, book: RuleBook, brand_id: str, version: str) -> Row:
    """One version as people read it, the service's own (`0`) among them. Raises NotFound."""
    if version != SERVICE:
        return version_view(await find_version(graph, brand_id, version))
    in_force = (await book.now(graph, brand_id)).version == SERVICE
    return {
        "version": SERVICE,
        "status": "in_force" if in_force else "retired",
        "based_on": None,
        "note": "The service's own rules, from its settings",
        "created_by": None,
        "created_at": None,
        "in_force_at": None,
        "replaced": None,
        "rules": rules_view(book.service),
    }


def version_view(one: Row) -> Row:
    said = {name: one[name] for name in ("version", "status", "based_on", "note", "created_by", "replaced")}
    times = {name: moment(one[name]) for name in ("created_at", "in_force_at")}
    return {**said, **times, "rules": rules_view(rules_from(one["version"], one["rules"]))}


def rules_view(rules: Rules) -> Row:
    """Every type and every guard by name, so that nothing needs to be guessed from what is missing."""
    return {
        "max_auto_merge": rules.max_auto_merge,
        "limits": {name: rules.limits.get(name) for name in TYPES},
        "fan_out": {name: rules.fan_out.get(name) for name in TYPES},
        "blocked": [{"type": one.type, "value": one.value} for one in sorted(rules.blocked)],
        "trust": {name: list(sources) for name, sources in rules.trust.items()},
        "guards": {rule.__name__: rule.__name__ not in rules.off for rule in RULES},
    }
