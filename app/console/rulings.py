"""Rules in words: what a version says, and in what two versions differ. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from app.graph.rows import Row

ANY = "any number"
NOBODY = "-"


class Line(NamedTuple):
    name: str
    before: str
    after: str


def in_words(rules: Row) -> dict[str, str]:
    """Everything that a version says (`rules_view`), by what people call it."""
    said = {"Profiles that may become one without a person": str(rules["max_auto_merge"])}
    for kind, limit in rules["limits"].items():
        said[f"{_name(kind)}: values of one person"] = _number(limit)
    for kind, limit in rules["fan_out"].items():
        said[f"{_name(kind)}: seen with, before it is shared"] = _number(limit)
    said["Blocked values"] = ", ".join(f"{one['type']} {one['value']}" for one in rules["blocked"]) or NOBODY
    for name, sources in sorted(rules["trust"].items()):
        said[f"Believed first of {'all other attributes' if name == '*' else name}"] = ", ".join(sources)
    for name, on in rules["guards"].items():
        said[f"Guard: {_name(name)}"] = "on" if on else "off"
    return said


def differing(before: Row, after: Row) -> list[Line]:
    """What `after` says otherwise, in the order in which it says it."""
    was, becomes = in_words(before), in_words(after)
    names = [*becomes, *(name for name in was if name not in becomes)]
    lines = (Line(name, was.get(name, NOBODY), becomes.get(name, NOBODY)) for name in names)
    return [line for line in lines if line.before != line.after]


def _number(limit: int | None) -> str:
    return ANY if limit is None else str(limit)


def _name(name: str) -> str:
    return name.replace("_", " ")


# What a run found, by kind: in a dry run it would come, in any other it came.
KINDS = {
    "merged": "People who become part of another",
    "split": "People who come out of another",
    "created": "New people, whom events named that belonged to nobody",
    "dissolved": "People who vanish, since nothing names them any more",
    "changed": "People who stay who they are, with other identifiers, orders or attributes",
    "review_opened": "Reviews that open",
    "review_changed": "Reviews that change",
    "review_closed": "Reviews that close",
}


class Found(NamedTuple):
    """One kind of difference: how many there are (`number`), and some of them."""

    kind: str
    says: str
    number: int
    examples: Sequence[Mapping[str, Any]]


def found_by(run: Row) -> list[Found]:
    return [
        Found(kind, says, run["differences"][kind], run["examples"].get(kind, ()))
        for kind, says in KINDS.items()
        if run["differences"][kind]
    ]


def people_in(run: Row) -> set[str]:
    """The ids of profiles that a run's examples name."""
    named: set[str] = set()
    for kind, examples in run["examples"].items():
        for one in examples:
            named.update(one["with"] if kind.startswith("review_") else (one["id"], *one["with"]))
    return named


def part_done(run: Row) -> int | None:
    """In percent; None when that cannot be told yet."""
    if run["finished_at"]:
        return 100
    return min(99, 100 * run["looked_at"] // run["total"]) if run["total"] else None
