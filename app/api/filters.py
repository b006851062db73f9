"""What people may ask lists for."""

from typing import Annotated, TypeVar

from fastapi import Depends, Request
from fastapi.dependencies.models import Dependant

from app.domain.errors import BadInput
from app.domain.identifiers import ALIASES, TYPES, Identifier
from app.domain.readings import readings

Status = TypeVar("Status", str, str | None)

_TYPED = TYPES.keys() | ALIASES.keys()


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


async def typed_by_name(request: Request) -> list[str]:
    """As `type:value`, the filters that a query string names by a type of identifier."""
    known = taken(request.scope["route"].dependant)
    return [f"{name}:{value}" for name, value in request.query_params.multi_items() if name not in known]


TypedByName = Annotated[list[str], Depends(typed_by_name)]


async def only_known(request: Request) -> None:
    """A filter that is misspelt must not list everybody, nor a moment show today or a job run for now. Raises BadInput."""
    if not request.query_params:
        return
    dependant = request.scope["route"].dependant
    known = taken(dependant)
    by_type = any(one.call is typed_by_name for one in dependant.dependencies)
    strange = sorted(request.query_params.keys() - known - (_TYPED if by_type else frozenset()))
    if not strange:
        return
    there_are = ", ".join(sorted(known)) or "none"
    types = f", and the types of identifiers: {', '.join(TYPES)}" if by_type else ""
    raise BadInput(f"unknown parameter {', '.join(name[:40] for name in strange[:5])}; there are {there_are}{types}")


def taken(dependant: Dependant) -> frozenset[str]:
    """The parameters of a query string that a route takes."""
    own = {one.alias for one in dependant.query_params}
    return frozenset(own.union(*(taken(one) for one in dependant.dependencies)))
