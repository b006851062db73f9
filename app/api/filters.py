"""What people may ask lists for."""

from collections.abc import Collection, Iterable
from typing import TypeVar

from app.domain.errors import BadInput
from app.domain.identifiers import ALIASES, TYPES, Identifier
from app.domain.readings import readings

Status = TypeVar("Status", str, str | None)


def known_status(given: Status, known: tuple[str, ...]) -> Status:
    """The status asked for, None for all. Raises BadInput when there is no such."""
    if given is not None and given not in known:
        raise BadInput(f"status must be one of {', '.join(known)}, not {given[:40]!r}")
    return given


def typed(text: str, country: str) -> tuple[Identifier, ...]:
    """The readings of a `type:value` filter. Raises BadInput when it has no type, or an unknown one."""
    type_name, colon, value = text.partition(":")
    if not colon:
        raise BadInput("identifier must be type:value, such as identifier=loyalty_id:LOY-789456")
    return readings(type_name.strip(), value, country)


def typed_by_name(asked: Iterable[tuple[str, str]], known: Collection[str]) -> list[str]:
    """As `type:value`, the filters that a query string names by a type of identifier. `known` are the route's parameters.

    Raises BadInput for any other name: a filter that is misspelt must not list everybody.
    """
    others = [(name, value) for name, value in asked if name not in known]
    strange = sorted({name for name, _ in others} - TYPES.keys() - ALIASES.keys())
    if strange:
        raise BadInput(
            f"unknown filter {', '.join(name[:40] for name in strange)}; there are {', '.join(sorted(known))}, and the types of "
            f"identifiers: {', '.join(TYPES)}"
        )
    return [f"{name}:{value}" for name, value in others]
