"""What was carried beside what, and which identifiers that makes shared (semantics, rule 3).

An identifier carried with too many people's strong identifiers stands for no person: a kiosk's cookie, a shop's own
phone number. It is recognised by evidence alone, never by whom it joined: a hub that merges everyone has one profile.
"""

from collections.abc import Iterable, Mapping

from app.domain.blocked import is_blocked
from app.domain.identifiers import STRONG, Identifier
from app.domain.profiles import IdentifierState, Standing
from app.domain.rules import Rules

Nodes = Mapping[Identifier, IdentifierState]

# How many identifiers of each type are remembered beside one: more than any limit, so that a limit is seen passed; and
# bounded, so that a hub's node costs no more than another's. A kiosk remembers so many of its browsers.
KEPT = 20
ERASED = "erased:"  # how what stands for an erased value begins, among what others were seen with


def beside(nodes: Nodes, carried: tuple[Identifier, ...]) -> tuple[IdentifierState, ...]:
    """After-images of those who learn something from an event that carried these (never blocked ones).

    An anonymous identifier also learns whom its anonymous neighbours were carried with, when they meet and later: that is
    how {kiosk, cookie}, {cookie, ann} tells of the kiosk. Neighbours that `nodes` lacks learn nothing (`unread` names them).
    """
    changed: dict[Identifier, IdentifierState] = {}
    anonymous = tuple(one for one in carried if one.type not in STRONG)
    grown: dict[Identifier, tuple[Identifier, ...]] = {}
    for one in carried:
        new = _news(nodes[one], carried)
        if new:
            changed[one] = nodes[one]._replace(seen_with=nodes[one].seen_with.union(new))
            if one.type not in STRONG:
                grown[one] = tuple(other for other in new if other.type in STRONG)
    for one in anonymous:
        seen = changed.get(one, nodes[one]).seen_with
        known = _strong(seen)
        for other in anonymous:
            if other != one and known:  # who meet now tell each other all they know
                _tell(changed.get(other, nodes[other]), known, changed)
        for neighbour in seen if grown.get(one) else ():  # who met before hear what is new
            if neighbour.type not in STRONG and neighbour in nodes:
                _tell(changed.get(neighbour, nodes[neighbour]), grown[one], changed)
    return tuple(changed.values())


def unread(nodes: Nodes, carried: Iterable[Identifier]) -> frozenset[Identifier]:
    """Neighbours who would learn from an event that carries these, who are not among `nodes`, and not erased."""
    carried = tuple(one for one in carried if one in nodes)
    wanted: set[Identifier] = set()
    for one in carried:
        if one.type not in STRONG and any(other.type in STRONG for other in _news(nodes[one], carried)):
            near = (other for other in nodes[one].seen_with if other.type not in STRONG and other not in nodes)
            wanted.update(other for other in near if not other.value.startswith(ERASED))
    return frozenset(wanted)


def fan_out(node: IdentifierState) -> int:
    """With how many values it was carried of the strong type with the most; beside a strong one its own type is not kept.

    Counted no further than KEPT.
    """
    return max(node.strong_beside.values(), default=0)


def standing(node: IdentifierState, rules: Rules) -> Standing:
    """Whether it may link people: what an admin declared, else blocked by the brand's rules, or shared by what was seen."""
    if is_blocked(node.identifier):
        return Standing.BLOCKED
    if node.declared is not None:
        return node.declared
    if node.identifier in rules.blocked:
        return Standing.BLOCKED
    limit = rules.fan_out.get(node.identifier.type)
    return Standing.SHARED if limit is not None and fan_out(node) > limit else Standing.LINKABLE


def with_standing(node: IdentifierState, rules: Rules) -> IdentifierState:
    found = standing(node, rules)
    return node if found is node.standing else node._replace(standing=found)


def _news(node: IdentifierState, carried: tuple[Identifier, ...]) -> tuple[Identifier, ...]:
    """Who of these was not yet seen beside it, while there is room: other types, and of its own when that is anonymous."""
    own = node.identifier
    both = own.type not in STRONG
    new = [one for one in carried if one not in node.seen_with and one != own and (both or one.type != own.type)]
    return _that_fit(node.seen_with, new) if new else ()


def _tell(node: IdentifierState, says: Iterable[Identifier], changed: dict[Identifier, IdentifierState]) -> None:
    new = _that_fit(node.through, [one for one in says if one not in node.through])
    if new:
        changed[node.identifier] = node._replace(through=node.through.union(new))


def _that_fit(kept: frozenset[Identifier], new: list[Identifier]) -> tuple[Identifier, ...]:
    room: dict[str, int] = {}
    fit: list[Identifier] = []
    for one in sorted(new):
        left = room.setdefault(one.type, KEPT - sum(other.type == one.type for other in kept))
        if left > 0:
            fit.append(one)
            room[one.type] = left - 1
    return tuple(fit)


def _strong(identifiers: Iterable[Identifier]) -> tuple[Identifier, ...]:
    return tuple(one for one in identifiers if one.type in STRONG)
