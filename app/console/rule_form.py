"""The form of a draft: a version's rules as fields, and fields as what is changed. Pure."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from app.console.forms import Form
from app.domain.errors import BadInput
from app.domain.identifiers import TYPES, Identifier
from app.domain.readings import meant, readings
from app.graph.rows import Row
from app.resolve.rules import OPTIONAL
from app.review.drafts import MOST_AUTO_MERGE, MOST_BLOCKED, MOST_HELD, MOST_SEEN, Changes

LONGEST_LIST = 40_000  # characters
ON = "on"

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as it was sent: what stands in its fields, and what is wrong with each; `changes` when nothing is."""

    fields: Mapping[str, str]
    errors: Mapping[str, str] = field(default_factory=dict)
    changes: Changes | None = None


def fields_of(rules: Row) -> dict[str, str]:
    """The fields of a form that says what a version (`rules_view`) says."""
    return {
        "max_auto_merge": str(rules["max_auto_merge"]),
        **{f"limit.{kind}": _text(limit) for kind, limit in rules["limits"].items()},
        **{f"fan_out.{kind}": _text(limit) for kind, limit in rules["fan_out"].items()},
        "blocked": "\n".join(f"{one['type']} {one['value']}" for one in rules["blocked"]),
        "trust": "\n".join(f"{name}: {', '.join(sources)}" for name, sources in sorted(rules["trust"].items())),
        **{f"guard.{name}": ON if rules["guards"][name] else "" for name in OPTIONAL},
    }


def _text(limit: int | None) -> str:
    return "" if limit is None else str(limit)


def filled(form: Form, based_on: str, known: Collection[Identifier], country: str) -> Filled:
    """`known` are identifiers that a value means rather than others; `country` (ISO 3166) reads phone numbers that are written
    without theirs."""
    fields = {name: form.text(name, 20) for name in _small()}
    fields |= {name: form.text(name, LONGEST_LIST) for name in ("blocked", "trust")}
    errors: dict[str, str] = {}

    none: list[Identifier] = []
    nobody: dict[str, list[str]] = {}

    def read(name: str, reading: Callable[[str], Read], otherwise: Read) -> Read:
        try:
            return reading(fields[name])
        except BadInput as error:
            errors[name] = error.detail
            return otherwise

    changes = Changes(
        based_on,
        read("max_auto_merge", lambda text: _number(text, MOST_AUTO_MERGE), 1),
        {kind: read(f"limit.{kind}", lambda text: _limit(text, MOST_HELD), None) for kind in TYPES},
        {kind: read(f"fan_out.{kind}", lambda text: _limit(text, MOST_SEEN), None) for kind in TYPES},
        read("blocked", lambda text: _blocked(text, known, country), none),
        read("trust", _trust, nobody),
        {name: fields[f"guard.{name}"] == ON for name in OPTIONAL},
    )
    return Filled(fields, errors, None if errors else changes)


def _small() -> Iterator[str]:
    yield "max_auto_merge"
    yield from (f"{table}.{kind}" for table in ("limit", "fan_out") for kind in TYPES)
    yield from (f"guard.{name}" for name in OPTIONAL)


def _number(text: str, most: int) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= most):
        raise BadInput(f"{text!r} is no number from 1 to {most:,}")
    return int(text)


def _limit(text: str, most: int) -> int | None:
    if not text:
        return None
    try:
        return _number(text, most)
    except BadInput as error:
        raise BadInput(f"{error.detail}; leave it empty for any number") from None


def _blocked(text: str, known: Collection[Identifier], country: str) -> list[Identifier]:
    lines = _lines(text)
    if len(lines) > MOST_BLOCKED:
        raise BadInput(f"{len(lines):,} values are more than {MOST_BLOCKED:,}")
    return [_identifier(at, line, known, country) for at, line in lines]


def may_be_blocked(form: Form, country: str) -> Iterator[Identifier]:
    """Whatever the lines of a form may mean, before anything is known of it."""
    for _, line in _lines(form.text("blocked", LONGEST_LIST)):
        kind, _, value = line.partition(" ")
        yield from readings(kind, value.strip(), country) if kind in TYPES else ()


def _identifier(at: int, line: str, known: Collection[Identifier], country: str) -> Identifier:
    kind, _, written = line.partition(" ")
    value = written.strip()
    if kind not in TYPES:
        raise BadInput(f"line {at}: {kind[:40]!r} is no type; begin with one of {', '.join(TYPES)}")
    found = readings(kind, value, country)
    if not found:
        raise BadInput(f"line {at}: {value[:80]!r} can be nobody's {kind}")
    return meant(found, value, known)


def _trust(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for at, line in _lines(text):
        name, _, rest = line.partition(":")
        sources = [source.strip() for source in rest.split(",") if source.strip()]
        if not name.strip() or not sources:
            raise BadInput(f"line {at}: write an attribute and who is believed first, such as 'city: shopify, pos'")
        found[name.strip()] = sources
    return found


def _lines(text: str) -> list[tuple[int, str]]:
    return [(at, line.strip()) for at, line in enumerate(text.splitlines(), 1) if line.strip()]
